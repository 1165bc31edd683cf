"""The engine as a subprocess: requests on stdin, answers on stdout, until stdin closes.

One thread reads, the main thread works; so a cancel or the end of the input is seen while a texture
is in the making. While it is, a third says that the engine lives. See `texcore.contract.messages`
for the messages.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING, Any

from .. import __version__
from ..contract import messages
from ..contract.errors import (
    BadInput,
    BadUnwrapping,
    Cancelled,
    OutOfMemory,
    TexcoreError,
    Unavailable,
)
from ..contract.jobs import Job, Made
from ..contract.messages import ErrorCode, ProtocolError
from .patience import Patience

if TYPE_CHECKING:
    from .progress import Moment

LINGER_SECONDS = 2.0  #: that the engine is at a step once nobody is there to take the result

_CODES: tuple[tuple[type[TexcoreError], ErrorCode], ...] = (
    (BadUnwrapping, ErrorCode.BAD_UNWRAPPING),  # before the kind that it is one of
    (BadInput, ErrorCode.BAD_INPUT),
    (Cancelled, ErrorCode.CANCELLED),
    (OutOfMemory, ErrorCode.OUT_OF_MEMORY),
    (Unavailable, ErrorCode.UNAVAILABLE),
)


def serve(kind: Callable[[IO[bytes]], Service] | None = None) -> int:
    """Serve on this process' stdin and stdout until stdin closes; returns the exit status.

    Args:
        kind: Makes the service of where answers go; None: a `Service`.
    """
    # A library that prints would garble the answers: they get a descriptor of their own, and
    # everything else written to standard output goes to standard error.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    service = (kind or Service)(answers)
    ended = threading.Event()

    def read() -> None:
        service.read(sys.stdin.buffer)
        # The work looks up only between two of its steps, and importing PyTorch is one. What is
        # half written then is left as after any other kill: the next run clears it away. A service
        # of another kind ends itself.
        if kind is None and not ended.wait(LINGER_SECONDS):
            os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    try:
        return service.work()
    finally:
        ended.set()


class Service:
    """Requests in, answers out.

    Args:
        answers: Where lines are written.
    """

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._answering = threading.Lock()  # several threads have something to say
        self._requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._cancelled: set[int] = set()
        self._finishing: set[int] = set()
        self._told: set[int] = set()  # of these, whose client knows that it has been heard
        self._fraction = 0.0  # of the work at hand
        self._closed = threading.Event()
        self._greeted = False

    def read(self, lines: IO[bytes]) -> None:
        """Take messages off a stream until it ends; runs in a thread of its own."""
        for line in messages.read_lines(lines):
            if not line.strip():
                continue
            try:
                message = messages.parse(line)
                if message.get("method") == "cancel":
                    self._cancelled.add(messages.read(messages.Cancel, message.get("params")).job)
                elif message.get("method") == "finish":
                    self._finishing.add(messages.read(messages.Finish, message.get("params")).job)
                elif not self._notice(message):
                    self._requests.put(message)
            except ProtocolError as e:
                self._send(messages.error(None, e.code, str(e)))
        self._closed.set()
        self._requests.put(None)

    def _notice(self, message: dict[str, Any]) -> bool:
        """Take a message on the thread that reads, if it is one for it; returns whether it was."""
        return False

    def work(self) -> int:
        """Answer requests in turn until the input has ended."""
        while (message := self._requests.get()) is not None:
            self._answer(message)
        return 0

    def _answer(self, message: dict[str, Any]) -> None:
        id = message.get("id")
        if not isinstance(id, int):
            self._send(
                messages.error(None, ErrorCode.INVALID_REQUEST, "a request needs a number as id")
            )
            return
        try:
            with self._saying_that_it_lives(id):
                value = self._dispatch(id, message.get("method"), message.get("params"))
            self._send(messages.result(id, value))
        except ProtocolError as e:
            self._send(messages.error(id, e.code, str(e)))
        except TexcoreError as e:
            code = next((code for kind, code in _CODES if isinstance(e, kind)), ErrorCode.FAILED)
            self._send(messages.error(id, code, str(e)))
        except Exception as e:
            log = traceback.format_exc()
            sys.stderr.write(log)
            sentence = f"The engine failed: {e or type(e).__name__}. The log says more."
            self._send(messages.error(id, ErrorCode.FAILED, sentence, log))
        finally:
            self._cancelled.discard(id)
            self._finishing.discard(id)
            self._told.discard(id)

    @contextmanager
    def _saying_that_it_lives(self, id: int) -> Iterator[None]:
        """Say again and again that the engine is at a request, until the block ends."""
        ended = threading.Event()
        line = messages.notification("alive", messages.Alive(id))

        def say() -> None:
            while not ended.wait(messages.ALIVE_SECONDS):
                self._send(line)

        speaker = threading.Thread(target=say, name="texcore-alive", daemon=True)
        speaker.start()
        try:
            yield
        finally:
            ended.set()
            speaker.join()

    def _dispatch(self, id: int, method: Any, params: Any) -> Any:
        if method == "hello":
            return self._hello(messages.read(messages.Hello, params))
        if not self._greeted:
            raise ProtocolError("say hello first", ErrorCode.INVALID_REQUEST)
        if method == "doctor":
            from .doctor import examine

            return examine()
        if method == "synthesize":
            return self._synthesize(id, messages.read(Job, params))
        raise ProtocolError(f"no method {method!r}", ErrorCode.METHOD_NOT_FOUND)

    def _hello(self, hello: messages.Hello) -> messages.HelloReply:
        if hello.protocol != messages.PROTOCOL_VERSION:
            raise ProtocolError(
                f"This engine speaks version {messages.PROTOCOL_VERSION} of the protocol, the "
                f"extension version {hello.protocol}: install the same Texcore for both.",
                ErrorCode.PROTOCOL_MISMATCH,
            )
        from ..runtime import devices

        self._greeted = True
        device = devices.choose()
        return messages.HelloReply(
            messages.PROTOCOL_VERSION, __version__, str(device), devices.describe(device)
        )

    def _synthesize(self, id: int, job: Job) -> Made:
        """Do a job to its end, telling the client how far it is; returns what was made."""
        from .calibrating import Outlook
        from .pipeline import run

        def preparing(stage: str, fraction: float) -> None:
            self._stop_if_cancelled(id)
            self._notify(messages.Progress(id, 0.0, f"{stage} ({fraction:.0%})"))

        def announce(outlook: Outlook) -> None:
            seconds = outlook.expected.total if outlook.expected else None
            self._notify(messages.Progress(id, 0.0, "Beginning", seconds, memory=outlook.memory))

        self._fraction = 0.0
        self._notify(messages.Progress(id, 0.0, "Reading the exemplar"))
        patience = Patience(job.pausable)
        moments = run(
            job,
            preparing,
            lambda: self._stop_within_step(id, patience),
            enough=lambda: self._has_enough(id),
            announce=announce,
        )
        with closing(moments):
            while True:
                if self._is_deserted():
                    moments.throw(Cancelled())  # so that no state is left
                self._stop_if_cancelled(id)
                try:
                    moment = next(moments)
                except StopIteration as stop:
                    made: Made = stop.value
                    return made
                patience.begin()
                self._fraction = moment.step.fraction
                self._notify(_describe(id, moment))

    def _is_deserted(self) -> bool:
        """Say whether nobody is there any more, nor will be, to go on with the work."""
        return self._closed.is_set()

    def _stop_if_cancelled(self, id: int) -> None:
        # When the input has ended nobody is there to take the result.
        if id in self._cancelled or self._closed.is_set():
            raise Cancelled

    def _stop_within_step(self, id: int, patience: Patience) -> None:
        """Stop a cancelled job within a step, unless the step's end is worth waiting for."""
        is_over = id in self._cancelled or self._closed.is_set()
        if is_over and not self._is_deserted() and patience.lasts():
            return
        self._stop_if_cancelled(id)

    def _has_enough(self, id: int) -> bool:
        """Say whether a texture shall be kept as it is, and tell once that this was heard."""
        if id not in self._finishing:
            return False
        if id not in self._told:
            self._told.add(id)
            self._notify(messages.Progress(id, self._fraction, messages.KEEPING))
        return True

    def _notify(self, progress: messages.Progress) -> None:
        self._send(messages.notification("progress", progress))

    def _send(self, line: bytes) -> None:
        left = memoryview(line)
        try:
            with self._answering:
                while left:  # a pipe may take a part
                    left = left[self._answers.write(left) :]
        except BrokenPipeError:
            # The client has gone; the end of the input, seen by the reader, ends the work.
            self._closed.set()


def _describe(id: int, moment: Moment) -> messages.Progress:
    """Tell of a moment of a job."""
    return messages.Progress(
        job=id,
        fraction=moment.step.fraction,
        stage=moment.step.stage,
        remaining=moment.remaining,
        previewed=moment.previewed,
        memory=moment.memory,
        keepable=moment.keepable,
    )
