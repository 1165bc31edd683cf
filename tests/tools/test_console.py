import sys

import pytest

from tools import console
from tools.console import Failure, run, run_showing


def test_output_is_returned():
    assert run([sys.executable, "-c", "print('é')"], doing="printing").strip() == "é"


def test_failure_quotes_the_last_lines():
    code = "import sys; print('\\n'.join(map(str, range(100)))); sys.exit('no space left')"
    with pytest.raises(Failure) as caught:
        run([sys.executable, "-c", code], doing="writing")
    lines = str(caught.value).splitlines()
    assert lines[0] == "Failed while writing (exit status 1). It said:"
    assert lines[-1].endswith("no space left")
    assert len(lines) == console.TAIL + 1


def test_missing_program_is_named(tmp_path):
    for runner in (run, run_showing):
        with pytest.raises(Failure, match="nowhere"):
            runner([tmp_path / "nowhere"], doing="trying")


def test_time_limit():
    with pytest.raises(Failure, match=r"While waiting: no end after 0\.2 s"):
        run(
            [sys.executable, "-c", "input_ = __import__('time').sleep(60)"],
            doing="waiting",
            timeout=0.2,
        )


def test_only_marked_lines_are_shown(capsys):
    code = "print('noise'); print('demo: step one')"
    run_showing([sys.executable, "-c", code], doing="trying", marker="demo: ")
    assert capsys.readouterr().out == "step one\n"


def test_unmarked_lines_explain_a_failure(capsys):
    with pytest.raises(Failure, match="the reason"):
        run_showing([sys.executable, "-c", "exit('the reason')"], doing="trying", marker="demo: ")
    assert capsys.readouterr().out == ""


def test_another_pythons_paths_are_not_passed_on(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert "PYTHONPATH" not in console.environment()
    assert console.environment({"PYTHONPATH": "wanted"})["PYTHONPATH"] == "wanted"
