"""Between a client on this computer and an engine on another: the same messages on both sides.

The client says paths, the engine gets files. Whatever the engine sends goes where the client's own
job says, and nowhere else. A connection that breaks is made anew a few times, and the job asked for
again: the engine goes on from where it was.
"""

from __future__ import annotations

import itertools
import json
import queue
import threading
import time
from pathlib import Path
from typing import IO, Any

from ..contract import messages
from ..contract.errors import BadInput, Cancelled, TexcoreError
from ..contract.frames import Begun, Frame, Got
from ..contract.jobs import Job
from ..contract.messages import Cancel, ErrorCode, ProtocolError
from . import far_side
from .connection import Connection, means
from .work import Work, load

#: Seconds before each try to connect again; a computer that is started anew takes a minute.
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
#: Without a word of the engine at work, after which the connection counts as broken.
SILENCE_SECONDS = 60.0
_MOST_WAITING = 8  #: messages that are held in memory
_AGAIN, _DONE = -1, -2  #: ids of requests of its own; the client's are none of them
_FIRST_BEGIN = -3  #: and downwards, for each connection another


class Relay:
    """Passes messages on.

    Args:
        host: The other computer.
        source: Lines of the client.
        sink: Where lines for the client go.
    """

    def __init__(self, host: str, source: IO[bytes], sink: IO[bytes]) -> None:
        self._host = host
        self._source = source
        self._sink = sink
        self._telling = threading.Lock()
        self._inbox: queue.Queue[tuple[Connection | None, bytes | None]] = queue.Queue(
            _MOST_WAITING
        )
        package = Path(__file__).parents[1]
        self._archive, self._digest = far_side.pack({package.name: package})
        self._command = far_side.compose_serving(self._digest)
        self._far: Connection | None = None
        self._hello: dict[str, Any] = {}
        self._greeted = False  # whether an engine has ever answered
        self._ready = False  # whether the far side reads messages, and not the engine's code
        self._talking = False  # whether the engine at the end of this connection has answered
        self._work: Work | None = None
        self._begin_ids = itertools.count(_FIRST_BEGIN, -1)
        self._asked: int | None = None  # id of another request that is being answered
        self._retry_at: float | None = None
        self._heard = time.monotonic()
        self._ended = threading.Event()

    def run(self) -> int:
        """Pass messages on until the client's end, or the engine's; returns the exit status."""
        threading.Thread(target=self._read_client, daemon=True).start()
        threading.Thread(target=self._say_alive, daemon=True).start()
        try:
            while not self._ended.is_set():
                self._take_next()
        finally:
            self._ended.set()
            if self._far is not None:
                if self._ready:
                    self._far.write(messages.notification("bye", None))
                self._far.close()
        return 0

    def _read_client(self) -> None:
        for line in messages.read_lines(self._source):
            self._inbox.put((None, line))
        self._inbox.put((None, None))

    def _say_alive(self) -> None:
        """Tell both sides that this one lives; a silent engine is no reason to say so."""
        while not self._ended.wait(messages.ALIVE_SECONDS):
            far, work = self._far, self._work
            id = work.id if work is not None else self._asked
            if far is not None:
                if id is not None and time.monotonic() - self._heard > SILENCE_SECONDS:
                    far.kill()
                if self._ready:
                    far.write(messages.notification("alive", messages.Alive(id or 0)))
            if id is not None:
                self._tell(messages.notification("alive", messages.Alive(id)))

    def _take_next(self) -> None:
        """Take the next line of whomever; while none is there, send files, or connect again."""
        sending = self._work is not None and self._work.sending is not None
        until = time.monotonic() if sending else self._retry_at
        wait = None if until is None else max(0.0, until - time.monotonic())
        try:
            whose, line = self._inbox.get(timeout=wait)
        except queue.Empty:
            if sending:
                self._send_next()
            else:
                self._retry_at = None
                self._connect()
            return
        if whose is None:
            if line is None:
                self._ended.set()
            else:
                self._take_from_client(line)
        elif whose is self._far:
            self._heard = time.monotonic()
            if line is None:
                self._take_loss()
            else:
                self._take_from_engine(line)

    # What the client says.

    def _take_from_client(self, line: bytes) -> None:
        try:
            message = messages.parse(line)
        except ProtocolError as e:
            self._tell(messages.error(None, e.code, str(e)))
            return
        method, id = message.get("method"), message.get("id")
        if method == "hello":
            self._hello = message
            self._connect()
        elif method == "synthesize" and isinstance(id, int):
            self._begin(id, message.get("params"))
        elif method in ("cancel", "finish") and self._work is not None and not self._work.asked:
            self._take_wish(self._work, str(method), line)
        else:
            if method == "finish" and self._work is not None:
                self._work.finishing = line
            self._heard = time.monotonic()
            sent = self._send(line)
            if isinstance(id, int):
                self._asked = id
                if not sent:
                    sentence = f"The connection to {self._host} was lost: try again."
                    self._tell(messages.error(id, ErrorCode.LOST, sentence))
                    self._ended.set()

    def _take_wish(self, work: Work, method: str, line: bytes) -> None:
        """End a job, or have it kept as it is, of which no engine knows at present."""
        if method == "finish":
            work.finishing = line
            self._tell_progress(work, messages.KEEPING)
            return
        if self._talking:
            self._send(messages.notification("cancel", Cancel(work.begin_id)))
        self._fail(ErrorCode.CANCELLED, str(Cancelled()))

    def _begin(self, id: int, params: Any) -> None:
        try:
            work = load(id, messages.read(Job, params), self._digest, next(self._begin_ids))
        except ProtocolError as e:
            self._tell(messages.error(id, e.code, str(e)))
            return
        except TexcoreError as e:
            self._tell(messages.error(id, ErrorCode.BAD_INPUT, str(e)))
            return
        except OSError as e:
            sentence = str(BadInput(f"“{e.filename}” cannot be read ({e.strerror}): check it."))
            self._tell(messages.error(id, ErrorCode.BAD_INPUT, sentence))
            return
        self._work = work
        self._heard = time.monotonic()
        if self._talking:
            self._send(messages.request(work.begin_id, "begin", work.begin))
        elif self._far is None:
            self._connect()

    # What the engine says.

    def _take_from_engine(self, line: bytes) -> None:
        if means(line, far_side.NO_CODE):
            if self._far is not None:
                self._far.send_code()
        elif means(line, far_side.READY):
            self._ready = True
            self._send(_write({**self._hello, "id": _AGAIN} if self._greeted else self._hello))
        elif means(line, far_side.NO_ENGINE):
            self._give_up(
                ErrorCode.NO_ENGINE,
                f"There is no engine on {self._host} yet: choose Set Up There in Texcore's "
                "preferences.",
            )
        else:
            try:
                self._take_message(messages.parse(line))
            except ProtocolError as e:
                if line.lstrip().startswith(b"{"):
                    self._break(f"The engine's answer makes no sense ({e}): try again.")

    def _take_message(self, message: dict[str, Any]) -> None:
        id, method, params = message.get("id"), message.get("method"), message.get("params")
        work = self._work
        if method == "frame":
            self._take_frame(messages.read(Frame, params))
        elif method == "progress" and work is not None:
            said = work.take_progress(messages.read_progress(params))
            self._tell(messages.notification("progress", said))
        elif not self._greeted and id is not None and id == self._hello.get("id"):
            self._greeted = self._talking = message.get("error") is None
            self._tell(_write(message))
        elif id == _AGAIN:
            self._talking = message.get("error") is None
            if work is not None:
                self._send(messages.request(work.begin_id, "begin", work.begin))
        elif work is not None and id == work.begin_id:
            self._take_begun(work, message)
        elif work is not None and id in (work.id, None) and method is None:
            self._work = None
            work.receiver.close()
            self._tell(_write({**work.name_files(message), "id": work.id}))
            if message.get("error") is None:
                self._send(messages.request(_DONE, "done"))
        elif isinstance(id, int) and id == self._asked:
            self._asked = None
            self._tell(_write(message))

    def _take_begun(self, work: Work, message: dict[str, Any]) -> None:
        if message.get("error") is not None:
            failure = messages.read_error(message["error"])
            self._fail(ErrorCode.FAILED, failure.message)
            return
        begun = messages.read(Begun, message.get("result"))
        if work.finishing and not begun.has_more:
            # What it would keep is less than what was there when somebody wanted to keep it.
            self._fail(
                ErrorCode.FAILED,
                f"The connection to {self._host} was lost, and with it what was done there.",
            )
            return
        work.sending = work.cut_files(begun.missing)

    def _send_next(self) -> None:
        """Send the next piece of a job's files; after the last, ask for the job."""
        work = self._work
        if work is None or work.sending is None:
            return
        try:
            piece = next(work.sending, None)
        except OSError as e:
            self._break(f"“{e.filename}” cannot be read ({e.strerror}): try again.")
            return
        self._heard = time.monotonic()
        if piece is not None:
            frame, percent = piece
            self._send(messages.notification("frame", frame))
            self._tell_progress(work, f"Sending pictures ({percent} %)")
            return
        work.sending, work.asked = None, True
        self._send(messages.request(work.id, "synthesize", work.cargo.job))
        if work.finishing:
            self._send(work.finishing)

    def _take_frame(self, frame: Frame) -> None:
        work = self._work
        if work is None:
            return  # of a job that has ended
        try:
            if work.receiver.take(frame) is not None:
                self._send(messages.notification("got", Got(frame.name)))
        except OSError as e:
            self._break(f"A picture cannot be written here ({e.strerror or e}): make room.")

    # Connections.

    def _connect(self) -> None:
        far: list[Connection] = []
        ready = threading.Event()

        def hear(line: bytes | None) -> None:
            ready.wait()
            self._inbox.put((far[0] if far else None, line))

        self._heard = time.monotonic()
        try:
            far.append(Connection(self._host, self._command, self._archive, hear))
        except TexcoreError as e:
            self._give_up(ErrorCode.UNREACHABLE, str(e))
            return
        self._far = far[0]
        ready.set()

    def _take_loss(self) -> None:
        """Make the connection anew if there is a job, else end as the engine has."""
        lost, self._far = self._far, None
        had_talked, self._ready, self._talking = self._talking, False, False
        assert lost is not None
        why = lost.explain_end()
        lost.close()
        work = self._work
        if not self._greeted:
            self._give_up(ErrorCode.UNREACHABLE, str(why))
        elif work is None:
            self._ended.set()
        elif work.tries < len(WAITS):
            work.receiver.close()
            work.asked, work.sending, work.begin_id = False, None, next(self._begin_ids)
            self._retry_at = time.monotonic() + WAITS[work.tries]
            work.tries += 1
            self._tell_progress(work, f"Connecting to {self._host} again")
        elif had_talked:
            self._give_up(
                ErrorCode.FAILED,
                f"The engine on {self._host} ends again and again at this texture: choose a "
                "smaller size, and look whether the memory there is full.",
            )
        else:
            self._give_up(
                ErrorCode.LOST,
                f"The connection to {self._host} was lost and did not come back: see that it can "
                "be reached, and go on; what was done there is kept for a day.",
            )

    def _break(self, sentence: str) -> None:
        """End the job with a sentence, and the connection, of which nobody knows where it is."""
        if self._far is not None:
            self._far.kill()
        self._give_up(ErrorCode.FAILED, sentence)

    def _give_up(self, code: ErrorCode, sentence: str) -> None:
        if not self._greeted:
            self._tell(messages.error(self._hello.get("id"), code, sentence))
        self._fail(code, sentence)
        self._ended.set()

    def _fail(self, code: ErrorCode, sentence: str) -> None:
        work, self._work, self._retry_at = self._work, None, None
        if work is not None:
            work.receiver.close()
            self._tell(messages.error(work.id, code, sentence))

    # Pipes.

    def _tell_progress(self, work: Work, stage: str) -> None:
        self._tell(messages.notification("progress", work.describe(stage)))

    def _send(self, line: bytes) -> bool:
        return self._far is not None and self._far.write(line)

    def _tell(self, line: bytes) -> None:
        try:
            with self._telling:
                self._sink.write(line)
                self._sink.flush()
        except OSError:
            self._ended.set()


def _write(message: dict[str, Any]) -> bytes:
    text = json.dumps({**message, "jsonrpc": "2.0"}, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="surrogatepass") + b"\n"
