"""Running other programs: their words go to the log, and a cancel ends them at once."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from .place import Cancelled, EngineFolder, Failed
from .processes import terminate
from .reaper import Reaper

TICK_SECONDS = 0.1
WATCH_SECONDS = 1.0
LAST_LINES = 30
PROBE_SECONDS = 40

# What the programs say when there is no line, no room, or nothing that fits.
_CAUSES = (
    (
        ("no space left", "os error 28", "errno 28", "os error 112", "not enough space"),
        "The disk is full: make room, or choose a folder on another disk.",
        "folder",
    ),
    (
        ("file name too long", "path too long", "os error 206", "filename or extension is too"),
        "A path became too long for Windows: choose a folder with a short name.",
        "folder",
    ),
    (
        ("do not match the hashes", "hash mismatch", "hash-checking", "no trusted hash"),
        "A package in the index is not the one that Texcore was released with (its hash is "
        "another): try again, or install from a folder of wheels that you trust.",
        "wheels",
    ),
    (
        ("certificate", "tls", "ssl"),
        "The server's certificate is not trusted here, as behind some company networks: ask for "
        "the certificate's file and name it in SSL_CERT_FILE, or install from a folder of wheels.",
        "wheels",
    ),
    (
        ("dns", "name resolution", "error sending request", "connection", "timed out", "timeout",
         "network", "failed to fetch", "max retries", "unreachable"),
        "The package index cannot be reached: look at the internet connection and try again, or "
        "install from a folder of wheels.",
        "retry",
    ),
    (
        ("no solution", "could not find a version", "no matching distribution", "unsatisfiable",
         "not supported wheel"),
        "There is no build of the engine's packages for this Python and computer: choose another "
        "Python, or install from a folder of wheels.",
        "python",
    ),
)  # fmt: skip


class Programs:
    """Runs one program at a time for a set-up.

    Args:
        place: Whose log is written and whose cancel file is looked for.
        log: The open log.
        variables: Environment of every program.
        reaper: Ends the program that runs if this one is killed; None for nobody.
    """

    def __init__(
        self,
        place: EngineFolder,
        log: IO[str],
        variables: Mapping[str, str],
        reaper: Reaper | None = None,
    ) -> None:
        self._place = place
        self._reaper = reaper or Reaper()
        self._log = log
        self.variables = dict(variables)
        self._start = time.monotonic()
        self.stopped = False  #: set from a signal handler: as if the cancel file were there

    def note(self, text: str) -> None:
        """Write a line to the log."""
        self._log.write(f"{text}\n")
        self._log.flush()

    def stop_if_cancelled(self) -> None:
        """Raise `Cancelled` if somebody wants the set-up to stop."""
        if self.stopped or self._place.cancel.exists():
            raise Cancelled

    def run(
        self,
        command: Sequence[str | Path],
        doing: str,
        variables: Mapping[str, str] | None = None,
        seconds: float | None = None,
        watch: Callable[[str], None] | None = None,
        quiet: bool = False,
    ) -> str:
        """Run a program to its end and return what it printed.

        Args:
            command: Program and arguments.
            doing: What it is for, in words that follow “while”.
            variables: On top of those of every program.
            seconds: After which it is ended and has failed.
            watch: Called with each line, and with an empty one every second.
            quiet: Keep its words out of the log.

        Raises:
            Cancelled: Somebody wants the set-up to stop; the program and its children are ended.
            Failed: It cannot be run, has failed, or took too long.
        """
        self.stop_if_cancelled()
        seconds_in = time.monotonic() - self._start
        self.note(f"[{seconds_in:6.1f} s] {' '.join(map(str, command))}")
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                env={**self.variables, **(variables or {})},
                cwd=self._place.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=os.name != "nt",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as e:
            raise Failed(f"While {doing}: {command[0]} cannot be run ({e.strerror}).") from None
        lines: list[str] = []
        try:
            with self._reaper.watching(process.pid):
                self._follow(process, lines, seconds, watch, quiet)
        except BaseException:
            end_tree(process)
            raise
        said = "\n".join(lines)
        if process.returncode:
            self.note(f"(ended with {process.returncode})")
            raise explained(said, doing)
        return said

    def answers(self, command: Sequence[str | Path]) -> bool:
        """Whether a program runs without an error; what it says is kept to itself."""
        try:
            self.run(command, "asking it", seconds=PROBE_SECONDS, quiet=True)
        except Failed:
            return False
        return True

    def _follow(
        self,
        process: subprocess.Popen[str],
        lines: list[str],
        seconds: float | None,
        watch: Callable[[str], None] | None,
        quiet: bool,
    ) -> None:
        """Collect a program's lines until it ends."""
        said: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_pump, args=(process.stdout, said), daemon=True).start()
        deadline = time.monotonic() + seconds if seconds else float("inf")
        looked = time.monotonic()
        while True:
            self.stop_if_cancelled()
            now = time.monotonic()
            if now > deadline:
                raise Failed(f"There was no answer in {seconds:.0f} s: try again.")
            if watch is not None and now - looked > WATCH_SECONDS:
                looked = now
                watch("")
            try:
                line = said.get(timeout=TICK_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                process.wait()
                return
            lines.append(line)
            if not quiet:
                self.note(line)
            if watch is not None:
                watch(line)


def explained(said: str, doing: str) -> Failed:
    """The error that a program's last words mean."""
    last = [line.strip() for line in said.splitlines() if line.strip()][-LAST_LINES:]
    text = "\n".join(last).lower()
    for words, sentence, fix in _CAUSES:
        if any(word in text for word in words):
            return Failed(sentence, fix)
    why = last[-1] if last else "it said nothing"
    return Failed(f"It failed while {doing}: {why}")


def end_tree(process: subprocess.Popen[str]) -> None:
    """End a program and the programs that it has started, at once."""
    terminate(process.pid)
    process.wait()


def _pump(pipe: IO[str], lines: queue.Queue[str | None]) -> None:
    """Put each line of a pipe into a queue, and None at its end."""
    with pipe:
        for line in pipe:
            lines.put(line.rstrip())
    lines.put(None)
