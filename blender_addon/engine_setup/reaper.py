"""Ends what a set-up has started if the set-up itself is killed: a program beside it, of its own.

Nothing tells a process on every system that another one has died, but the end of a pipe does. The
set-up says over it which program it runs; when the pipe ends and a program is still said to run,
that is ended with all that it has started.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .processes import terminate, when_started

_END_SECONDS = 5.0


class Reaper:
    """Knows which program a set-up runs.

    Args:
        pipe: To the program of this module; None if it could not be started: then nobody looks.
    """

    def __init__(self, pipe: IO[str] | None = None) -> None:
        self._pipe = pipe

    @contextmanager
    def watching(self, pid: int) -> Iterator[None]:
        """Have a program be ended if this process is killed before the block ends."""
        self._say(f"{pid} {when_started(pid)}")
        try:
            yield
        finally:
            self._say("")

    def _say(self, line: str) -> None:
        if self._pipe is not None:
            with contextlib.suppress(OSError):  # it has been killed itself
                print(line, file=self._pipe, flush=True)


@contextmanager
def reaping(note: Callable[[str], None]) -> Iterator[Reaper]:
    """Run the program of this module beside the block; a set-up goes on without it.

    Args:
        note: Is told why there is none.
    """
    detached = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    detached |= getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    try:
        process = subprocess.Popen(
            [sys.executable, "-s", "-B", "-m", __name__],
            cwd=Path(__file__).parents[1],  # where its package lies
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            # What ends the set-up's group must not end it too.
            start_new_session=os.name != "nt",
            creationflags=detached,
        )
    except OSError as e:
        note(f"(nobody looks whether the set-up is killed: {e.strerror})")
        yield Reaper()
        return
    try:
        yield Reaper(process.stdin)
    finally:
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> None:
    """Read which program runs until nobody says it any more, and end the last one."""
    running = ""
    for line in sys.stdin:
        running = line.strip()
    number, _, started = running.partition(" ")
    if number.isdigit() and started and when_started(int(number)) == started:
        terminate(int(number))


if __name__ == "__main__":
    main()
