"""How far a command is, on one line of the terminal."""

from __future__ import annotations

import functools
import sys
import threading
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeVar

from ..contract.estimates import format_duration, format_rough_duration

if TYPE_CHECKING:
    from ..service.calibrating import Outlook
    from ..service.progress import Moment

Made = TypeVar("Made")

_FORMAT = "|{bar:30}| {percentage:3.0f}%  {desc}"
# At least so many seconds lie between two drawings on a terminal, and between two lines of a log.
_DRAWING_SECONDS = 0.1
_LOGGING_SECONDS = 10.0
# Between two drawings of which the second only shows that time goes by.
_TICKING_SECONDS = 1.0


class Bar:
    """A progress bar on one line of standard error; a line now and then where that is no terminal.

    tqdm draws it. The share done and the time left are those of the run, which knows that one
    iteration takes longer than another, and not tqdm's, which counts iterations.

    Args:
        quiet: Show nothing.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet or sys.stderr is None
        self._terminal = not self._quiet and sys.stderr.isatty()
        self._logged = float("-inf")
        self._line: Any = None
        self._shown: tuple[float, str, float, float] | None = None

    def show(self, stage: str, fraction: float, remaining: float | None = None) -> None:
        """Draw it: what is happening, the share done, seconds left or None."""
        self._shown = None
        if remaining is not None:
            self._shown = (time.monotonic(), stage, fraction, remaining)
        words = stage if remaining is None else f"{stage}, {format_duration(remaining)} left"
        if self._terminal:
            self._draw(words, fraction)
        elif not self._quiet:
            self._log(words, fraction)

    def tick(self) -> None:
        """Let the time left go by while nothing else happens; may be called as often as one likes.

        It is drawn no more than once a second.
        """
        if self._shown is None:
            return
        then, stage, fraction, remaining = self._shown
        now = time.monotonic()
        if now - then >= _TICKING_SECONDS:
            self.show(stage, fraction, max(0.0, remaining - (now - then)))

    def _draw(self, words: str, fraction: float) -> None:
        """Have tqdm draw it, unless it has just done so."""
        if self._line is None:
            self._line = _terminal_line()(
                desc=words,
                initial=fraction,
                total=1.0,
                file=sys.stderr,
                bar_format=_FORMAT,
                mininterval=_DRAWING_SECONDS,
                miniters=0,
                dynamic_ncols=True,
                leave=False,
            )
        else:
            self._line.set_description_str(words, refresh=False)
            self._line.update(fraction - self._line.n)

    def _log(self, words: str, fraction: float) -> None:
        """Write a line, unless the last one is not long ago."""
        now = time.monotonic()
        if now - self._logged >= _LOGGING_SECONDS:
            self._logged = now
            sys.stderr.write(f"{fraction:4.0%}  {words}\n")
            sys.stderr.flush()

    def say(self, sentence: str) -> None:
        """Put a line above it."""
        if self._terminal:
            _terminal_line().write(f"texcore: {sentence}", file=sys.stderr)
        elif not self._quiet:
            print(f"texcore: {sentence}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._line is not None:
            self._line.close()
            self._line = None


@functools.cache
def _terminal_line() -> Any:
    """Make tqdm's class of bars, without its thread and its lock between processes.

    Both are for bars that hang or that many processes draw, and the lock starts a process of its
    own on some systems. tqdm is imported here since most of what imports this module draws nothing.
    """
    from tqdm import tqdm

    line: Any = type("TerminalLine", (tqdm,), {"monitor_interval": 0})
    line.set_lock(threading.RLock())
    return line


def follow(run: Generator[Moment, None, Made], bar: Bar) -> Made:
    """Do a run to its end behind a bar, which goes then; returns what was made."""
    try:
        while True:
            moment = next(run)
            bar.show(moment.step.stage, moment.step.fraction, moment.remaining)
    except StopIteration as stop:
        made: Made = stop.value
        return made
    finally:
        bar.close()


def announce(outlook: Outlook, bar: Bar) -> None:
    """Say above a bar what a run will take, and begin to count down."""
    from ..runtime.memory import gigabytes

    expected, place = outlook.expected, outlook.place
    if expected and place:
        where = f"the CPU ({_count(place.threads)})" if place.device == "cpu" else place.name
        bar.say(f"About {format_rough_duration(expected.total)} on {where}.")
    bar.say(f"This takes about {gigabytes(outlook.memory)} of memory at its peak.")
    bar.show("Beginning", 0.0, expected.total if expected else None)


def _count(threads: int) -> str:
    return f"{threads} thread{'s' * (threads != 1)}"
