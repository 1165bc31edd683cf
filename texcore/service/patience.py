"""Wait a little for the end of a step, at which what was done can be kept."""

from __future__ import annotations

import time

#: Longer ones are left at once: of those there is what was written a minute ago at most.
_SECONDS = 5.0


class Patience:
    """How long a cancelled job may work on to the end of its step, where its state can be kept.

    Args:
        pausable: Whether that is wanted.
    """

    def __init__(self, pausable: bool) -> None:
        self._pausable = pausable
        self._begun = False
        self._until: float | None = None

    def begin(self) -> None:
        """Note that a step has been made: before the first there is nothing to keep."""
        self._begun = True

    def lasts(self) -> bool:
        """Say whether to work on; asked for the first time when the job is cancelled."""
        if not self._pausable or not self._begun:
            return False
        if self._until is None:
            self._until = time.monotonic() + _SECONDS
        return time.monotonic() < self._until
