"""Between a client on this computer and an engine on another: the same messages on both sides.

The client says paths, the engine gets files. Whatever the engine sends goes where the client's own
job says, and nowhere else. A connection that breaks is made anew a few times, and the job asked for
again: the engine goes on from its checkpoint.
"""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from ..contract import frames, messages
from ..contract.errors import BadInput, Cancelled, TexcoreError
from ..contract.frames import Begin, Begun, Cargo, Frame, Got, Receiver
from ..contract.jobs import Job
from ..contract.messages import ErrorCode, Progress, ProtocolError
from ..contract.plain import to_plain
from . import far_side
from .connection import Connection, means

#: Seconds before each try to connect again; a computer that is started anew takes a minute.
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
#: Without a word of the engine at work, after which the connection counts as broken.
SILENCE_SECONDS = 60.0
_MOST_WAITING = 8  #: messages that are held in memory
_AGAIN, _BEGIN = -1, -2  #: ids of requests of its own; the client's are none of them


@dataclass
class _Task:
    """A job on its way."""

    id: int
    cargo: Cargo
    sums: dict[str, str]
    word: str
    receiver: Receiver
    tries: int = 0
    fraction: float = 0.0
    finishing: bytes = b""


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
        self._archive, digest = far_side.pack({package.name: package})
        self._command = far_side.compose_serving(digest)
        self._digest = digest
        self._far: Connection | None = None
        self._hello: dict[str, Any] = {}
        self._greeted = False
        self._ready = False  # whether the far side reads messages, and not the engine's code
        self._task: _Task | None = None
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
            far, task = self._far, self._task
            id = task.id if task is not None else self._asked
            if far is not None:
                if id is not None and time.monotonic() - self._heard > SILENCE_SECONDS:
                    far.kill()
                if self._ready:
                    far.write(messages.notification("alive", messages.Alive(id or 0)))
            if id is not None:
                self._tell(messages.notification("alive", messages.Alive(id)))

    def _take_next(self) -> None:
        wait = None if self._retry_at is None else max(0.0, self._retry_at - time.monotonic())
        try:
            whose, line = self._inbox.get(timeout=wait)
        except queue.Empty:
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
        elif method == "cancel" and self._far is None and self._task is not None:
            self._fail(ErrorCode.CANCELLED, str(Cancelled()))
        else:
            if method == "finish" and self._task is not None:
                self._task.finishing = line
            if isinstance(id, int):
                self._asked = id
            self._heard = time.monotonic()
            self._send(line)

    def _begin(self, id: int, params: Any) -> None:
        try:
            cargo = frames.load(messages.read(Job, params))
            sums = {name: frames.find_checksum(path) for name, path in cargo.inputs.items()}
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
        asked = json.dumps([to_plain(cargo.job), sums, self._digest], sort_keys=True)
        word = hashlib.sha256(asked.encode(errors="surrogatepass")).hexdigest()[:32]
        places = cargo.outputs | cargo.previews

        def find_place(name: str) -> Path:
            if name not in places:
                raise ProtocolError(f"{name!r:.80} was not asked for")
            return places[name]

        self._task = _Task(id, cargo, sums, word, Receiver(find_place))
        self._heard = time.monotonic()
        self._send(messages.request(_BEGIN, "begin", Begin(word, sums)))

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
                ErrorCode.UNAVAILABLE,
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
        task = self._task
        if method == "frame":
            self._take_frame(messages.read(Frame, params))
        elif method == "progress" and task is not None:
            progress = messages.read_progress(params)
            task.fraction = max(task.fraction, progress.fraction)
            task.tries = 0
            said = replace(progress, job=task.id, fraction=task.fraction)
            self._tell(messages.notification("progress", said))
        elif not self._greeted and id is not None and id == self._hello.get("id"):
            self._greeted = message.get("error") is None
            self._tell(_write(message))
        elif id == _AGAIN and task is not None:
            self._send(messages.request(_BEGIN, "begin", Begin(task.word, task.sums)))
        elif id == _BEGIN and task is not None:
            self._take_begun(task, message)
        elif task is not None and id in (task.id, None) and method is None:
            self._task = None
            task.receiver.close()
            self._tell(_write({**message, "id": task.id, **_name_files(task, message)}))
        elif isinstance(id, int) and id == self._asked:
            self._asked = None
            self._tell(_write(message))

    def _take_begun(self, task: _Task, message: dict[str, Any]) -> None:
        if message.get("error") is not None:
            failure = messages.read_error(message["error"])
            self._fail(ErrorCode.FAILED, failure.message)
            return
        missing = messages.read(Begun, message.get("result")).missing
        files = {name: path for name, path in task.cargo.inputs.items() if name in missing}
        whole = sum(path.stat().st_size for path in files.values()) or 1
        sent = 0
        for name, path in files.items():
            try:
                for frame in frames.cut(path, name):
                    if not self._send(messages.notification("frame", frame)):
                        return
                    self._heard = time.monotonic()
                    stage = f"Sending pictures ({100 * (sent + frame.at) // whole} %)"
                    self._tell_progress(task, stage)
            except OSError as e:
                self._break(f"“{path}” cannot be read ({e.strerror}): try again.")
                return
            sent += path.stat().st_size
        self._send(messages.request(task.id, "synthesize", task.cargo.job))
        if task.finishing:
            self._send(task.finishing)

    def _take_frame(self, frame: Frame) -> None:
        task = self._task
        if task is None:
            return  # of a job that has ended
        try:
            if task.receiver.take(frame) is not None:
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
            self._give_up(ErrorCode.UNAVAILABLE, str(e))
            return
        self._far = far[0]
        ready.set()

    def _take_loss(self) -> None:
        """Make the connection anew if there is a job, else end as the engine has."""
        lost, self._far, self._ready = self._far, None, False
        assert lost is not None
        why = lost.explain_end()
        lost.close()
        task = self._task
        if not self._greeted:
            self._give_up(ErrorCode.UNAVAILABLE, str(why))
        elif task is None:
            self._ended.set()
        elif task.tries >= len(WAITS):
            self._give_up(
                ErrorCode.FAILED,
                f"The connection to {self._host} was lost and did not come back: see that it can "
                "be reached, and start again; a long run goes on from where it was.",
            )
        else:
            task.receiver.close()
            self._retry_at = time.monotonic() + WAITS[task.tries]
            task.tries += 1
            self._tell_progress(task, f"The connection to {self._host} is lost: trying again")

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
        task, self._task, self._retry_at = self._task, None, None
        if task is not None:
            task.receiver.close()
            self._tell(messages.error(task.id, code, sentence))
            if self._far is None:
                self._ended.set()  # a client that wants more starts another

    # Pipes.

    def _tell_progress(self, task: _Task, stage: str) -> None:
        self._tell(messages.notification("progress", Progress(task.id, task.fraction, stage)))

    def _send(self, line: bytes) -> bool:
        return self._far is not None and self._far.write(line)

    def _tell(self, line: bytes) -> None:
        try:
            with self._telling:
                self._sink.write(line)
                self._sink.flush()
        except OSError:
            self._ended.set()


def _name_files(task: _Task, message: dict[str, Any]) -> dict[str, Any]:
    """Return a result with the client's own paths in the places of the engine's."""
    result = message.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("maps"), dict):
        return {}
    names = {kind: files.output for kind, files in task.cargo.job.maps.items()}
    names |= task.cargo.job.derive
    maps = {
        kind: {**entry, "output": str(task.cargo.outputs[frames.name_of(names[kind])])}
        for kind, entry in result["maps"].items()
        if kind in names and isinstance(entry, dict)
    }
    return {"result": {**result, "maps": maps}}


def _write(message: dict[str, Any]) -> bytes:
    text = json.dumps({**message, "jsonrpc": "2.0"}, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="surrogatepass") + b"\n"
