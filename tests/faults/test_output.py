"""The result cannot be written: a full disk, a folder that is not to be written to."""

import os
import sys
from pathlib import Path

import pytest

from tests.making import load_png
from tests.running import Engine, texcore
from texcore import pictures
from texcore.contract.jobs import Job
from texcore.contract.messages import ErrorCode
from texcore.contract.recipe import Recipe

# Files may grow to so many bytes and no further: what a full disk does, at any place.
FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))
"""
QUICK = ("--size", "64", "--quality", "draft", "--weights", "random", "-q")
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


@posix
@pytest.mark.parametrize("suffix", [".png", ".tif", ".exr", ".jpg"])
def test_a_full_disk_leaves_what_was_there(home, folder, exemplar, untouched, suffix):
    out = folder / f"out{suffix}"
    out.write_bytes(b"made before")
    done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK, code=FULL.format(500))
    assert done.returncode == 1, done.stdout
    assert f"out{suffix}” cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    untouched(out)
    assert out.read_bytes() == b"made before"


@posix
def test_with_enough_room_the_same_limit_does_no_harm(home, folder, exemplar, untouched):
    out = folder / "out.png"
    done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK, code=FULL.format(1 << 20))
    assert done.returncode == 0, done.stderr
    assert load_png(out).shape == (64, 64, 3)
    untouched(out)


_EVERY_STEP = "from texcore.service.checkpoint import Checkpoint; Checkpoint.INTERVAL = 0.0\n"


@posix
def test_no_room_for_a_checkpoint_is_no_reason_to_fail(home, folder, exemplar, untouched):
    out = folder / "out.png"
    # Between what the texture takes and what a checkpoint of its run would.
    full = FULL.format(300_000)
    done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK, code=full + _EVERY_STEP)
    assert done.returncode == 0, done.stderr
    assert load_png(out).shape == (64, 64, 3)
    assert done.stderr.count("checkpoint") == 1
    assert "The checkpoint could not be written (File too large)" in done.stderr
    untouched(out)


def synthesize(exemplar, out, **more):
    recipe = Recipe(size=(64, 64), quality="draft")
    return Job.of_picture(exemplar, out, recipe, weights="random", **more)


@posix
def test_a_full_disk_is_told_by_the_service_which_lives_on(home, folder, exemplar, untouched):
    with Engine(home, FULL.format(500)) as engine:
        engine.greet()
        answer = engine.answer("synthesize", synthesize(exemplar, folder / "out.png"))
        assert answer["error"]["code"] == ErrorCode.BAD_INPUT
        assert "cannot be written" in answer["error"]["message"]
        untouched()
        assert "result" in engine.answer("doctor")


def test_a_preview_that_cannot_be_written_is_told(home, folder, exemplar, untouched):
    with Engine(home) as engine:
        engine.greet()
        preview = folder / "gone" / "preview.png"
        request = synthesize(exemplar, folder / "out.png", preview=preview)
        answer = engine.answer("synthesize", request)
        assert answer["error"]["code"] == ErrorCode.BAD_INPUT
        assert "preview.png” cannot be written" in answer["error"]["message"]
        untouched()


@pytest.fixture
def readonly(folder):
    """A folder that this user cannot write to."""
    place = folder.parent / "readonly"
    place.mkdir()
    place.chmod(0o555)
    if os.access(place, os.W_OK):  # root may write anywhere but here
        if not Path("/proc/self").is_dir():
            pytest.skip("this user can write everywhere")
        yield Path("/proc/self")
    else:
        yield place
    place.chmod(0o755)


@posix
def test_a_folder_that_is_not_to_be_written_to(home, exemplar, untouched, readonly):
    done = texcore(home, "synthesize", exemplar, "-o", readonly / "out.png", *QUICK)
    assert done.returncode == 1
    assert "cannot be written to" in done.stderr
    assert done.stderr.count("\n") == 1
    untouched()


def test_an_output_that_is_read_only_is_replaced_or_refused(home, folder, exemplar, untouched):
    out = folder / "out.png"
    out.write_bytes(b"made before")
    out.chmod(0o444)
    done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK)
    untouched(out)
    if done.returncode:
        assert "cannot be written" in done.stderr
        assert out.read_bytes() == b"made before"
    else:
        assert pictures.read_recipe(out).size == (64, 64)
    out.chmod(0o644)


def test_the_exemplar_itself_is_never_the_output(home, folder, exemplar, untouched):
    (folder / "link.png").symlink_to(exemplar.name)
    for out in (exemplar, folder / "link.png", folder / ".." / folder.name / exemplar.name):
        done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK)
        assert done.returncode == 1
        assert "is the exemplar itself" in done.stderr
    untouched(folder / "link.png")


@posix
@pytest.mark.parametrize("name", [251 * "x", 125 * "ä" + "x"])
def test_a_name_may_be_as_long_as_the_disk_takes(home, folder, exemplar, untouched, name):
    out = folder / f"{name}.png"
    done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK, code=_EVERY_STEP)
    assert done.returncode == 0, done.stderr
    assert "checkpoint" not in done.stderr
    untouched(out)


@posix
def test_a_name_that_is_longer_is_refused_before_the_work(home, folder, exemplar, untouched):
    out = folder / f"{252 * 'x'}.png"
    done = texcore(home, "synthesize", exemplar, "-o", out, *QUICK)
    assert done.returncode == 1
    assert done.stderr.endswith("cannot be written (File name too long): choose another name.\n")
    assert done.stderr.count("\n") == 1
    untouched()


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_names_that_are_no_text_are_refused_before_the_work(home, folder, exemplar, untouched):
    odd = folder / os.fsdecode(b"caf\xe9.png")
    done = texcore(home, "synthesize", exemplar, "-o", odd, *QUICK)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is a name that is not UTF-8: choose another" in done.stderr
    untouched()
    odd.write_bytes(exemplar.read_bytes())
    done = texcore(home, "synthesize", odd, "-o", folder / "out.png", *QUICK)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "caf?.png” has a name that is not UTF-8: rename it" in done.stderr
    untouched(odd)
