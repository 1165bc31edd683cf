import json
import threading
import time

import pytest

from tests.far import Far
from tests.running import environment
from texcore.contract.file_locks import Held, hold
from texcore.contract.leftovers import is_alive
from texcore.link.setting_up import LOST, set_up

# In the place of the set-up program, whose own tests are elsewhere: how far it is, and its end.
PROGRAM = """
import json, pathlib, sys
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
place = pathlib.Path(words["--folder"])
needs = pathlib.Path(words["--requirements"]).read_text().split()
python = {"python": sys.executable, "complete": True, "requirements": needs}
(place / "engine.json").write_text(json.dumps(python))
end = {"status": "done", "fraction": 1.0, "message": "The engine is ready.", "pid": 7}
(place / "setup.log").write_text("all is well")
(place / "setup.json").write_text(json.dumps(end))
"""
# One that works on until it is to stop, as the real one does.
LONG = """
import fcntl, json, os, pathlib, sys, time
place = pathlib.Path(sys.argv[sys.argv.index("--folder") + 1])
lock = (place / "setup.lock").open("ab")
fcntl.flock(lock, fcntl.LOCK_EX)
(place / "program").write_text(str(os.getpid()))
(place / "setup.json").write_text(json.dumps({"status": "running", "fraction": 0.5}))
while not (place / "setup.cancel").exists():
    time.sleep(0.01)
"""


def bring(tmp_path, program=PROGRAM):
    package = tmp_path / "engine_setup"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(program)
    (tmp_path / "requirements.txt").write_text("torch\n")
    return {"engine_setup": package, "requirements.txt": tmp_path / "requirements.txt"}


@pytest.fixture
def place(tmp_path):
    return tmp_path / "place"


@pytest.fixture
def reaching(tmp_path, monkeypatch):
    """Have another computer be the one that is reached."""

    def reach(far):
        for name, value in {**environment(tmp_path / "home"), **far.variables}.items():
            monkeypatch.setenv(name, value)
        return far

    return reach


def said(place):
    return json.loads((place / "setup.json").read_text())


def there(far):
    """Where it is set up on the other side."""
    return far.home / ".local/share/texcore/remote/engine"


def test_the_program_runs_there_and_its_state_and_log_come_here(tmp_path, place, reaching):
    far = reaching(Far(tmp_path, engine=""))
    assert set_up("studio", bring(tmp_path), place) == 0
    assert said(place)["status"] == "done" and said(place)["host"] == "studio"
    assert "pid" not in said(place)
    assert (place / "setup.log").read_text() == "all is well"
    assert json.loads((there(far) / "engine.json").read_text())["requirements"] == ["torch"]
    with far.reach(tmp_path / "near") as engine:
        answer = engine.greet()
        assert "There is no engine" not in str(answer)


def test_a_connection_that_fails_and_a_cancel_are_told_in_the_state(tmp_path, place, reaching):
    reaching(Far(tmp_path, "echo 'Permission denied (publickey).' >&2; exit 255"))
    assert set_up("studio", bring(tmp_path), place) == 1
    assert said(place)["status"] == "failed" and "run “ssh studio” once" in said(place)["message"]
    (place / "setup.cancel").touch()
    assert set_up("studio", bring(tmp_path), place) == 130
    assert said(place)["status"] == "cancelled" and not (place / "setup.cancel").exists()


def test_a_program_that_dies_there_is_said_to_have(tmp_path, place, reaching):
    reaching(Far(tmp_path, engine=""))
    assert set_up("studio", bring(tmp_path, "raise SystemExit(7)"), place) == 1
    assert "on studio ended unexpectedly (exit code 7)" in said(place)["message"]


@pytest.fixture
def at_work(tmp_path, place, reaching):
    """A set-up in the midst of its work, and where its end will be."""
    far = reaching(Far(tmp_path, engine=""))
    ended = []
    thread = threading.Thread(
        target=lambda: ended.append(set_up("studio", bring(tmp_path, LONG), place))
    )
    thread.start()
    try:
        until(lambda: (place / "setup.json").exists() and said(place)["fraction"] == 0.5)
        yield far, lambda: (thread.join(), ended[0])[1]
    finally:
        (place / "setup.cancel").touch()
        thread.join()


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_set_up_is_held_here_and_stopped_there(place, at_work):
    far, end = at_work
    with pytest.raises(Held), hold(place / "setup.lock"):
        pass
    program = int((there(far) / "program").read_text())
    (place / "setup.cancel").touch()
    assert end() == 130
    assert said(place)["status"] == "cancelled"
    until(lambda: not is_alive(program))


def test_a_set_up_whose_connection_was_lost_ends_and_another_waits_for_that(
    tmp_path, place, at_work
):
    far, end = at_work
    program = int((there(far) / "program").read_text())
    far.cut()
    assert end() == 1
    assert said(place)["message"] == LOST
    assert set_up("studio", bring(tmp_path), place) == 0
    assert not is_alive(program)
