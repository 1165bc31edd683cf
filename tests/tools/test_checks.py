import pytest

from tools import checks
from tools.console import Failure
from tools.project import ROOT


@pytest.fixture
def ran(monkeypatch, tmp_path):
    """The checks that were run, of which none runs really; those in ``ran.failing`` fail."""

    class Ran(list):
        failing = ()

        @property
        def names(self):
            return [check.name for check in self]

        def passes(self, check):
            self.append(check)
            return check.name not in self.failing

    ran = Ran()
    monkeypatch.setattr(checks.engine, "set_up", lambda: tmp_path / "engine" / "python")
    monkeypatch.setattr(checks, "_test_environment", lambda python: tmp_path / "python")
    monkeypatch.setattr(checks, "_blenders", lambda python, window: {"TEXCORE_BPY": str(window)})
    monkeypatch.setattr(checks, "make_stage", lambda: tmp_path)
    monkeypatch.setattr(checks, "_passes", ran.passes)
    return ran


SOURCES = ["format", "lint", "contracts", "types", "types of the extension"]
TESTS = ["tests of engine and tools", "tests in Blender", "tests of faults and windows"]


def folders(check):
    return [word for word in check.command if str(word).startswith("tests")]


def test_everything_is_checked_and_every_folder_of_tests_is_run_once(ran):
    checks.test([], in_a_window=True)
    assert ran.names == SOURCES + TESTS
    there = {
        path.relative_to(ROOT / "tests").parts[0] for path in ROOT.glob("tests/*/**/test_*.py")
    }
    assert sorted(word for check in ran[5:] for word in folders(check)) == sorted(
        f"tests/{name}" for name in there
    )
    assert all(check.env["TEXCORE_BPY"] == "True" for check in ran[5:])


def test_quick_needs_no_blender_and_leaves_out_slow_tests(ran, monkeypatch):
    monkeypatch.delattr(checks, "_blenders")
    checks.test([], quick=True)
    assert ran.names == SOURCES + TESTS[:1]
    assert "not slow" in ran[-1].command


@pytest.mark.parametrize("quick", [True, False])
def test_words_are_for_pytest_and_nothing_else_is_run(ran, quick):
    checks.test(["tests/tools", "-k", "one"], quick=quick)
    assert ran.names == ["tests"]
    assert ran[0].command[-3:] == ("tests/tools", "-k", "one")
    assert ("TEXCORE_BPY" in ran[0].env) == (not quick)


def test_what_fails_is_named_and_the_others_are_run(ran):
    ran.failing = ("lint", TESTS[0])
    with pytest.raises(Failure, match=f"Not passed: lint, {TESTS[0]}"):
        checks.test([])
    assert ran.names == SOURCES + TESTS
