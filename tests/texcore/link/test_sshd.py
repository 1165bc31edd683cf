"""The link through a real sshd, over a line of 50 ms there and back and 10 MB/s.

It is asked for by ``TEXCORE_TEST_SSHD=1``, as it needs an sshd, and minutes of its own.
"""

import os
import random
import signal
import time

import pytest

from tests.making import bricks, load_png, relief, save_png
from tests.running import texcore
from tests.sshd import ASKED, Sshd, find_children
from texcore.contract import messages
from texcore.contract.jobs import Job, Made, MapFiles
from texcore.contract.messages import Cancel, ErrorCode, Finish
from texcore.contract.recipe import Recipe

pytestmark = pytest.mark.skipif(not ASKED, reason="TEXCORE_TEST_SSHD is not set")

KILLS = 5
# It makes so many evaluations that nothing comes too late.
LONG = Recipe(size=(64, 64), quality="high", iterations=5000)
MIDDLING = Recipe(size=(64, 64), quality="high")


@pytest.fixture
def sshd(tmp_path):
    server = Sshd(tmp_path)
    yield server
    server.close()


@pytest.fixture
def exemplar(tmp_path):
    (tmp_path / "near").mkdir()
    return save_png(tmp_path / "near" / "bark.png", bricks(40, 40))


@pytest.fixture
def link(sshd, tmp_path):
    """A link that has greeted; after it nothing is left on the other side."""
    with sshd.reach(tmp_path / "home") as engine:
        engine.greet()
        yield engine
        assert engine.end_of_input() == 0
    expect_nothing_left(sshd)


def expect_nothing_left(sshd):
    deadline = time.monotonic() + 30
    while left := sshd.list_left():
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def ask(link, exemplar, recipe, name="new.png"):
    output = exemplar.with_name(name)
    job = Job.of_picture(exemplar, output, recipe, weights="random", pausable=True)
    return link.ask("synthesize", job)


def get_made(link, id):
    answer, _ = link.until_answer(id)
    assert "result" in answer, answer
    return messages.read(Made, answer["result"])


def kill_ssh(link):
    for pid in find_children(link.process.pid):
        os.kill(pid, signal.SIGKILL)


def test_cancelled_and_gone_on_with(link, exemplar):
    id = ask(link, exemplar, MIDDLING)
    link.until_at_work(id)
    link.send(messages.notification("cancel", Cancel(id)))
    assert link.until_answer(id)[0]["error"]["code"] == ErrorCode.CANCELLED
    made = get_made(link, ask(link, exemplar, MIDDLING))
    assert any(note.startswith("Gone on after ") for note in made.notes), made.notes


def test_kept_as_it_is(link, exemplar):
    id = ask(link, exemplar, LONG)
    link.until_at_work(id)
    link.send(messages.notification("finish", Finish(id)))
    made = get_made(link, id)
    assert any(note.startswith("Stopped after ") for note in made.notes), made.notes
    assert load_png(exemplar.with_name("new.png")).shape == (64, 64, 3)


def test_lost_in_the_middle_it_makes_the_same_as_the_engine_here(link, exemplar, tmp_path):
    id = ask(link, exemplar, MIDDLING)
    link.until_at_work(id)
    kill_ssh(link)
    made = get_made(link, id)
    assert any(note.startswith("Gone on after ") for note in made.notes), made.notes
    here = exemplar.with_name("here.png")
    words = ("--size", "64", "--quality", "high", "--weights", "random")
    done = texcore(tmp_path / "home", "synthesize", exemplar, "-o", here, *words)
    assert done.returncode == 0, done.stderr
    assert (load_png(here) == load_png(exemplar.with_name("new.png"))).all()


def test_a_whole_material_with_derived_maps(link, tmp_path):
    maps = {}
    for kind, pixels in relief(40, 40).items():
        picture = save_png(tmp_path / f"{kind}.png", pixels)
        maps[kind] = MapFiles(picture, tmp_path / f"new-{kind}.png", tmp_path / f"{kind}.npy")
    derive = {"ao": tmp_path / "new-ao.png"} if "ao" not in maps else {}
    job = Job(maps, Recipe(size=(40, 36), quality="draft"), derive=derive, weights="random")
    made = get_made(link, link.ask("synthesize", job))
    expected = {kind: files.output for kind, files in maps.items()} | derive
    assert {kind: map.output for kind, map in made.maps.items()} == expected
    for path in expected.values():
        assert load_png(path).shape[:2] == (36, 40)


@pytest.mark.parametrize("seed", range(4))
def test_ssh_is_killed_at_random_moments_and_nothing_is_lost_or_left(
    sshd, exemplar, tmp_path, seed
):
    rng = random.Random(seed)
    killed = 0
    with sshd.reach(tmp_path / "home") as engine:
        engine.greet()
        for number in range(KILLS):
            recipe = Recipe(size=(32, 32), quality="draft", seed=number)
            id = ask(engine, exemplar, recipe, f"{number}.png")
            # A run has at least so many messages before its answer.
            for _ in range(rng.randrange(1, 7)):
                assert "method" in engine.receive()
            kill_ssh(engine)
            killed += 1
            get_made(engine, id)
            assert exemplar.with_name(f"{number}.png").is_file()
        assert engine.end_of_input() == 0
    assert killed == KILLS
    expect_nothing_left(sshd)
