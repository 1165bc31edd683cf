"""Follow a run: its steps, its previews, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from torch import Tensor

from ..contract.calibration import Expected
from ..synthesis.steps import Step
from .checkpoint import Checkpoint
from .preparation import Run

# Seconds between previews: at most four a second, and more where they take long to make.
_PREVIEW_INTERVAL = 0.25
_PREVIEW_SHARE = 1 / 10
# Share of the work from which on what was seen of it counts, and no expectation.
_TRUSTED_SHARE = 0.3


@dataclass(frozen=True)
class Moment:
    """A step on the way.

    Attributes:
        step: What was done.
        previewed: Whether the preview's file was written anew at it.
        memory: Bytes that the run is expected to take at its peak.
        keepable: Whether the run can be stopped here and its texture kept as it is.
        remaining: Estimated seconds to go; None while there is no estimate.
    """

    step: Step
    previewed: bool
    memory: int
    keepable: bool = False
    remaining: float | None = None


def moments(
    synthesis: Run,
    show: Callable[[Tensor], bool] | None,
    checkpoint: Checkpoint | None = None,
    clock: Clock | None = None,
) -> Iterator[Moment]:
    """Do the work, and write the files of preview and checkpoint now and then.

    Args:
        synthesis: The run.
        show: Writes the preview of a small canvas, and says whether it is there; None for no
            preview.
        checkpoint: Where the state is kept; None to keep none.
        clock: Tells the time left; None for one that knows nothing of before.
    """
    due = 0.0
    clock = clock or Clock()
    for step in synthesis.steps():
        if checkpoint and step.evaluations:
            checkpoint.keep(synthesis.state)
        begun = time.monotonic()
        previewed = False
        if show and begun >= due:
            previewed = show(synthesis.preview())
            now = time.monotonic()
            due = now + max(_PREVIEW_INTERVAL, (now - begun) / _PREVIEW_SHARE)
        remaining = clock.remaining(step.fraction)
        yield Moment(step, previewed, synthesis.forecast.peak, remaining=remaining)


class Stopwatch:
    """Times a run by its parts, from now on; see `texcore.contract.costs.Cost`."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._paused = 0.0
        self._first: float | None = None
        self._last = 0.0

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Leave out of the parts what is done meanwhile."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self._paused += time.monotonic() - begun

    def see(self, step: Step) -> None:
        """Look at a step that has been made."""
        self._last = time.monotonic()
        if self._first is None and (step.loss is not None or step.fraction > 0):
            self._first = self._last

    @property
    def seconds(self) -> float:
        """All that has passed."""
        return time.monotonic() - self._begun

    @property
    def parts(self) -> Expected:
        """What each part took, now that all is done."""
        first = self._last if self._first is None else self._first
        before = first - self._begun - self._paused
        return Expected(before, self._last - first, time.monotonic() - self._last)


class Clock:
    """Estimates the time left, from what was expected and from the fractions of work done.

    Args:
        now: A monotonic clock in seconds.
        expected: What the whole was expected to take, from now on; None if nobody knows.
    """

    def __init__(
        self, now: Callable[[], float] = time.monotonic, expected: Expected | None = None
    ) -> None:
        self._now = now
        self._expected = expected
        self._begun = now() if expected else 0.0
        self._first: tuple[float, float] | None = None

    def remaining(self, fraction: float) -> float | None:
        """Seconds to go at this share of the work, 0...1; None while it is too early to say."""
        now = self._now()
        observed, seen = self._observe(now, fraction), 0.0
        if self._first is not None:
            seen = fraction - self._first[1]
        expected = self._expected
        if expected is None:
            return observed
        if fraction == 0:
            return max(expected.total - (now - self._begun), expected.work + expected.after)
        prior = expected.work * (1 - fraction)
        if observed is None:
            return prior + expected.after
        trust = min(1.0, seen / _TRUSTED_SHARE)
        return (1 - trust) * prior + trust * observed + expected.after

    def _observe(self, now: float, fraction: float) -> float | None:
        """Go by what was seen alone; what comes before the first look says nothing of the rest."""
        if self._first is None or (self._expected and self._first[1] == 0):
            self._first = (now, fraction)
            return None
        then, begun = self._first
        if fraction - begun < 0.005 or now - then < 0.5:
            return None
        return (now - then) / (fraction - begun) * (1 - fraction)
