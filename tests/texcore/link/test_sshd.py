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

KILLS = 20


@pytest.fixture
def sshd(tmp_path):
    server = Sshd(tmp_path)
    yield server
    server.close()


def test_ssh_is_killed_at_random_moments_and_nothing_is_lost_or_left(sshd, tmp_path):
    rng = random.Random(0)
    (tmp_path / "near").mkdir()
    exemplar = save_png(tmp_path / "near" / "bark.png", bricks(64, 64))
    killed = made = 0
    with sshd.reach(tmp_path / "home") as engine:
        engine.greet()
        while killed < KILLS:
            output = exemplar.with_name(f"{made}.png")
            recipe = Recipe(size=(64, 64), quality="draft", seed=made)
            id = engine.ask(
                "synthesize", Job.of_picture(exemplar, output, recipe, weights="random")
            )
            for _ in range(rng.randrange(1, 12)):
                message = engine.receive()
                if "method" not in message:
                    break
            else:
                for pid in find_children(engine.process.pid):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                message, _ = engine.until_answer(id)
            assert "result" in message, message
            assert output.is_file()
            made += 1
        assert engine.end_of_input() == 0
    deadline = time.monotonic() + 30
    while left := sshd.list_left():
        assert time.monotonic() < deadline, left
