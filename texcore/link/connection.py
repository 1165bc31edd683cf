"""One connection to an engine on another computer: a process of ssh, and what it says."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import IO

from ..contract import messages
from ..contract.errors import TexcoreError, Unavailable
from . import ssh

END_SECONDS = 5.0
_LOG_LINES = 100
_LOG_LETTERS = 2000


class Connection:
    """A process of ssh.

    Args:
        host: The other computer.
        command: What its shell runs.
        archive: The engine's code, for one that lacks it.
        hear: Called with each line that comes, on a thread of its own, and None at their end.

    Raises:
        TexcoreError: There is no ssh here, or the host has no name.
    """

    def __init__(
        self, host: str, command: str, archive: bytes, hear: Callable[[bytes | None], None]
    ) -> None:
        self._host = host
        self._archive = archive
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._writing = threading.Lock()
        try:
            self._process = subprocess.Popen(
                ssh.compose_command(host, command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as e:
            raise Unavailable(
                f"The program ssh cannot be run ({e.strerror}): install OpenSSH on this computer."
            ) from None
        self._threads = [
            threading.Thread(target=self._read, args=(self._process.stdout, hear), daemon=True),
            threading.Thread(target=self._read_log, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def write(self, line: bytes) -> bool:
        """Send a line; returns whether there was anybody to take it."""
        assert self._process.stdin is not None
        try:
            with self._writing:
                self._process.stdin.write(line)
                self._process.stdin.flush()
        except (OSError, ValueError):
            return False  # its end is about to be read
        return True

    def send_code(self) -> None:
        """Send the engine's code."""
        self.write(f"{len(self._archive)}\n".encode() + self._archive)

    def explain_end(self) -> TexcoreError:
        """Return what its end means, before the engine has spoken."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        self._threads[1].join(END_SECONDS)
        return ssh.explain_end(self._host, self._process.poll(), "\n".join(self._log))

    def kill(self) -> None:
        """End it at once; the other side ends by itself as its stdin closes."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it: close its stdin, and kill it if that is not enough."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # its end is gone, but then it is closed all the same
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        for thread in self._threads:
            thread.join(END_SECONDS)

    def _read(self, pipe: IO[bytes], hear: Callable[[bytes | None], None]) -> None:
        try:
            with pipe:
                for line in messages.read_lines(pipe):
                    hear(line)
        finally:
            hear(None)

    def _read_log(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in messages.read_lines(pipe):
                text = line[:_LOG_LETTERS].decode(errors="replace").rstrip()
                self._log.append(text)
                sys.stderr.write(f"{text}\n")


def means(line: bytes, word: str) -> bool:
    """Return whether a line is one of the far side's own words, see `texcore.link.far_side`."""
    return line.strip() == word.encode()
