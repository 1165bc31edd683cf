"""What the dead leave behind is cleared away; what the living are at work on never is."""

import doctest
import os
import subprocess
import sys
import time

import pytest

from texcore.contract import leftovers
from texcore.contract.files import path_beside, replacing
from texcore.contract.leftovers import OLD, clear_leftovers, is_alive, mark, put_back


@pytest.fixture(scope="module")
def dead():
    """The number of a process that has ended."""
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    return int(child.stdout)


@pytest.fixture
def living():
    """The number of a process that goes on until the test has ended."""
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    )
    yield child.pid
    child.communicate()


def named(path, word, process):
    """What another process would call its temporary file."""
    ours = path_beside(path, word)
    return ours.with_name(ours.name.replace(f"-{os.getpid()}.", f"-{process}."))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_examples_run():
    done = doctest.testmod(leftovers)
    assert done.attempted and not done.failed


def test_who_lives_is_known(dead, living):
    assert is_alive(living) and is_alive(os.getpid())
    assert not is_alive(dead)
    assert not is_alive(2**40)


@pytest.mark.parametrize(
    "name", ["a.png", "a.png.checkpoint", "no suffix", "ä" * 100 + ".exr", "."]
)
def test_the_deads_go_and_the_livings_stay(tmp_path, dead, living, name):
    path = tmp_path / f"x{name}"
    for word in ("part", "probe", "whole"):
        named(path, word, dead).touch()
        named(path, word, living).touch()
        path_beside(path, word).touch()
    clear_leftovers(tmp_path)
    kept = [
        named(path, word, p) for word in ("part", "probe", "whole") for p in (living, os.getpid())
    ]
    assert names(tmp_path) == sorted(path.name for path in kept)


def test_nothing_else_is_touched(tmp_path, dead):
    place = mark().split("-")[1]
    others = [
        "a.png",
        f".a.{dead}.part.png",
        f".a.texcore-{dead}.part.png",
        f"a.texcore-{place}-{dead}.part.png",
        f".a.texcore-{place}-{dead}.part2.png",
        f".a.texcore-{place}-{dead}",
        f".a.texcore-{place}-{dead}.{OLD}.png",
        f"texcore-{place}-{dead}",
        "texcore-7",
    ]
    for name in others:
        (tmp_path / name).touch()
    (tmp_path / f".a.texcore-{place}-{dead}.part").mkdir()
    (tmp_path / f"texcore-{place}-{dead}-link").symlink_to(tmp_path)
    before = names(tmp_path)
    clear_leftovers(tmp_path)
    assert names(tmp_path) == before


def test_folders_of_the_dead_go_too(tmp_path, dead, living):
    place = mark().split("-")[1]
    for process in (dead, living, os.getpid()):
        folder = tmp_path / f"texcore-{place}-{process}-abc"
        folder.mkdir()
        (folder / "a.tif").touch()
    clear_leftovers(tmp_path)
    assert names(tmp_path) == sorted(
        f"texcore-{place}-{process}-abc" for process in (living, os.getpid())
    )


def test_what_another_machine_writes_is_left_until_it_is_old(tmp_path, dead):
    path = tmp_path / f".a.texcore-000000-{dead}.part.png"
    path.touch()
    clear_leftovers(tmp_path)
    assert path.exists()
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(path, (long_ago, long_ago))
    clear_leftovers(tmp_path)
    assert not path.exists()


def test_a_folder_that_is_not_there_is_nothing(tmp_path):
    clear_leftovers(tmp_path / "gone")
    assert not any(tmp_path.iterdir())


def test_while_it_is_written_a_file_is_not_left_over(tmp_path):
    with replacing(tmp_path / "a.png") as unfinished:
        unfinished.write_bytes(b"new")
        clear_leftovers(tmp_path)
        code = "import sys; from pathlib import Path; from texcore.contract.leftovers import *; "
        code += "clear_leftovers(Path(sys.argv[1]))"
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert (tmp_path / "a.png").read_bytes() == b"new"


def test_what_was_moved_aside_is_put_back_where_nothing_took_its_place(tmp_path, dead, living):
    path = tmp_path / "a.png"
    for process in (dead, living):
        named(path, OLD, process).write_bytes(b"%d" % process)
    put_back(path, path_beside(path, OLD).name)
    assert path.read_bytes() == b"%d" % dead
    assert names(tmp_path) == sorted([named(path, OLD, living).name, "a.png"])
    named(path, OLD, dead).write_bytes(b"older")
    put_back(path, path_beside(path, OLD).name)
    assert path.read_bytes() == b"%d" % dead
    assert names(tmp_path) == sorted([named(path, OLD, living).name, "a.png"])


def test_long_names_that_begin_alike_are_told_apart(tmp_path):
    one, other = (path_beside(tmp_path / f"{'x' * 100}{n}.png", "part") for n in "12")
    assert one != other
