"""The engine is interrupted, killed, or loses whoever asked."""

import json
import signal
import subprocess
import sys
import threading

import pytest

from tests.making import load_png
from tests.running import SECONDS, Engine, begin, command, environment, texcore
from texcore.contract import messages
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe

# It is soon at work, and then takes so many minutes that no signal comes too late.
LONG = ("--size", "512", "--quality", "high", "--weights", "random", "--iterations", "5000")
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def at_work(process):
    """Wait until it tells how far it is; before that it says how long and how much it will take."""
    said = [""]
    while not said[-1].endswith(" left\n") or "Beginning" in said[-1]:
        said.append(process.stderr.readline())
        assert said[-1], f"it has ended: {said}"
    assert any("of memory" in line for line in said)


@pytest.fixture
def running(home, folder, exemplar):
    """A command line in the middle of its work."""
    process = begin(
        command("synthesize", exemplar, "-o", folder / "out.png", *LONG),
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    watchdog = threading.Timer(SECONDS, process.kill)
    watchdog.start()
    at_work(process)
    yield process
    watchdog.cancel()
    process.kill()
    process.communicate()


def stop(process, number):
    process.send_signal(number)
    return process.communicate(timeout=SECONDS)


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interrupted_it_says_so_and_leaves_nothing(running, untouched, name):
    out, err = stop(running, getattr(signal, name))
    assert running.returncode == 130
    assert out == ""
    assert err.endswith("texcore: stopped; nothing was written.\n")
    assert "Traceback" not in err
    untouched()


@posix
def test_interrupted_it_keeps_the_texture_that_was_there(home, folder, exemplar, untouched):
    (folder / "out.png").write_bytes(b"made before")
    process = subprocess.Popen(
        command("synthesize", exemplar, "-o", folder / "out.png", *LONG),
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    at_work(process)
    stop(process, signal.SIGINT)
    untouched(folder / "out.png")
    assert (folder / "out.png").read_bytes() == b"made before"


def test_killed_it_leaves_nothing_and_the_next_run_works(
    running, home, folder, exemplar, untouched
):
    running.kill()
    running.wait()
    untouched()
    out = folder / "out.png"
    words = ("--size", "40", "--quality", "draft", "--weights", "random", "-q")
    done = texcore(home, "synthesize", exemplar, "-o", out, *words)
    assert done.returncode == 0, done.stderr
    untouched(out)


def synthesize(folder, exemplar, **more):
    recipe = Recipe(size=(512, 512), quality="high", iterations=5000)
    return Job.of_picture(exemplar, folder / "out.png", recipe, weights="random", **more)


def test_the_service_killed_ends_its_output(home, folder, exemplar, untouched):
    with Engine(home) as engine:
        engine.greet()
        engine.until_at_work(engine.ask("synthesize", synthesize(folder, exemplar)))
        engine.process.kill()
        # What had been said before is whole; then there is nothing more.
        lines = engine.process.stdout.read().splitlines(keepends=True)
        assert all(json.loads(line) for line in lines if line.endswith(b"\n"))
        untouched()


def test_when_the_client_dies_the_service_ends(home, folder, exemplar, untouched):
    """A client that starts the service and dies without a word; nobody closes anything."""
    asked = messages.request(1, "hello", messages.Hello(messages.PROTOCOL_VERSION))
    asked += messages.request(2, "synthesize", synthesize(folder, exemplar))
    client = f"""
import os, subprocess, sys
engine = subprocess.Popen({command("serve")!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
engine.stdin.write({asked!r})
engine.stdin.flush()
before = (b'"fraction":0.0,', b'"alive"', b"result")
line = engine.stdout.readline()
while any(words in line for words in before):
    line = engine.stdout.readline()
assert b"progress" in line, line
os._exit(7)
"""
    # The service has the client's stderr: that it comes to its end says that the service has.
    done = subprocess.run(
        [sys.executable, "-c", client],
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=SECONDS,
    )
    assert done.returncode == 7, done.stderr
    assert b"Traceback" not in done.stderr
    untouched()


@posix
def test_when_nobody_reads_the_service_still_ends(home, folder, exemplar, untouched):
    with Engine(home) as engine:
        engine.greet()
        engine.until_at_work(engine.ask("synthesize", synthesize(folder, exemplar)))
        engine.process.stdout.close()
        engine.process.stdin.close()
        assert engine.process.wait(SECONDS) == 0
        untouched()


def test_when_the_client_goes_it_does_not_finish_what_takes_long(home):
    """Such as the import of PyTorch, in which nothing else is looked at."""
    stuck = (
        "import threading\n"
        "from texcore.service import server\n"
        "server.LINGER_SECONDS = 0.1\n"
        "server.Service._dispatch = lambda *words: threading.Event().wait()\n"
    )
    with Engine(home, stuck, seconds=60) as engine:
        engine.ask("hello", messages.Hello(messages.PROTOCOL_VERSION))
        assert engine.end_of_input() == 0


def test_with_a_preview_only_the_preview_is_left(home, folder, exemplar, untouched):
    preview = folder / "preview.png"
    with Engine(home) as engine:
        engine.greet()
        id = engine.ask("synthesize", synthesize(folder, exemplar, preview=preview))
        engine.until_at_work(id)
        engine.send(messages.notification("cancel", messages.Cancel(id)))
        engine.until_answer(id)
        untouched(preview)
        assert load_png(preview).shape[2] == 3
