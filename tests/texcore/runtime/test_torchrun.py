"""PyTorch's own launcher, really started, as README says: the same texture, and what is lost."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.making import bricks, load_png, save_png
from tests.running import SECONDS, closed_port, environment, texcore
from texcore import pictures
from texcore.contract.recipe import Recipe
from texcore.pictures import Picture

# Several tiles at the finest size, which is the only one that is divided. So few evaluations that
# rounding has no time to grow.
_SETTINGS = ("--size", "160x144", "--tile-side", "64", "--quality", "draft", "--iterations", "3")


@pytest.fixture
def words(tmp_path):
    """A command line in float32, of the file that it writes."""
    save_png(tmp_path / "in.png", bricks(144, 144))
    black = Picture(np.zeros((3, 8, 8), np.float32), "uint8")
    pictures.write(tmp_path / "float32.png", black, Recipe(precision="float32"))

    def words(out, *more):
        files = (tmp_path / "in.png", "-o", tmp_path / out, "--recipe", tmp_path / "float32.png")
        where = ("--device", "cpu", "--weights", "random", "-q")
        return ("synthesize", *files, *_SETTINGS, *where, *more)

    return words


def torchrun(home, where, program, *words):
    """Start ``torchrun``, which is this module.

    Args:
        home: Of Texcore.
        where: How many processes it starts, and which others it meets.
        program: What they run.
        words: Of its command line.
    """
    launcher = (sys.executable, "-m", "torch.distributed.run", *where)
    return subprocess.Popen(
        [*map(str, (*launcher, *program, *words))],
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def end(launched):
    """A launcher that has ended: its status, and what it and its processes said."""
    with launched:
        try:
            out, err = launched.communicate(timeout=SECONDS)
        finally:
            launched.kill()
    return subprocess.CompletedProcess(launched.args, launched.returncode, out, err)


def run_together(home, count, program, *words):
    """So many processes on one computer, to their end."""
    where = ("--nproc-per-node", count, "--standalone")
    return end(torchrun(home, where, program, *words))


def off(tmp_path, one, other):
    """The largest difference of two pictures, in 255ths."""
    a, b = (load_png(tmp_path / name).astype(int) for name in (one, other))
    return np.abs(a - b).max()


@pytest.mark.slow
def test_three_processes_make_the_texture_of_one(home, tmp_path, words):
    one = texcore(home, *words("1.png"))
    assert one.returncode == 0, one.stderr
    made = run_together(home, 3, ("-m", "texcore"), *words("3.png"))
    assert made.returncode == 0, made.stderr
    assert made.stdout.count("\n") == 1
    assert made.stdout.startswith(str(tmp_path / "3.png"))
    assert off(tmp_path, "1.png", "3.png") <= 2
    assert sorted(tmp_path.glob("*.png.*")) == []


# The second process is killed in the middle of the finest size, once there is a checkpoint.
_LOST = """
import os, signal, sys
from texcore.service.checkpoint import Checkpoint
from texcore.cli import main
from texcore.synthesis.run import Synthesis
Checkpoint.INTERVAL = 0.0
steps = Synthesis.steps
def until_lost(self):
    for step in steps(self):
        if os.environ["RANK"] == "1" and step.level == 1 and step.iteration == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        yield step
Synthesis.steps = until_lost
sys.exit(main())
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on Windows")
def test_a_process_that_is_killed_ends_the_job_with_a_sentence_and_it_can_go_on(
    home, tmp_path, words
):
    one = texcore(home, *words("one.png"))
    assert one.returncode == 0, one.stderr
    script = tmp_path / "lost.py"
    script.write_text(_LOST, encoding="utf-8")
    lost = run_together(home, 2, (script,), *words("two.png"))
    assert lost.returncode != 0
    assert lost.stdout == ""
    said = [line for line in lost.stderr.splitlines() if line.startswith("texcore: ")]
    # The launcher ends the others as soon as it sees that one is lost, or they see it themselves.
    assert len(said) == 1
    assert "Another process of this job was lost" in said[0] or "keeps what was done" in said[0]
    assert "--resume" in said[0]
    assert not (tmp_path / "two.png").exists()
    assert [path.name for path in tmp_path.glob("*two.png*")] == ["two.png.checkpoint"]
    resumed = run_together(home, 2, ("-m", "texcore"), *words("two.png", "--resume"))
    assert resumed.returncode == 0, resumed.stderr
    assert "Gone on after" in resumed.stderr
    assert off(tmp_path, "one.png", "two.png") <= 2
    assert not (tmp_path / "two.png.checkpoint").exists()


# The second computer goes, with all that runs on it.
_COMPUTER_LOST = _LOST.replace(
    "os.kill(os.getpid()", "os.kill(os.getppid(), signal.SIGKILL), os.kill(os.getpid()"
)


def run_on_two(tmp_path, program, words):
    """A process on each of two computers, which share no folder; how both ended."""
    port = closed_port()
    launched = []
    for rank in (0, 1):
        folder = tmp_path / f"computer {rank}"
        where = ("--nnodes", 2, "--node-rank", rank, "--nproc-per-node", 1)
        where += ("--rdzv-endpoint", f"127.0.0.1:{port}")
        own = [Path(str(word).replace(str(tmp_path), str(folder))) for word in words]
        if not folder.exists():
            folder.mkdir()
            for name in ("in.png", "float32.png"):
                shutil.copy(tmp_path / name, folder)
        launched.append(torchrun(folder / "home", where, program, *own))
    return [end(each) for each in launched]


@pytest.mark.slow
@pytest.mark.skipif("TEXCORE_TEST_NODES" not in os.environ, reason="it takes half a minute or more")
def test_two_computers_make_the_texture_of_one_though_one_is_lost_on_the_way(home, tmp_path, words):
    one = texcore(home, *words("one.png"))
    assert one.returncode == 0, one.stderr
    script = tmp_path / "lost.py"
    script.write_text(_COMPUTER_LOST, encoding="utf-8")
    left, lost = run_on_two(tmp_path, (script,), words("two.png"))
    assert lost.returncode == -signal.SIGKILL
    assert left.returncode not in (0, -signal.SIGKILL) and left.stdout == ""
    said = [line for line in left.stderr.splitlines() if line.startswith("texcore: ")]
    assert len(said) == 1 and "Another process of this job was lost" in said[0], left.stderr
    first = tmp_path / "computer 0"
    assert [path.name for path in first.glob("*two.png*")] == ["two.png.checkpoint"]
    both = run_on_two(tmp_path, ("-m", "texcore"), words("two.png", "--resume"))
    assert [each.returncode for each in both] == [0, 0], both
    assert "Gone on after" in both[0].stderr
    assert off(tmp_path, "one.png", "computer 0/two.png") <= 2
    assert not [*(tmp_path / "computer 1").glob("two.png*")]
