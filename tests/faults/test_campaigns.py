"""A few faults of each campaign; `python3 build.py faults` runs a great many.

They run in a process of their own, as the long ones do: what forks shall have no threads.
"""

import random
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.blender.conftest import pythons
from tests.faults.campaigns import __main__ as program
from tests.faults.campaigns import full_disks, mutating, plots, soak
from tests.faults.campaigns.counting import Outcome
from tests.running import ROOT, SECONDS, environment

#: Of each campaign so many, for a second or two; of the network there are tests of their own.
FEW = {
    "kills": 3,
    "engine_kills": 1,
    "messages": 500,
    "pictures": 200,
    "recipes": 200,
    "checkpoints": 200,
    "networks": 60,
    "disks": 3,
    "soak": 6,
}
#: The same of those that need a Blender.
FEW_IN_BLENDER = {"blender_kills": 2, "blender_marks": 60, "blender_queues": 300}
posix = pytest.mark.skipif(not hasattr(program.os, "fork"), reason="needs what POSIX has")


def campaigns(home, *words, path=()):
    """Run campaigns to their end in a temporary folder beside a home of Texcore."""
    own = environment(home)
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.campaigns", *words],
        cwd=ROOT,
        env={**own, "TMPDIR": str(home.parent), "PYTHONPATH": ":".join([*path, str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """All of them, one after the other, and the folder in which they did it."""
    home = tmp_path_factory.mktemp("campaigns") / "home"
    return campaigns(home, *(f"{name}={count}" for name, count in FEW.items())), home.parent


def judge(done, few):
    """Check that campaigns tried so many each, and that none of it fell."""
    rows = re.findall(r"^\| [^|]+ \| ([\d,]+) \| [^|]+ \| (\d+) \|", done.stdout, re.M)
    assert [(int(tried.replace(",", "")), fell) for tried, fell in rows] == [
        (count, "0") for count in few.values()
    ], done.stdout + done.stderr
    assert done.returncode == 0, done.stderr


@posix
@pytest.mark.slow
def test_nothing_falls(ran):
    judge(ran[0], FEW)


@posix
@pytest.mark.slow
def test_nothing_is_left(ran):
    assert not list(ran[1].glob("texcore-*"))


@posix
@pytest.mark.slow
@pytest.mark.skipif(not pythons(), reason="needs a Blender in TEXCORE_BPY: “build.py test” has one")
def test_nothing_falls_in_blender(home):
    few = FEW_IN_BLENDER
    judge(campaigns(home, *(f"{name}={count}" for name, count in few.items())), few)
    assert not list(home.parent.glob("texcore-*"))


@posix
@pytest.mark.slow
@pytest.mark.skipif(not full_disks.can_mount(), reason="needs root, and a tmpfs")
def test_nothing_falls_on_a_small_disk(home):
    judge(campaigns(home, "full_disks=2"), {"full_disks": 2})


@posix
def test_what_falls_is_found_and_told(home, tmp_path):
    # A reader that raises what it should not.
    (tmp_path / "sitecustomize.py").write_text(
        "import texcore.pictures as p\n"
        "def read_recipe(path): raise KeyError('of a recipe')\n"
        "p.read_recipe = read_recipe\n",
        encoding="utf-8",
    )
    done = campaigns(home, "recipes=5", path=[str(tmp_path)])
    assert done.returncode == 1
    assert "5 error" in done.stdout and "KeyError: 'of a recipe'" in done.stdout


def test_the_same_seed_damages_the_same():
    good = {"size": [1, 2], "seed": 3, "layers": {"a": None}}
    for draw in (
        lambda rng: mutating.json_of(rng, good),
        lambda rng: mutating.bytes_of(rng, bytes(range(200)), (b"other" * 9,)),
    ):
        many = [draw(random.Random(seed)) for seed in range(50)]
        assert many == [draw(random.Random(seed)) for seed in range(50)]
        assert len(set(many)) > 40


def test_a_leak_is_seen_and_a_thread_on_its_way_out_is_none():
    warm = [3] * 80
    assert soak.growth_of([*warm, *[3] * 20]) == 0
    assert soak.growth_of([*warm, *[3] * 19, 4]) == 1
    counts = iter([5, 4, 4, 3, 9])
    assert soak.settled(lambda process: next(counts), 1, 3) == 3
    assert soak.settled(lambda process: 4, 1, 3) == 4


def test_the_page_gets_the_table_and_nothing_else(tmp_path, monkeypatch):
    page = tmp_path / "reliability.md"
    page.write_text(f"before\n{program.BEGINNING}old\n{program.END}after\n", encoding="utf-8")
    monkeypatch.setattr(program, "DOCUMENT", page)
    outcome = Outcome("Runs, killed")
    outcome.note("while saving")
    outcome.note("while saving", "kill 1: something is left")
    given = program._parser().parse_args(["kills=2", "--seed", "4"])
    program.write([outcome], given, 90)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{program.BEGINNING}") and text.endswith(
        f"{program.END}after\n"
    )
    assert "| Runs, killed | 2 | 2 while saving | 1 | 0 |" in text and "old" not in text
    assert "- kill 1: something is left" in text and "--seed 4 kills=2`" in text
    assert not list(tmp_path.glob("*.png"))


def test_what_was_measured_is_drawn(tmp_path):
    flat = {"megabytes": [300.0] * 50, "open files": [4] * 50}
    path = plots.draw_series(tmp_path / "soak.png", flat, "textures")
    inked = np.asarray(Image.open(path).convert("L")) < 128
    halves = np.split(inked, 2)
    # A flat line is in as many columns as the part is wide, and in no more than a few rows.
    assert all((half[31:].any(axis=0)).sum() > 800 for half in halves)
    assert all((half[31:].any(axis=1)).sum() < 6 for half in halves)
    moments = {"Blenders": [("as it is saved", 0.1), ("as it is saved", 0.2)]}
    path = plots.draw_moments(tmp_path / "kills.png", moments)
    inked = np.asarray(Image.open(path).convert("L")) < 128
    assert inked[31:].any(axis=0).sum() == pytest.approx(2 * 7, abs=4)
