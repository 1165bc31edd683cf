"""The link through a real sshd, over a line of 50 ms there and back and 10 MB/s.

It is asked for by ``TEXCORE_TEST_SSHD=1``, as it needs an sshd, and its own minute.
"""

import os
import random
import signal
import time

import pytest

from tests.making import bricks, save_png
from tests.sshd import ASKED, Sshd, find_children
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe

pytestmark = pytest.mark.skipif(not ASKED, reason="TEXCORE_TEST_SSHD is not set")

KILLS = 5


@pytest.fixture
def sshd(tmp_path):
    server = Sshd(tmp_path)
    yield server
    server.close()


@pytest.mark.parametrize("seed", range(4))
def test_ssh_is_killed_at_random_moments_and_nothing_is_lost_or_left(sshd, tmp_path, seed):
    rng = random.Random(seed)
    (tmp_path / "near").mkdir()
    exemplar = save_png(tmp_path / "near" / "bark.png", bricks(40, 40))
    killed = 0
    with sshd.reach(tmp_path / "home") as engine:
        engine.greet()
        for number in range(KILLS):
            output = exemplar.with_name(f"{number}.png")
            recipe = Recipe(size=(32, 32), quality="draft", seed=number)
            job = Job.of_picture(exemplar, output, recipe, weights="random")
            id = engine.ask("synthesize", job)
            # A run has at least so many messages before its answer.
            for _ in range(rng.randrange(1, 7)):
                assert "method" in engine.receive()
            for pid in find_children(engine.process.pid):
                os.kill(pid, signal.SIGKILL)
                killed += 1
            message, _ = engine.until_answer(id)
            assert "result" in message, message
            assert output.is_file()
        assert engine.end_of_input() == 0
    assert killed == KILLS
    deadline = time.monotonic() + 30
    while left := sshd.list_left():
        assert time.monotonic() < deadline, left
