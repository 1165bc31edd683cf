from types import SimpleNamespace

import pytest

from tests import conftest
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
TESTS = [
    "tests of engine, tools, faults and windows",
    "tests in Blender",
    "ticks in Blender's window",
]


def folders(check):
    return [word for word in check.command if str(word).startswith("tests")]


def files(path):
    """All files of tests in a folder, or the one that it is."""
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]


def test_everything_is_checked_and_every_folder_of_tests_is_run_once(ran):
    checks.test([], in_a_window=True)
    assert ran.names == SOURCES + TESTS
    run = [file for check in ran[5:] for word in folders(check) for file in files(ROOT / word)]
    assert sorted(run) == files(ROOT / "tests")
    assert all(check.env["TEXCORE_BPY"] == "True" for check in ran[5:])


def test_quick_needs_no_blender_and_leaves_out_slow_tests(ran, monkeypatch):
    monkeypatch.delattr(checks, "_blenders")
    checks.test([], quick=True)
    assert ran.names == [*SOURCES, "quick tests of engine and tools"]
    assert folders(ran[-1]) == ["tests/texcore", "tests/tools"]
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


def test_what_takes_long_begins_first_where_several_processes_share_the_tests():
    def item(name, place=0):
        return SimpleNamespace(path=ROOT / "tests" / name, place=place)

    assert all(item(name).path.is_file() for name in conftest.LONG)
    few, many, long = "tools/test_a.py", "tools/test_b.py", conftest.LONG[1]
    given = [item(few), item(many), item(many, 1), item(long), item(conftest.LONG[0])]
    alone, shared = list(given), list(given)
    conftest.pytest_collection_modifyitems(SimpleNamespace(), alone)
    assert alone == given
    conftest.pytest_collection_modifyitems(SimpleNamespace(workerinput={}), shared)
    names = [(one.path.relative_to(ROOT / "tests").as_posix(), one.place) for one in shared]
    assert names == [(conftest.LONG[0], 0), (long, 0), (many, 0), (many, 1), (few, 0)]
