"""How far a command is, on one line of the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ..service.progress import Moment

Made = TypeVar("Made")


class Bar:
    """A progress bar on one line of standard error; a line now and then where that is no terminal.

    Args:
        quiet: Show nothing.
    """

    _WIDTH = 30
    _INTERVAL = 0.1
    _LOG_INTERVAL = 10.0

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet or sys.stderr is None
        self._terminal = not self._quiet and sys.stderr.isatty()
        self._shown = float("-inf")
        self._open = False

    def show(self, stage: str, fraction: float, remaining: float | None = None) -> None:
        """Draw it: what is happening, the share done, seconds left or None."""
        now = time.monotonic()
        interval = self._INTERVAL if self._terminal else self._LOG_INTERVAL
        if self._quiet or now - self._shown < interval:
            return
        self._shown = now
        left = "" if remaining is None else f", {duration(remaining)} left"
        if self._terminal:
            full = round(fraction * self._WIDTH)
            bar = "█" * full + "░" * (self._WIDTH - full)
            text = f"\r{bar} {fraction:4.0%}  {stage}{left}\x1b[K"
            self._open = True
        else:
            text = f"{fraction:4.0%}  {stage}{left}\n"
        sys.stderr.write(text)
        sys.stderr.flush()

    def say(self, sentence: str) -> None:
        """Put a line above it."""
        if not self._quiet:
            self.close()
            sys.stderr.write(f"texcore: {sentence}\n")
            sys.stderr.flush()

    def close(self) -> None:
        """Take the bar away."""
        if self._open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._open = False


def follow(run: Generator[Moment, None, Made], bar: Bar) -> Made:
    """Do a run to its end behind a bar, which goes then; returns what was made."""
    from ..runtime.memory import gigabytes
    from ..service.progress import Clock

    clock = Clock()
    said = False
    try:
        while True:
            moment = next(run)
            if not said:
                bar.say(f"This takes about {gigabytes(moment.memory)} of memory at its peak.")
                said = True
            step = moment.step
            bar.show(step.stage, step.fraction, clock.remaining(step.fraction))
    except StopIteration as stop:
        made: Made = stop.value
        return made
    finally:
        bar.close()


def duration(seconds: float) -> str:
    """As a person says it: ``8 s``, ``2 min 05 s``, ``1 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
