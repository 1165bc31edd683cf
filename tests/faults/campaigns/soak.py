"""A great many textures by one service: its memory stays what it was, and it opens no socket."""

from __future__ import annotations

import os
from pathlib import Path

from tests.running import Engine
from texcore.contract.jobs import Job
from texcore.contract.recipe import Recipe

from .counting import Outcome
from .messages import count_sockets

#: Of the jobs, the first that memory may grow in: caches fill.
_WARM = 0.2
#: Megabytes that memory may grow by between then and the end.
_MOST_GROWTH = 24


def campaign(rng, count, folder, exemplar):
    """Make so many textures; the outcome has what the memory was, in equal steps."""
    folder.mkdir(parents=True)
    outcome = Outcome("Textures made by one service")
    out, memory = folder / "out.png", []
    with Engine(folder / "home") as engine:
        engine.greet()
        process, files = engine.process.pid, 0
        for number in range(count):
            quality = "sketch" if rng.random() < 0.8 else "draft"
            recipe = Recipe(seed=number, size=(32, 32), quality=quality)
            job = Job.of_picture(exemplar, out, recipe, weights="random")
            answer = engine.answer("synthesize", job)
            wrong = [] if "result" in answer else [f"job {number}: {answer['error']['message']}"]
            outcome.note(f"as a {quality}", *wrong)
            memory.append(_megabytes(process))
            if number == round(_WARM * count):
                files = _count_open(process)
        if _count_open(process) > files:
            outcome.fallen.append(f"{files} files were open, and then {_count_open(process)}")
        if sockets := count_sockets(process):
            outcome.fallen.append(f"the service has {sockets} sockets open")
    warm = memory[round(_WARM * count) : round((_WARM + 0.2) * count)] or memory
    growth = max(memory[-len(warm) :]) - max(warm)
    if growth > _MOST_GROWTH:
        outcome.fallen.append(f"memory has grown by {growth:.0f} MB: {memory}")
    tenths = [f"{memory[round(k * (count - 1) / 10)]:.0f}" for k in range(11)]
    outcome.remark = f"Megabytes of memory after each tenth of them: {', '.join(tenths)}"
    return outcome.done()


def _megabytes(process):
    """Of memory that a process has to itself and is resident."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _count_open(process):
    return len(list(Path(f"/proc/{process}/fd").iterdir()))
