"""A batch that is killed, or loses a worker: every result is whole, or not there."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from tests.making import bricks, save_png
from tests.running import SECONDS, begin, command, environment, texcore
from texcore.cli import main

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
QUICK = ("--size", "48", "--quality", "draft", "--weights", "random", "--device", "cpu")
QUICK += ("--iterations", "4", "--no-straighten")
# The process kills itself as `kill -9` would, once the state of the second row has been written
# some times.
_KILLED = """
import os, signal
from texcore.service.checkpoint import Checkpoint
Checkpoint.INTERVAL = 0.0
keep, seen = Checkpoint.keep, {}
def until_killed(self, state):
    done = keep(self, state)
    seen[self.path] = seen.get(self.path, 0) + 1
    if len(seen) == 2 and seen[self.path] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
Checkpoint.keep = until_killed
"""


@pytest.fixture
def words(folder):
    save_png(folder / "a.png", bricks(48, 48))

    def words(out, rows, *more):
        queue = folder / "queue.jsonl"
        lines = (json.dumps({"image": "a.png", "name": f"{n}", "seed": n}) for n in range(rows))
        queue.write_text("\n".join(lines))
        return ("batch", queue, "-o", folder / out, *QUICK, *more)

    return words


def make_here(words):
    """Make a batch in this process, as the processes under test do it: with one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert main([*map(str, words), "-q"]) == 0
    finally:
        torch.set_num_threads(threads)


def read(folder):
    """The results of a batch by name, and its report by row."""
    made = {path.name: path.read_bytes() for path in folder.glob("*.png")}
    lines = (folder / "report.jsonl").read_text().splitlines()
    return made, {line["row"]: line for line in map(json.loads, lines)}


def list_work(folder):
    return sorted((folder / ".texcore" / "work").iterdir())


@posix
def test_killed_it_goes_on_with_the_row_and_the_rest(home, folder, words, capsys):
    make_here(words("whole", 3))
    killed = texcore(home, *words("cut", 3, "-q"), code=_KILLED)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    made, report = read(folder / "cut")
    assert (list(made), list(report)) == (["0.png"], [1])
    assert [path.suffix for path in list_work(folder / "cut") if path.is_file()] == [".checkpoint"]
    capsys.readouterr()
    make_here(words("cut", 3))
    said = capsys.readouterr().out
    assert said.startswith("2 made") and "1 there already" in said
    made, report = read(folder / "cut")
    assert made == read(folder / "whole")[0] and len(made) == 3
    assert [report[row]["state"] for row in (1, 2, 3)] == ["there", "made", "made"]
    assert any("Gone on after" in note for note in report[2]["notes"])
    assert list_work(folder / "cut") == []


@pytest.fixture
def start(home):
    """Start a batch; whatever becomes of the test, it ends."""
    started = []

    def start(*words):
        process = begin(
            command(*words),
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        watchdog = threading.Timer(SECONDS, process.kill)
        watchdog.start()
        started.append((process, watchdog))
        return process

    yield start
    for process, watchdog in started:
        watchdog.cancel()
        process.kill()
        process.communicate()


def list_workers(process):
    """The numbers of the processes in which a batch has its workers."""
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    children = [child for task in tasks for child in (task / "children").read_text().split()]
    return [int(c) for c in children if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="workers are found in /proc")
def test_a_worker_that_is_killed_is_replaced_and_no_row_is_lost(home, folder, words, start):
    make_here(words("alone", 4))
    process = start(*words("farm", 4, "--workers", "2"))
    assert "http://127.0.0.1:" in process.stderr.readline()
    assert "0 of 4" in process.stderr.readline()
    first, second = list_workers(process)
    os.kill(first, signal.SIGKILL)
    err = process.communicate(timeout=SECONDS)[1]
    assert process.returncode == 0, err
    assert "Traceback" not in err
    made, report = read(folder / "farm")
    assert made == read(folder / "alone")[0] and len(made) == 4
    assert sorted(report) == [1, 2, 3, 4]
    assert {line["state"] for line in report.values()} <= {"made", "there"}
    assert list_work(folder / "farm") == []
    assert not Path(f"/proc/{second}").exists()
