"""The engine's process: start, send, receive, stop. Knows nothing of Blender or of jobs.

What it says is read beside (`reading`); everything here runs on the caller's thread and never
waits longer than it was told to, however much the engine says.

Nobody knows how long work takes, so there is no deadline for it. While it works the engine says
that it lives (`texcore.contract.messages`); one that says nothing for long is ended.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..bundled.texcore.contract import messages
from ..bundled.texcore.contract.messages import (
    PROTOCOL_VERSION,
    Cancel,
    ErrorCode,
    Finish,
    Hello,
    HelloReply,
    ProtocolError,
)
from .mailbox import Mailbox, Nothing
from .program import (
    SET_UP,
    STOP_SECONDS,
    EngineError,
    Host,
    find_killer,
    open_program,
    wait_for_exit_code,
)
from .reading import Log, read_beside

HELLO_SECONDS = 120.0  # a first import of PyTorch from a slow disk takes a minute
CANCEL_SECONDS = 3.0
#: Without a word of an engine at work, after which it is ended. It speaks every two seconds, but a
#: machine that is short of memory may hold up all its programs for a minute.
SILENCE_SECONDS = 120.0
#: Of a time between two looks at the engine, what counts as silence: Blender itself may have been
#: busy, stopped, or asleep with the whole machine.
LONGEST_LOOK = 1.0
#: For which messages are taken and used at a time; the rest waits for the next look.
DRAIN_SECONDS = 0.02


class Engine:
    """One engine process, kept warm between requests; starts again after its end.

    Attributes:
        about: The engine's answer to ``hello``; None until it has come.
    """

    def __init__(self) -> None:
        self.about: HelloReply | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._python: Path | Host | None = None
        self._mailbox = Mailbox()
        self._heard = 0  # of the messages in it, signs of life among them
        self._silent = 0.0  # for how many seconds there has been none
        self._looked = 0.0  # when somebody looked for the last time
        self._log = Log()
        self._hello_deadline = 0.0
        self._cancelled: dict[int, float] = {}
        self._next_id = 1

    @property
    def running(self) -> bool:
        """Whether there is a process, answering or not."""
        return self._process is not None

    @property
    def cancelling(self) -> bool:
        """Whether a cancelled request has not been answered yet."""
        return bool(self._cancelled)

    @property
    def log(self) -> str:
        """The last lines of the engine's stderr."""
        return str(self._log)

    def start(self, python: Path | Host) -> None:
        """Start the engine here or on another computer; nothing happens if it runs just there.

        One that has died while it had nothing to do is replaced without a word.

        Returns at once: `about` is set by a later `poll`.

        Args:
            python: The interpreter that has PyTorch, or the other computer.

        Raises:
            EngineError: The interpreter cannot be run.
        """
        alive = self._process is not None and self._process.poll() is None
        if alive and self._python == python:
            return
        self.stop()
        self._mailbox = Mailbox()
        self._log = Log()
        process = open_program(python)
        self._process = process
        self._python = python
        self._threads = read_beside(process, self._mailbox, self._log)
        self._hello_deadline = time.monotonic() + HELLO_SECONDS
        self._write(messages.request(0, "hello", Hello(PROTOCOL_VERSION, "blender")))

    def request(self, method: str, params: Any) -> int:
        """Send a request and return the id its answer will carry. The engine must be `running`."""
        id, self._next_id = self._next_id, self._next_id + 1
        self._write(messages.request(id, method, params))
        self._heard, self._silent, self._looked = self._mailbox.heard, 0.0, time.monotonic()
        return id

    def note(self, text: str) -> None:
        """Add a line to the log."""
        self._log.add(text)

    def cancel(self, id: int, seconds: float = CANCEL_SECONDS) -> None:
        """Ask for the end of a request; `poll` kills an engine that has not obeyed by then."""
        self._cancelled[id] = time.monotonic() + seconds
        self._write(messages.notification("cancel", Cancel(id)))

    def finish(self, id: int) -> None:
        """Ask for the result of a request as far as it is; `poll` gives it like any other."""
        self._write(messages.notification("finish", Finish(id)))

    def poll(self, wait: float = 0.0) -> Iterator[dict[str, Any]]:
        """Yield the messages that have come, but for those about ``hello`` and cancelled requests.

        After `DRAIN_SECONDS` of taking and using them the rest is left for the next time. Whoever
        takes one takes all: after the last the deadlines are looked at.

        Args:
            wait: Seconds to wait for the first one.

        Raises:
            EngineError: The engine has ended, does not answer, or speaks another protocol. It is
                not running any more.
        """
        begun: float | None = None
        while begun is None or time.monotonic() - begun < DRAIN_SECONDS:
            try:
                message = self._mailbox.take(wait if begun is None else 0.0)
            except Nothing:
                break
            begun = time.monotonic() if begun is None else begun
            if message is None:
                self._ended()
                break
            if message.get("id") == 0:
                self._greeted(message)
            elif message.get("id") in self._cancelled:
                del self._cancelled[message["id"]]
            else:
                yield message
        self._look_at_deadlines()

    def _look_at_deadlines(self) -> None:
        """End an engine that has not greeted, or has not obeyed, or says nothing any more."""
        now = time.monotonic()
        if any(deadline < now for deadline in self._cancelled.values()):
            self.kill()
        if not self.running:
            return
        if self.about is None and now > self._hello_deadline:
            raise self._dead(f"The engine did not answer in {HELLO_SECONDS:.0f} s: {SET_UP}.")
        self._silent += min(now - self._looked, LONGEST_LOOK)
        self._looked = now
        if self._mailbox.heard != self._heard:
            self._heard, self._silent = self._mailbox.heard, 0.0
        if self.about is not None and self._silent > SILENCE_SECONDS:
            raise self._dead(
                f"The engine has said nothing for {SILENCE_SECONDS:.0f} s and was ended: try again."
            )

    def stop(self) -> None:
        """End the engine: close its stdin, and kill it if that is not enough."""
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.close()
            self._process.wait(STOP_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()  # its pipe is broken, or it is deep in a computation
        self._forget()

    def kill(self) -> None:
        """End the engine now."""
        if self._process is not None:
            self._process.kill()
            self._forget()

    def _write(self, line: bytes) -> None:
        if self._process is None or self._process.stdin is None:
            raise EngineError("The engine is not running.")
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError:
            # The engine has just died; poll finds its end in the queue and says why.
            self.note("Texcore: the engine's stdin is closed.")

    def _greeted(self, message: dict[str, Any]) -> None:
        """Take the answer to ``hello``; raise if the two sides cannot talk."""
        if message.get("error") is None:
            try:
                about = messages.read(HelloReply, message.get("result"))
            except ProtocolError as e:
                raise self._dead(f"The engine's greeting makes no sense ({e}).") from None
            if about.protocol == PROTOCOL_VERSION:
                self.about = about
                return
            spoken = f"protocol {about.protocol}"
        else:
            try:
                failure = messages.read_error(message["error"])
            except ProtocolError as e:
                raise self._dead(f"The engine's greeting makes no sense ({e}).") from None
            if failure.code != ErrorCode.PROTOCOL_MISMATCH:
                self.note(failure.log)
                raise self._without_torch() or self._dead(failure.message, failure.code)
            spoken = "another protocol"
        raise self._dead(
            f"The engine speaks {spoken}, this extension protocol {PROTOCOL_VERSION}: {SET_UP}."
        )

    def _ended(self) -> None:
        """Raise what the engine's end means; the end of one told to cancel means nothing."""
        # Its stdout is closed, so it is about to end and its last words are about to be read.
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        code = wait_for_exit_code(self._process)
        if self._cancelled:
            self.kill()
        elif self.about is not None:
            raise self._dead(f"The engine stopped unexpectedly (exit code {code}).")
        elif killer := find_killer(code):
            raise self._dead(
                f"The engine was killed while it was starting ({killer}): try "
                "again; if that goes on, close other programs, for the memory may be full."
            )
        else:
            last = self.log.strip().rpartition("\n")[2] or f"exit code {code}"
            raise self._without_torch() or self._dead(
                f"The engine did not start ({last}): {SET_UP}."
            )

    def _without_torch(self) -> EngineError | None:
        """The error to raise if the log tells that PyTorch is missing."""
        if "No module named 'torch'" not in self.log:
            return None
        return self._dead(f"The engine Python {self._python} has no PyTorch: {SET_UP}.")

    def _dead(self, message: str, code: int | None = None) -> EngineError:
        """The error to raise, after the end of the process."""
        error = EngineError(message, self.log.strip(), code)
        self.kill()
        return error

    def _forget(self) -> None:
        if self._process is not None:
            self._process.wait()
        self._mailbox.close()
        for thread in self._threads:
            thread.join(STOP_SECONDS)  # its pipe has just been closed
        self._process, self._threads, self.about = None, [], None
        self._mailbox, self._heard, self._silent = Mailbox(), 0, 0.0
        self._cancelled.clear()
