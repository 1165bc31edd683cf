"""A great many textures by one service: its memory, files and threads stay what they were."""

from __future__ import annotations

import os
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
            files.append(_count_open(process))
            threads.append(_count_threads(process))
        if sockets := count_sockets(process):
            outcome.fallen.append(f"the service has {sockets} sockets open")
    outcome.fallen += [
        f"{name} have grown by {growth:.0f}: {', '.join(_tenths(values))}"
        for name, values, of_late, most in (
            ("megabytes", memory, max, _MOST_GROWTH),
            # One that is on its way out as they are counted is none that stays.
            ("open files", files, min, 0),
            ("threads", threads, min, 0),
        )
        if (growth := _growth(values, of_late)) > most
    ]
    outcome.remark = (
        f"After each tenth of them, megabytes of memory: {', '.join(_tenths(memory))}; "
        f"open files: {', '.join(_tenths(files))}; threads: {', '.join(_tenths(threads))}"
    )
    outcome.series = {"megabytes of memory": memory, "open files": files, "threads": threads}
    return outcome.done()


def _growth(values, of_late):
    """How much more there is in the last fifth than when all was warm.

    Args:
        values: After each texture.
        of_late: Which of those in the last fifth counts: the ``max`` or the ``min``.
    """
    count = len(values)
    warm = values[round(_WARM * count) : round((_WARM + 0.2) * count)] or values
    return of_late(values[-len(warm) :]) - max(warm)


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
