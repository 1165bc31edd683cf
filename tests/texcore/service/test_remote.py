"""The engine's side of a client on another computer, in a process of its own."""

import base64
import contextlib
import os
import threading
import time
from pathlib import Path

import pytest

from tests.making import bricks, save_png
from tests.running import Engine
from texcore.contract import frames, messages
from texcore.contract.file_locks import hold
from texcore.contract.frames import Begin
from texcore.contract.jobs import Job, Made
from texcore.contract.messages import ErrorCode
from texcore.contract.recipe import Recipe
from texcore.service.remote_folders import clear_jobs

# With a deadline that a test can wait for.
SERVE = "from texcore.service.remote import serve_remote; serve_remote(silence=3.0)"
WORD = "a" * 32

QUICK = Recipe(size=(40, 36), quality="draft")
MIDDLING = Recipe(size=(40, 36), quality="high", iterations=60)
# It makes so many evaluations that nothing comes too late.
LONG = Recipe(size=(64, 64), quality="high", iterations=5000)


@contextlib.contextmanager
def serving(home):
    """An engine, and a client that says that it lives."""
    with Engine(home, code=SERVE) as engine:
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


@pytest.fixture
def engine(tmp_path):
    with serving(tmp_path / "home") as engine:
        yield engine


@pytest.fixture
def exemplar(tmp_path):
    return save_png(tmp_path / "bark.png", bricks(40, 40))


def begin(engine, exemplar, recipe, word=WORD, **more):
    """Begin a job and send what is missing; returns it with names for paths, and what was there."""
    output = exemplar.with_name("new.png")
    cargo = frames.load(Job.of_picture(exemplar, output, recipe, weights="random", **more))
    sums = {name: frames.find_checksum(path) for name, path in cargo.inputs.items()}
    begun = engine.answer("begin", Begin(word, sums))["result"]
    for name, path in cargo.inputs.items():
        for frame in frames.cut(path, name) if name in begun["missing"] else ():
            engine.send(messages.notification("frame", frame))
    return cargo.job, begun


def make(engine, job):
    """Have a job done; returns what was made, and its file."""
    answer, before = engine.until_answer(engine.ask("synthesize", job))
    assert "result" in answer, answer
    pieces = [message["params"]["data"] for message in before if message["method"] == "frame"]
    stages = [message["params"]["stage"] for message in before if message["method"] == "progress"]
    return messages.read(Made, answer["result"]), b"".join(map(base64.b64decode, pieces)), stages


def list_jobs(tmp_path):
    return sorted(path.name for path in (tmp_path / "home" / "cache" / "remote-jobs").iterdir())


def lose(engine):
    """Have the connection end; the engine's exit status."""
    engine.fall_silent()
    return engine.end_of_input()


def cancel(engine, id):
    """Cancel a job at work."""
    engine.until_at_work(id)
    engine.send(messages.notification("cancel", messages.Cancel(id)))
    assert engine.until_answer(id)[0]["error"]["code"] == ErrorCode.CANCELLED


@pytest.mark.slow
def test_a_client_that_falls_silent_leaves_no_process_and_what_was_done(engine, exemplar, tmp_path):
    job, _ = begin(engine, exemplar, LONG)
    engine.until_at_work(engine.ask("synthesize", job))
    engine.fall_silent()
    while engine.process.stdout.readline():
        pass  # its stdin stays open; it says nothing more of its own accord
    assert engine.process.wait() == 0
    assert list_jobs(tmp_path) == [WORD]


@pytest.mark.slow
def test_a_lost_connection_costs_nothing_that_was_done(engine, exemplar, tmp_path):
    job, _ = begin(engine, exemplar, MIDDLING)
    engine.until_at_work(engine.ask("synthesize", job))
    assert lose(engine) == 0
    assert list_jobs(tmp_path) == [WORD]
    with serving(tmp_path / "home") as other:
        job, begun = begin(other, exemplar, MIDDLING)
        assert begun == {"missing": [], "has_more": True}
        made, file, _ = make(other, job)
        assert any(note.startswith("Gone on after ") for note in made.notes), made.notes
        # The same as one that was never lost.
        job, begun = begin(other, exemplar, MIDDLING, word="b" * 32)
        assert begun == {"missing": ["0/bark.png"], "has_more": False}
        assert make(other, job)[1] == file


@pytest.mark.slow
def test_a_texture_that_did_not_arrive_is_there_for_the_next_connection(engine, exemplar, tmp_path):
    job, _ = begin(engine, exemplar, QUICK)
    made, file, _ = make(engine, job)
    assert lose(engine) == 0  # nobody has said that it has come
    with serving(tmp_path / "home") as other:
        job, begun = begin(other, exemplar, QUICK)
        assert begun == {"missing": [], "has_more": True}
        again, same, stages = make(other, job)
        assert again == made and same == file
        assert stages == ["Fetching the texture (0 %)"]
        assert other.answer("done") == {"jsonrpc": "2.0", "id": 4, "result": None}
        assert list_jobs(tmp_path) == []


@pytest.mark.slow
def test_a_cancelled_one_is_gone_on_with_if_the_client_wants_that(engine, exemplar, tmp_path):
    job, _ = begin(engine, exemplar, LONG)
    cancel(engine, engine.ask("synthesize", job))
    assert list_jobs(tmp_path) == []
    job, _ = begin(engine, exemplar, MIDDLING, pausable=True)
    cancel(engine, engine.ask("synthesize", job))
    assert list_jobs(tmp_path) == [WORD]
    job, begun = begin(engine, exemplar, MIDDLING, pausable=True)
    assert begun["has_more"]
    made, _, _ = make(engine, job)
    assert any(note.startswith("Gone on after ") for note in made.notes), made.notes
    engine.answer("done")
    assert list_jobs(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", ["another is done", "another is cancelled", "the client goes"])
def test_what_was_cancelled_is_not_kept_longer_than_anybody_can_want_it(
    engine, exemplar, tmp_path, way
):
    job, _ = begin(engine, exemplar, LONG, pausable=True)
    cancel(engine, engine.ask("synthesize", job))
    assert list_jobs(tmp_path) == [WORD]
    if way == "the client goes":
        engine.send(messages.notification("bye", None))
        assert lose(engine) == 0
        assert list_jobs(tmp_path) == []
    elif way == "another is done":
        job, _ = begin(engine, exemplar, QUICK, word="b" * 32)
        make(engine, job)
        engine.answer("done")
        assert list_jobs(tmp_path) == []
    else:
        job, _ = begin(engine, exemplar, LONG, word="b" * 32, pausable=True)
        cancel(engine, engine.ask("synthesize", job))
        assert list_jobs(tmp_path) == ["b" * 32]


@pytest.mark.slow
def test_a_client_that_goes_leaves_nothing(engine, exemplar, tmp_path):
    job, _ = begin(engine, exemplar, LONG)
    engine.until_at_work(engine.ask("synthesize", job))
    engine.send(messages.notification("bye", None))
    assert lose(engine) == 0
    assert list_jobs(tmp_path) == []


def test_what_a_client_may_not_say(engine):
    for word in ("../../x", "", "a" * 31, "a" * 33, "ä" * 32):
        answer = engine.answer("begin", Begin(word, {}))
        assert answer["error"]["code"] == ErrorCode.INVALID_PARAMS
    assert engine.answer("begin", Begin(WORD, {"../a": "0"}))["error"]
    job = Job.of_picture(Path("/etc/hostname"), Path("0/new.png"), weights="random")
    assert engine.answer("begin", Begin(WORD, {}))["result"]["missing"] == []
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
