"""The engine's side of a client on another computer, in a process of its own."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.making import bricks, save_png
from tests.running import Engine
from texcore.contract import frames, messages
from texcore.contract.frames import Begin
from texcore.contract.jobs import Job
from texcore.contract.messages import ErrorCode
from texcore.contract.recipe import Recipe
from texcore.runtime.file_locks import hold
from texcore.service.remote import clear_jobs

# With a deadline that a test can wait for.
SERVE = "from texcore.service.remote import serve_remote; serve_remote(silence=3.0)"
WORD = "a" * 32


@pytest.fixture
def engine(tmp_path):
    with Engine(tmp_path / "home", words=[sys.executable, "-c", SERVE]) as engine:
        silent = threading.Event()

        def beat():
            while not silent.wait(0.5):
                engine.send(messages.notification("alive", messages.Alive(0)))

        beating = threading.Thread(target=beat)
        beating.start()
        engine.fall_silent = lambda: (silent.set(), beating.join())
        try:
            engine.greet()
            yield engine
        finally:
            engine.fall_silent()


def send(engine, exemplar, recipe):
    """Begin a job and send its file; returns it with names in the places of paths."""
    job = Job.of_picture(exemplar, exemplar.with_name("new.png"), recipe, weights="random")
    cargo = frames.load(job)
    sums = {name: frames.find_checksum(path) for name, path in cargo.inputs.items()}
    begun = engine.answer("begin", Begin(WORD, sums))["result"]
    assert begun["missing"] == list(sums)
    for name, path in cargo.inputs.items():
        for frame in frames.cut(path, name):
            engine.send(messages.notification("frame", frame))
    return cargo.job


@pytest.mark.slow
def test_a_client_that_falls_silent_leaves_no_process_and_no_folder(engine, tmp_path):
    exemplar = save_png(tmp_path / "bark.png", bricks(64, 64))
    job = send(engine, exemplar, Recipe(size=(256, 256), quality="high"))
    engine.until_at_work(engine.ask("synthesize", job))
    engine.fall_silent()
    while engine.process.stdout.readline():
        pass  # its stdin stays open; it says nothing more of its own accord
    assert engine.process.wait() == 0
    assert not list((tmp_path / "home" / "cache" / "remote-jobs").iterdir())


def test_what_a_client_may_not_say(engine):
    for word in ("../../x", "", "a" * 31, "a" * 33, "ä" * 32):
        answer = engine.answer("begin", Begin(word, {}))
        assert answer["error"]["code"] == ErrorCode.INVALID_PARAMS
    assert engine.answer("begin", Begin(WORD, {"../a": "0"}))["error"]
    job = Job.of_picture(Path("/etc/hostname"), Path("0/new.png"), weights="random")
    assert engine.answer("begin", Begin(WORD, {}))["result"] == {"missing": []}
    assert "is no name of a file" in engine.answer("synthesize", job)["error"]["message"]


def test_only_folders_that_nobody_holds_and_nobody_comes_back_to_are_cleared(tmp_path):
    for name in ("held", "empty", "new", "old"):
        (tmp_path / name).mkdir()
    for name in ("held", "new", "old"):
        (tmp_path / name / "run.checkpoint").touch()
    (tmp_path / "old" / ".owner").touch()
    long_ago = time.time() - 90_000
    os.utime(tmp_path / "old" / ".owner", (long_ago, long_ago))
    with hold(tmp_path / "held" / ".owner"):
        clear_jobs(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["held", "new"]
