"""Files are written whole or not at all."""

import doctest
import os
import sys

import pytest

from texcore.contract import files
from texcore.contract.files import path_beside, replacing, safely, write_whole


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_examples_run():
    done = doctest.testmod(files)
    assert done.attempted >= 3
    assert done.failed == 0


def test_what_the_block_writes_becomes_the_file(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with replacing(path) as unfinished:
        unfinished.write_bytes(b"new")
        assert (unfinished.parent, unfinished.suffix) == (tmp_path, ".png")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert listed(tmp_path) == ["a.png"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_block_that_fails_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), replacing(path) as unfinished:
        unfinished.write_bytes(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert listed(tmp_path) == ["a.png"]


@pytest.mark.parametrize("durable", [True, False])
def test_a_block_that_writes_nothing_is_an_error(tmp_path, durable):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with pytest.raises(FileNotFoundError), replacing(path, durable):
        pass
    assert path.read_bytes() == b"old"


def test_it_is_on_the_disk_before_its_name_leads_to_it(tmp_path, monkeypatch):
    path, done = tmp_path / "a.png", []
    monkeypatch.setattr(os, "fsync", lambda number: done.append((os.fstat(number), path.exists())))
    write_whole(path, b"new")
    (about, existed), written = done[0], path.stat()
    assert len(done) == 1
    assert (about.st_ino, about.st_size, existed) == (written.st_ino, 3, False)
    with replacing(path, durable=False) as unfinished:
        unfinished.write_bytes(b"newer")
    assert (len(done), path.read_bytes()) == (1, b"newer")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right that users lack")
class TestLinks:
    def test_a_link_stays_a_link(self, tmp_path):
        (tmp_path / "far").mkdir()
        link, file = tmp_path / "a.png", tmp_path / "far" / "b"
        file.write_bytes(b"old")
        link.symlink_to(file)
        with replacing(link) as unfinished:
            # Beside the file, for another disk may be there; with the suffix that was asked for.
            assert (unfinished.parent, unfinished.suffix) == (file.parent, ".png")
            unfinished.write_bytes(b"new")
        assert link.is_symlink()
        assert file.read_bytes() == b"new"
        assert listed(tmp_path / "far") == ["b"]

    def test_a_link_to_nothing_makes_what_it_leads_to(self, tmp_path):
        link = tmp_path / "a.png"
        link.symlink_to("b.png")
        write_whole(link, b"new")
        assert link.is_symlink()
        assert (tmp_path / "b.png").read_bytes() == b"new"

    def test_links_in_a_circle_end_in_no_other_error(self, tmp_path):
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        try:
            write_whole(tmp_path / "a", b"new")
        except OSError:
            assert listed(tmp_path) == ["a", "b"]
        else:
            assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.parametrize("letter", ["x", "ä", "桜", "🧱"])
@pytest.mark.parametrize("end", [".png", ""])
def test_names_as_long_as_the_file_system_takes(tmp_path, letter, end):
    room = 255 - len(end)
    name = letter * (room // len(letter.encode())) + end
    path = tmp_path / name
    write_whole(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert listed(tmp_path) == [name]


def test_a_suffix_as_long_as_the_file_system_takes(tmp_path):
    path = tmp_path / f"a.{'x' * 253}"
    write_whole(path, b"whole")
    assert path.read_bytes() == b"whole"


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_a_name_that_is_no_text(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff\xfe.png")
    write_whole(path, b"whole")
    assert path.read_bytes() == b"whole"


def test_words_tell_temporary_files_apart(tmp_path):
    assert path_beside(tmp_path / "a.png", "new") != path_beside(tmp_path / "a.png", "old")


@pytest.mark.parametrize("name", ["x" * 5000, "a/b"])
def test_what_cannot_be_looked_at_is_not_there(tmp_path, name):
    assert safely((tmp_path / name).is_file) is False
