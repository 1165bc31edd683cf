import json

from tests.far import Far
from tests.running import environment
from texcore.link.setting_up import set_up

# In the place of the set-up program, whose own tests are elsewhere: how far it is, and its end.
PROGRAM = """
import json, pathlib, sys
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
place = pathlib.Path(words["--folder"])
needs = pathlib.Path(words["--requirements"]).read_text().split()
python = {"python": sys.executable, "complete": True, "requirements": needs}
(place / "engine.json").write_text(json.dumps(python))
end = {"status": "done", "fraction": 1.0, "message": "The engine is ready.", "pid": 7}
(place / "setup.json").write_text(json.dumps(end))
"""


def bring(tmp_path):
    package = tmp_path / "engine_setup"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PROGRAM)
    (tmp_path / "requirements.txt").write_text("torch\n")
    return {"engine_setup": package, "requirements.txt": tmp_path / "requirements.txt"}


def test_the_program_runs_there_and_its_state_comes_here(tmp_path, monkeypatch):
    far = Far(tmp_path, has_engine=False)
    for name, value in {**environment(tmp_path / "home"), **far.variables}.items():
        monkeypatch.setenv(name, value)
    state = tmp_path / "setup.json"
    assert set_up("studio", bring(tmp_path), state, tmp_path / "setup.cancel") == 0
    said = json.loads(state.read_text())
    assert said["status"] == "done" and "pid" not in said
    record = far.home / ".local/share/texcore/remote/engine/engine.json"
    assert json.loads(record.read_text())["requirements"] == ["torch"]
    with far.reach(tmp_path / "near") as engine:
        answer = engine.greet()
        assert "There is no engine" not in str(answer)


def test_a_connection_that_fails_and_a_cancel_are_told_in_the_state(tmp_path, monkeypatch):
    far = Far(tmp_path, "echo 'Permission denied (publickey).' >&2; exit 255")
    monkeypatch.setenv("TEXCORE_SSH", far.variables["TEXCORE_SSH"])
    state, cancel = tmp_path / "setup.json", tmp_path / "setup.cancel"
    brought = bring(tmp_path)
    assert set_up("studio", brought, state, cancel) == 1
    said = json.loads(state.read_text())
    assert said["status"] == "failed" and "run “ssh studio” once" in said["message"]
    cancel.touch()
    assert set_up("studio", brought, state, cancel) == 130
    assert json.loads(state.read_text())["status"] == "cancelled" and not cancel.exists()
