"""A job: a request to the engine, and what its answer does to Blender.

Everything here happens on Blender's main thread, driven by `EngineJob.tick`; `jobs` calls it.
"""

from __future__ import annotations

import time
import traceback
from enum import Enum
from pathlib import Path
from typing import Any

from ..bundled.texcore.contract import messages
from ..bundled.texcore.contract.errors import Cancelled, TexcoreError
from ..bundled.texcore.contract.messages import ErrorCode, Progress, ProtocolError
from . import suspending
from .process import CANCEL_SECONDS, Engine
from .program import EngineError, Host
from .suspending import Suspended
from .tasks import Task, Watch

SUSPEND_SECONDS = 15.0  #: within which a cancelled engine has to have written what was done
KEEP_SECONDS = 60.0  # within which an engine that is to keep what there is has to have heard it

#: The one of this Blender, which all jobs share.
engine = Engine()


class State(Enum):
    """Where a job is; it ends in one of the last three."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class EngineJob:
    """A task on its way through the engine.

    Attributes:
        task: What it is about.
        watch: Who looks at its previews, if anybody.
        before: Share of the work that was done by a job that it goes on with; 0 if by none.
        state: Where it is.
        fraction: Share of the work done, 0 to 1.
        expected: Seconds that all of it was expected to take before it began; None if nobody knows.
        stage: What is happening, in a few words.
        message: At the end: what was done, or what went wrong, in one sentence.
        log: After a failure: what the engine wrote, for a bug report.
        code: After a failure that the engine told of: its `ErrorCode`.
        needs_set_up: After a failure: whether setting the engine up again mends it.
        keeping: Whether the engine was asked to end it with the texture as it is.
    """

    def __init__(
        self, task: Task, python: Path | Host, watch: Watch | None = None, before: float = 0.0
    ) -> None:
        self.task = task
        self.watch = watch
        self.before = before
        self.state = State.QUEUED
        self.fraction = 0.0
        self.expected = task.expected
        self._left: tuple[float, float] | None = None  # seconds to go, and when that was said
        self.stage = "Waiting for the engine"
        self.message = ""
        self.log = ""
        self.code: int | None = None
        self.needs_set_up = False
        self.keeping = False
        self._to_be_heard: float | None = None  # until when, if the engine has not heard of it
        self._has_something = False
        self._python = python
        self._started = False
        self._id: int | None = None

    @property
    def host(self) -> str:
        """Name of the other computer that it is done on; empty for this one."""
        return self._python.name if isinstance(self._python, Host) else ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in (State.QUEUED, State.RUNNING)

    @property
    def keepable(self) -> bool:
        """Whether there is something that `keep` would make a result of."""
        return self.state is State.RUNNING and self._has_something and not self.keeping

    @property
    def remaining(self) -> float | None:
        """Estimated seconds to go; None while there is no estimate. They go by by themselves."""
        if self._left is None:
            return None
        seconds, said = self._left
        return max(0.0, seconds - (time.monotonic() - said))

    def tick(self, wait: float = 0.0) -> None:
        """Go on as far as the engine's messages reach.

        Args:
            wait: Seconds to wait for a message.
        """
        try:
            self._advance(wait)
        except EngineError as e:
            if self.ended:  # an engine that has ended after its answer: the answer counts
                engine.note(str(e))
                return
            self.needs_set_up, self.code = e.needs_set_up, e.code
            self._fail(str(e), e.log)
        except TexcoreError as e:
            self._fail(str(e), engine.log)
        except ProtocolError as e:
            self._fail(f"The engine's answer makes no sense ({e}): try again.", engine.log)
        except Exception as e:
            # A timer that raises is dropped by Blender without a word to the artist.
            self._end(State.FAILED, f"Texcore made a mistake: {e}", traceback.format_exc())

    def cancel(self) -> None:
        """End the job at once; the engine is told to stop, and killed if it does not.

        What was done is kept, for `resume`, where there is something.
        """
        if self.ended:
            return
        keeps = self._suspend()
        if self._id is not None:
            engine.cancel(self._id, SUSPEND_SECONDS if keeps else CANCEL_SECONDS)
        self._end(State.CANCELLED, str(Cancelled()))

    def keep(self) -> None:
        """Have the engine end the job with the texture as it is, if there is one already.

        It comes as any other does. If the engine fails instead, the last preview is kept.
        """
        if not self.keepable or self._id is None:
            return
        engine.finish(self._id)
        self.keeping, self.stage = True, messages.KEEPING
        self._expect(None)
        self._to_be_heard = time.monotonic() + KEEP_SECONDS

    def _advance(self, wait: float) -> None:
        if self.state is State.QUEUED and not engine.cancelling and not self._started:
            engine.start(self._python)
            self._started = True
        for message in engine.poll(wait):
            if not self.ended:
                self._take(message)
        ready = self._started and engine.about is not None and not engine.cancelling
        if self.state is State.QUEUED and ready:
            self._id = engine.request(self.task.method, self.task.params)
            self.state = State.RUNNING
            self._expect(self.expected)
        if self._to_be_heard is not None and time.monotonic() > self._to_be_heard:
            if self._id is not None:
                engine.cancel(self._id)
            raise EngineError("The engine does not answer.", engine.log)

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("method") == "progress":
            try:
                progress = messages.read_progress(message.get("params"))
            except ProtocolError as e:
                engine.note(f"Texcore: progress that makes no sense was passed over ({e}).")
                return
            if progress.job == self._id:
                self._take_progress(progress)
        elif message.get("id") == self._id and self.state is State.RUNNING:
            if self.watch is not None:
                self.watch.withdraw()
            if message.get("error") is None:
                self._end(State.DONE, self.task.finish(message.get("result")))
                return
            failure = messages.read_error(message["error"])
            if failure.code == ErrorCode.CANCELLED:
                self._end(State.CANCELLED, failure.message)
            else:
                self.code = failure.code
                self._fail(failure.message, f"{engine.log}\n{failure.log}".strip())

    def _take_progress(self, progress: Progress) -> None:
        self.fraction = progress.fraction
        if progress.stage == messages.KEEPING:
            self._to_be_heard = None
        if not self.keeping:
            self.stage, self._has_something = progress.stage, progress.keepable
            # Before it knows, the engine says nothing; what the panel has said goes on.
            if progress.remaining is not None or progress.fraction > 0:
                self._expect(progress.remaining)
        if progress.previewed and self.watch is not None:
            self.watch.update()

    def _fail(self, message: str, log: str) -> None:
        """End the job without the engine's answer; what was to be kept is kept as it was seen."""
        kept = ""
        if self.keeping and self.watch is not None:
            self.watch.withdraw()
            kept = self.watch.keep()
        elif self.code in (ErrorCode.LOST, ErrorCode.UNREACHABLE):
            self._suspend()
        self._end(State.FAILED, f"{message} {kept}".strip(), log)

    def _suspend(self) -> bool:
        """Let it be gone on with by another job, if there is something; returns whether so."""
        if not self.task.is_resumable or not (self._has_something or self.before):
            return False
        done = max(self.before, self.fraction)
        suspending.suspend(Suspended(self.task, self.watch, self._python, done))
        return True

    def _expect(self, seconds: float | None) -> None:
        self._left = None if seconds is None else (seconds, time.monotonic())

    def _end(self, state: State, message: str, log: str = "") -> None:
        if self.watch is not None:
            self.watch.withdraw()
        self.state, self.message, self.log = state, message[: messages.SENTENCE_LETTERS], log
        self.fraction, self._left = float(state is State.DONE), None
        self._to_be_heard = None
        if state is State.DONE:
            suspending.forget()  # the artist has gone another way
        if not suspending.keeps(self.task):
            self.task.close()
