"""A run that is killed goes on where its checkpoint is, to the very same file."""

import signal

import pytest

from tests.making import bricks, save_png
from tests.running import texcore
from tests.texcore.objects.making import make_tube, write_obj

_SHORT = "import texcore.synthesis.levels as p; p.FULL_EFFORT_SIDE = 6\n"
# The process kills itself as `kill -9` would, once its state has been written so many times.
_KILLED = """
import os, signal
from texcore.service.checkpoint import Checkpoint
Checkpoint.INTERVAL = 0.0
keep, times = Checkpoint.keep, []
def until_killed(self, state):
    times.append(keep(self, state))
    if len(times) == 8:
        os.kill(os.getpid(), signal.{})
    return True
Checkpoint.keep = until_killed
"""


@pytest.fixture
def say(tmp_path):
    """Say in words what the command line shall make, of a picture in a temporary folder."""
    exemplar = save_png(tmp_path / "in.png", bricks(128, 128))
    settings = ("--quality", "draft", "--device", "cpu", "--weights", "random", "-q")

    def say(verb):
        first = {
            "synthesize": (exemplar,),
            "surface": (write_obj(tmp_path / "tube.obj", make_tube(cuts=2)), exemplar),
            "solid": (exemplar, "--voxels", "32", "--iterations", "6"),
        }[verb]
        more = ("--size", "96", "--iterations", "12") if verb == "surface" else ()
        return lambda out, *last: (verb, *first, "-o", tmp_path / out, *settings, *more, *last)

    return say


@pytest.fixture
def words(say):
    return say("synthesize")


def names(folder):
    return sorted(path.name for path in folder.glob("*.png*"))


# The same in the middle of writing, with a part of the file on the disk.
_KILLED_WRITING = """
import os, signal
from texcore.contract import files
from texcore.service.checkpoint import Checkpoint
Checkpoint.INTERVAL = 0.0
def until_killed(path):
    if path.suffix == ".checkpoint":
        assert path.stat().st_size
        os.kill(os.getpid(), signal.SIGKILL)
files._put_on_disk = until_killed
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on Windows")
def test_what_was_half_written_is_cleared_by_the_next_run(home, tmp_path, words):
    killed = texcore(home, *words("cut.png"), code=_SHORT + _KILLED_WRITING)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (left,) = (path for path in tmp_path.iterdir() if path.name.startswith("."))
    assert left.name.startswith(".cut.png.") and left.suffix == ".checkpoint"
    done = texcore(home, *words("other.png"), code=_SHORT)
    assert done.returncode == 0, done.stderr
    assert not left.exists()
    assert names(tmp_path) == ["in.png", "other.png"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on Windows")
@pytest.mark.parametrize("verb", ["synthesize", "surface", "solid"])
def test_killed_and_resumed_is_uninterrupted(home, tmp_path, say, verb):
    words = say(verb)
    whole = texcore(home, *words("whole.png"), code=_SHORT)
    assert whole.returncode == 0, whole.stderr
    killed = texcore(home, *words("cut.png"), code=_SHORT + _KILLED.format("SIGKILL"))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert names(tmp_path) == ["cut.png.checkpoint", "in.png", "whole.png"]
    other = texcore(home, *words("cut.png", "--resume", "--seed", "5"), code=_SHORT)
    assert other.returncode == 1
    assert other.stderr.count("\n") == 1
    assert "“cut.png.checkpoint” belongs to a run with another exemplar" in other.stderr
    resumed = texcore(home, *words("cut.png", "--resume"), code=_SHORT)
    assert resumed.returncode == 0, resumed.stderr
    assert "Gone on after" in resumed.stderr
    assert names(tmp_path) == ["cut.png", "in.png", "whole.png"]
    assert (tmp_path / "cut.png").read_bytes() == (tmp_path / "whole.png").read_bytes()


def test_stopped_says_how_to_go_on_and_without_a_checkpoint_it_begins_anew(home, tmp_path, words):
    stopped = texcore(home, *words("cut.png"), code=_SHORT + _KILLED.format("SIGINT"))
    assert stopped.returncode == 130
    assert stopped.stderr.strip() == (
        "texcore: Stopped; “cut.png.checkpoint” keeps what was done: go on from there. "
        "(See --resume.)"
    )
    (tmp_path / "cut.png.checkpoint").unlink()
    anew = texcore(home, *words("cut.png", "--resume"), code=_SHORT)
    assert anew.returncode == 0, anew.stderr
    assert "There is no checkpoint: the run begins anew." in anew.stderr
    assert names(tmp_path) == ["cut.png", "in.png"]
