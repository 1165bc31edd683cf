"""How far a batch is, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable

from .outcomes import MADE, Outcome

# Of the rows made last, so many tell how long one takes.
_REMEMBERED = 32


class Pace:
    """Estimates the time that the rows left will take from those that were made.

    Args:
        rows: How many there are.
        workers: How many rows are made at a time.
        now: A monotonic clock in seconds.
    """

    def __init__(
        self, rows: int, workers: int = 1, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.rows, self.workers = rows, workers
        self._now = now
        self._since = now()
        self._made: list[float] = []
        self.done = 0
        self.failed = 0

    def add(self, outcome: Outcome) -> None:
        """Take note of a row that has ended."""
        self.done += 1
        self.failed += not outcome.ok
        if outcome.state == MADE:
            self._made = [*self._made[1 - _REMEMBERED :], outcome.seconds]
        self._since = self._now()

    @property
    def fraction(self) -> float:
        """Share of the rows that have ended."""
        return self.done / self.rows if self.rows else 1.0

    def remaining(self, current: float | None = None) -> float | None:
        """Seconds to go; None while nothing is known.

        Args:
            current: Seconds that the row being made will still take; None where nobody knows, or
                where several are.
        """
        left = self.rows - self.done
        if not self._made:
            return None
        each = sum(self._made) / len(self._made)
        if current is not None and self.workers == 1:
            return current + each * max(0, left - 1)
        passed = self._now() - self._since
        return max(0.0, each * left / self.workers - passed)
