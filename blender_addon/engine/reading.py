"""Read what the engine says, beside Blender: two threads, a mailbox and a log."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from typing import IO

from ..bundled.texcore.contract import messages
from ..bundled.texcore.contract.messages import ProtocolError
from .mailbox import Mailbox

LOG_LINES = 200
LINE_LETTERS = 2000  #: of a line in the log


class Log:
    """The last `LOG_LINES` lines that an engine has written to its stderr, or others about it."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=LOG_LINES)

    def add(self, line: str) -> None:
        """Add a line, no longer than anybody reads."""
        self._lines.append(line[:LINE_LETTERS])

    def __str__(self) -> str:
        return "\n".join(self._lines)


def read_beside(
    process: subprocess.Popen[bytes], mailbox: Mailbox, log: Log
) -> list[threading.Thread]:
    """Read a program's stdout into a mailbox and its stderr into a log, each in a thread."""
    threads = [
        threading.Thread(target=work, args=arguments, name="texcore-engine", daemon=True)
        for work, arguments in (
            (_read_messages, (process.stdout, mailbox, log)),
            (_read_log, (process.stderr, log)),
        )
    ]
    for thread in threads:
        thread.start()
    return threads


def _read_messages(pipe: IO[bytes], mailbox: Mailbox, log: Log) -> None:
    """Put each message on a pipe into a mailbox, and None at its end; other lines go to the log."""
    try:
        with pipe:
            for line in messages.read_lines(pipe):
                try:
                    mailbox.put(messages.parse(line))
                except ProtocolError:
                    log.add(_cut(line))
    finally:
        mailbox.put(None)


def _read_log(pipe: IO[bytes], log: Log) -> None:
    """Put each line on a pipe into the log."""
    with pipe:
        for line in messages.read_lines(pipe):
            log.add(_cut(line))


def _cut(line: bytes) -> str:
    """Return a line as text, no longer than anybody reads."""
    return line[:LINE_LETTERS].decode(errors="replace").rstrip()
