"""A great many textures by one service: its memory, files and threads stay what they were."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from tests.running import SECONDS, Engine
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe

from .counting import Outcome
from .messages import count_sockets

#: Of the jobs, the first that memory may grow in: caches fill.
_WARM = 0.2
#: Seconds for each, against hanging for ever.
_MOST_SECONDS = 10
#: Seconds after a texture in which a thread or file that is on its way out may still be there.
_LEAVING = 2.0
#: Megabytes that memory may grow by between then and the end.
_MOST_GROWTH = 24


def campaign(rng, count, folder, exemplar):
    """Make so many textures; the outcome has what the memory was, in equal steps."""
    folder.mkdir(parents=True)
    outcome = Outcome("Textures made by one service")
    out, memory, files, threads = folder / "out.png", [], [], []
    with Engine(folder / "home", seconds=SECONDS + _MOST_SECONDS * count, fresh=True) as engine:
        engine.greet()
        process = engine.process.pid
        for number in range(count):
            quality = "sketch" if rng.random() < 0.8 else "draft"
            recipe = Recipe(seed=number, size=(32, 32), quality=quality)
            job = Job.of_picture(exemplar, out, recipe, weights="random")
            answer = engine.answer("synthesize", job)
            wrong = [] if "result" in answer else [f"job {number}: {answer['error']['message']}"]
            outcome.note(f"as a {quality}", *wrong)
            memory.append(_megabytes(process))
            for values, count_now in ((files, _count_open), (threads, _count_threads)):
                values.append(settled(count_now, process, values[-1] if values else 0))
        if sockets := count_sockets(process):
            outcome.fallen.append(f"the service has {sockets} sockets open")
    outcome.fallen += [
        f"{name} have grown by {growth:.0f}: {', '.join(_tenths(values))}"
        for name, values, most in (
            ("megabytes", memory, _MOST_GROWTH),
            ("open files", files, 0),
            ("threads", threads, 0),
        )
        if (growth := growth_of(values)) > most
    ]
    outcome.remark = (
        f"After each tenth of them, megabytes of memory: {', '.join(_tenths(memory))}; "
        f"open files: {', '.join(_tenths(files))}; threads: {', '.join(_tenths(threads))}"
    )
    outcome.series = {"megabytes of memory": memory, "open files": files, "threads": threads}
    return outcome.done()


def settled(count_now: Callable[[int], int], process: int, before: int) -> int:
    """Count something of a process when what is on its way out has gone.

    Args:
        count_now: Counts it as it is now.
        process: The process's number.
        before: What there was the last time; as soon as there is no more, the count is done.

    Returns:
        What is there then, or what still is after some seconds.
    """
    deadline = time.monotonic() + _LEAVING
    while (count := count_now(process)) > before and time.monotonic() < deadline:
        time.sleep(0.02)
    return count


def growth_of(values: list[float]) -> float:
    """Say how much more there is at most in the last fifth than there was when all was warm.

    Args:
        values: After each texture.
    """
    count = len(values)
    warm = values[round(_WARM * count) : round((_WARM + 0.2) * count)] or values
    return max(values[-len(warm) :]) - max(warm)


def _tenths(values):
    return [f"{values[round(k * (len(values) - 1) / 10)]:.0f}" for k in range(11)]


def _megabytes(process):
    """Of memory that a process has to itself and is resident."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _count_open(process):
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def _count_threads(process):
    return len(list(Path(f"/proc/{process}/task").iterdir()))
