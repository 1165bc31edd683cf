"""The folder of an engine: whose it is, who holds it, and what is read there."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.set_up_program import place
from tests.setting_up import ADDON


def tell_files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.own"))


class TestOwnFolder:
    @pytest.mark.parametrize("mark", [None, "engine.json", "setup.lock"])
    def test_an_empty_folder_and_the_engines_own_are_taken_as_they_are(self, tmp_path, mark):
        if mark:
            (tmp_path / mark).touch()
            (tmp_path / "e").mkdir()
        assert place.find_own(tmp_path) == tmp_path

    @pytest.mark.parametrize("name", ["not there yet", "file", "file/below"])
    def test_what_is_no_folder_is_left_to_whoever_makes_it(self, tmp_path, name):
        (tmp_path / "file").touch()
        assert place.find_own(tmp_path / name) == tmp_path / name

    def test_in_somebodys_folder_it_is_one_of_its_own(self, tmp_path):
        (tmp_path / "e").mkdir()
        assert place.find_own(tmp_path) == tmp_path / "tx"
        (tmp_path / "tx").mkdir()
        (tmp_path / "tx" / "mine").touch()
        assert place.find_own(tmp_path) == tmp_path / "tx" / "tx"

    def test_a_set_up_deletes_nothing_of_anybodys(self, tmp_path):
        for name in ("c", "e", "p", "t", "u"):
            (tmp_path / "disk" / name).mkdir(parents=True)
            (tmp_path / "disk" / name / "mine.own").touch()
        before = tell_files(tmp_path)
        (tmp_path / "needed").touch()
        words = {"folder": "disk", "requirements": "needed", "engine": ".", "wheels": "none"}
        command = [sys.executable, "-m", "engine_setup", "--repair"]
        command += [f"--{name}={tmp_path / word}" for name, word in words.items()]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ADDON)})
        assert done.returncode == 1 and (tmp_path / "disk" / "tx" / "setup.json").exists()
        assert tell_files(tmp_path) == before


@pytest.fixture
def refusing(monkeypatch):
    """Have the system refuse every lock with an error number."""
    if os.name == "nt":
        pytest.skip("locks of POSIX")
    import fcntl

    def refuse(number):
        def flock(file, operation):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(fcntl, "flock", flock)

    return refuse


class TestPlace:
    def test_a_lock_is_held_once(self, tmp_path):
        lock = tmp_path / "lock"
        assert not place.is_held(lock) and not lock.exists()
        with place.holding(lock):
            assert place.is_held(lock)
            with pytest.raises(place.Busy), place.holding(lock):
                pass
        assert not place.is_held(lock)

    @pytest.mark.parametrize("why", ["ENOSYS", "ENOLCK", "EOPNOTSUPP"])
    def test_where_no_file_can_be_held_none_is(self, tmp_path, refusing, why):
        refusing(getattr(errno, why))
        with place.holding(tmp_path / "lock") as held:
            assert not held and not place.is_held(tmp_path / "lock")

    @pytest.mark.parametrize("why", ["EWOULDBLOCK", "EACCES", "EDEADLK"])
    def test_a_lock_of_somebody_else_is_held(self, tmp_path, refusing, why):
        (tmp_path / "lock").touch()
        refusing(getattr(errno, why))
        assert place.is_held(tmp_path / "lock")

    def test_a_lock_that_may_not_be_opened_is_not_known_to_be_held(self, tmp_path, monkeypatch):
        def refuse(path, *words):
            raise PermissionError(errno.EACCES, "Permission denied")

        (tmp_path / "lock").touch()
        monkeypatch.setattr(Path, "open", refuse)
        assert not place.is_held(tmp_path / "lock")

    @pytest.mark.parametrize("text", ["", "[]", '{"status": ', "null", '{"python": "x"}'])
    def test_damaged_files_are_none(self, tmp_path, text):
        (tmp_path / "file").write_text(text)
        assert place.read(place.Record, tmp_path / "file") is None

    def test_what_a_newer_version_adds_is_passed_over(self, tmp_path):
        place.write(tmp_path / "state.json", place.SetUpProgress(stage="x", fraction=0.5))
        text = (tmp_path / "state.json").read_text()
        (tmp_path / "state.json").write_text(text.replace("{", '{"more": 1, ', 1))
        assert place.read(place.SetUpProgress, tmp_path / "state.json").fraction == 0.5
        assert [path.name for path in tmp_path.iterdir()] == ["state.json"]

    def test_a_file_is_written_whole_or_not_at_all(self, tmp_path):
        path = tmp_path / "file"
        path.write_text("old")
        with pytest.raises(OSError, match="disk"), place.replacing(path) as unfinished:
            unfinished.write_text("half")
            assert unfinished.parent == tmp_path
            raise OSError("the disk is full")
        assert path.read_text() == "old"
        with place.replacing(path) as unfinished:
            unfinished.write_text("new")
            assert path.read_text() == "old"
        assert path.read_text() == "new"
        assert list(tmp_path.iterdir()) == [path]

    def test_size_counts_a_file_with_two_names_once(self, tmp_path):
        (tmp_path / "a").write_bytes(b"x" * 1000)
        (tmp_path / "b").hardlink_to(tmp_path / "a")
        (tmp_path / "c").write_bytes(b"x" * 10)
        assert place.size(tmp_path) == 1010

    def test_what_may_not_be_written_is_deleted_all_the_same(self, tmp_path):
        folder = tmp_path / "e"
        folder.mkdir()
        (folder / "file").touch()
        (folder / "file").chmod(0o400)
        folder.chmod(0o500)
        place.remove(folder)
        assert not folder.exists()
        place.remove(folder)


@pytest.mark.parametrize(
    "odd",
    [
        {"pid": "0"},
        {"pid": 0.5},
        {"pid": True},
        {"pid": None},
        {"fraction": "half"},
        {"fraction": float("nan")},
        {"fraction": 7},
        {"stage": 5},
        {"message": ["x"]},
        {"status": None},
        {"started": 3},
    ],
)
def test_a_damaged_state_is_none(tmp_path, odd):
    good = {"status": "running", "pid": 5, "fraction": 0.5, "later": "unknown"}
    path = tmp_path / "setup.json"
    path.write_text(json.dumps(good), encoding="utf-8")
    assert place.read(place.SetUpProgress, path).pid == 5
    path.write_text(json.dumps({**good, **odd}), encoding="utf-8")
    assert place.read(place.SetUpProgress, path) is None


@pytest.mark.parametrize("text", ["[" * 100_000, '{"pid": 1' + "0" * 10_000 + "}", "[]", "\0", ""])
def test_a_state_that_is_no_json_is_none(tmp_path, text):
    path = tmp_path / "setup.json"
    path.write_text(text, encoding="utf-8")
    assert place.read(place.SetUpProgress, path) is None


@pytest.mark.parametrize(
    "odd", [{"python": 5}, {"requirements": "torch"}, {"requirements": [5]}, {"bytes": "many"}]
)
def test_a_damaged_record_is_none(tmp_path, odd):
    good = {"python": "/p", "requirements": ["torch"], "torch": "2", "device": "cpu"}
    path = tmp_path / "engine.json"
    path.write_text(json.dumps(good), encoding="utf-8")
    assert place.read(place.Record, path).python == "/p"
    path.write_text(json.dumps({**good, **odd}), encoding="utf-8")
    assert place.read(place.Record, path) is None
