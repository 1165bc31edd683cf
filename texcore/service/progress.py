"""Follow a run: its steps, its previews, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

from ..synthesis.run import Step
from .checkpoint import Checkpoint
from .preparation import Run

# Seconds between previews: at most four a second, and more where they take long to make.
_PREVIEW_INTERVAL = 0.25
_PREVIEW_SHARE = 1 / 10


@dataclass(frozen=True)
class Moment:
    """A step on the way.

    Attributes:
        step: What was done.
        previewed: Whether the preview's file was written anew at it.
        memory: Bytes that the run is expected to take at its peak.
        keepable: Whether the run can be stopped here and its texture kept as it is.
    """

    step: Step
    previewed: bool
    memory: int
    keepable: bool = False


def moments(
    synthesis: Run,
    show: Callable[[Tensor], object] | None,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Moment]:
    """Do the work, and write the files of preview and checkpoint now and then.

    Args:
        synthesis: The run.
        show: Writes the preview of a small canvas; None for no preview.
        checkpoint: Where the state is kept; None to keep none.
    """
    due = 0.0
    for step in synthesis.steps():
        if checkpoint and step.evaluations:
            checkpoint.keep(synthesis.state)
        begun = time.monotonic()
        previewed = show is not None and begun >= due
        if previewed and show:
            show(synthesis.preview())
            now = time.monotonic()
            due = now + max(_PREVIEW_INTERVAL, (now - begun) / _PREVIEW_SHARE)
        yield Moment(step, previewed, synthesis.forecast.peak)


class Clock:
    """Estimates the time left from the fractions of work done.

    Args:
        now: A monotonic clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._first: tuple[float, float] | None = None

    def remaining(self, fraction: float) -> float | None:
        """Seconds to go at this share of the work, 0...1; None while it is too early to say."""
        now = self._now()
        if self._first is None:
            self._first = (now, fraction)
            return None
        then, begun = self._first
        if fraction - begun < 0.005 or now - then < 0.5:
            return None
        return (now - then) / (fraction - begun) * (1 - fraction)
