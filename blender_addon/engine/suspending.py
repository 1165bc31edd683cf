"""The job that was stopped last, with what it takes to go on with it.

One key pressed over an editor cancels, and the connection to another computer may be lost; so what
was done by then is kept, until the job is gone on with, another one is done, or a file is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .program import Host
from .tasks import Task, Watch


@dataclass(frozen=True)
class Suspended:
    """A job that was stopped with something done.

    Attributes:
        task: It has its temporary files still.
        watch: Who looks at its previews, if anybody.
        python: That of its engine, or the computer that has it.
        fraction: Share of the work that was done, 0 to 1.
    """

    task: Task
    watch: Watch | None
    python: Path | Host
    fraction: float


_kept: Suspended | None = None


def look() -> Suspended | None:
    """Return the job that is suspended; None if none is."""
    return _kept


def keeps(task: Task) -> bool:
    """Return whether the files of a task are still needed."""
    return _kept is not None and _kept.task is task


def suspend(job: Suspended | None) -> None:
    """Let a job be the one that is suspended, in the place of another."""
    global _kept
    before, _kept = _kept, job
    if before is not None and (job is None or before.task is not job.task):
        before.task.close()


def take() -> Suspended | None:
    """Return the job that is suspended, for somebody who goes on with it; None if none is."""
    global _kept
    kept, _kept = _kept, None
    return kept


def forget() -> None:
    """Give up the job that is suspended, and its files."""
    suspend(None)
