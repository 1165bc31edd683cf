"""The messages between the Blender extension and the engine.

JSON-RPC 2.0, one UTF-8 message a line, over the engine's stdin and stdout; pixels travel in files
whose paths the messages carry. Everything else the engine has to say goes to stderr. The engine
exits when its stdin closes.

The client opens with ``hello``; a version it cannot speak is answered with
`ErrorCode.PROTOCOL_MISMATCH`. Then it sends any number of ``doctor`` and ``synthesize`` requests;
the parameters of the latter are a `jobs.Job`, its result a `jobs.Made`. A running one sends
``progress`` notifications and ends with a result or an error; the notification ``cancel`` with its
id ends it early with `ErrorCode.CANCELLED`, the notification ``finish`` with the texture as it is,
once there is one.

While the engine is at a request, of whatever kind, it says so every `ALIVE_SECONDS` by the
notification ``alive``, however long a step takes. So a client need not guess how long work may
take: an engine that says nothing at all has gone wrong. No line is longer than `LINE_BYTES`.

Standard library only: both sides import this file. For the same reason no package for JSON-RPC is
used, though there are some: Blender's Python has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import IO, Any, TypeVar

from .plain import WrongShape, from_plain, parse_json, to_plain

PROTOCOL_VERSION = 3
ALIVE_SECONDS = 2.0  #: between two notifications ``alive``
LINE_BYTES = 1 << 20  #: of the longest line, with its end
STAGE_LETTERS = 200  #: of a stage that are shown
SENTENCE_LETTERS = 2000  #: of an error that are shown
LOG_LETTERS = 100_000  #: of a log, from its end
LONGEST_REMAINING = 1e9  #: in seconds; more is no estimate
KEEPING = "Keeping the texture as it is"  #: the stage of a job that ends early with its texture


class ErrorCode(IntEnum):
    """Codes of JSON-RPC error answers; those above -32100 are Texcore's own."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    FAILED = -32000  #: unexpected; ``data["log"]`` holds the traceback
    BAD_INPUT = -32001
    CANCELLED = -32002
    PROTOCOL_MISMATCH = -32003
    OUT_OF_MEMORY = -32004
    UNAVAILABLE = -32005
    BAD_UNWRAPPING = -32006
    LOST = -32007  #: the connection to another computer; what was done there is kept for a day
    UNREACHABLE = -32008  #: no connection to another computer
    NO_ENGINE = -32009  #: none is set up on the other computer


class ProtocolError(Exception):
    """A line or its parameters are not what this protocol says.

    Attributes:
        code: The JSON-RPC code to answer with.
    """

    def __init__(self, message: str, code: ErrorCode = ErrorCode.INVALID_PARAMS) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Hello:
    """Parameters of ``hello``: what the client speaks and who it is."""

    protocol: int
    client: str = ""


@dataclass(frozen=True)
class HelloReply:
    """Result of ``hello``. ``device`` is torch's name for it, ``device_name`` the hardware's."""

    protocol: int
    version: str
    device: str
    device_name: str


@dataclass(frozen=True)
class Progress:
    """Parameters of the notification ``progress``.

    Attributes:
        job: Id of the ``synthesize`` request.
        fraction: Share of the work done, 0 to 1, never falling.
        remaining: Estimated seconds to go; None while there is no estimate.
        stage: What is happening, in a few plain words.
        previewed: Whether the files of the job's previews were written anew.
        memory: Bytes that the run is expected to take at its peak, with the engine's own where
            it works in the machine's memory; None before that is known.
        keepable: Whether ``finish`` would now end the job with a texture.
    """

    job: int
    fraction: float
    stage: str
    remaining: float | None = None
    previewed: bool = False
    memory: int | None = None
    keepable: bool = False


@dataclass(frozen=True)
class Alive:
    """Parameters of the notification ``alive``: id of the request that the engine is at."""

    job: int


@dataclass(frozen=True)
class Cancel:
    """Parameters of the notification ``cancel``: id of the ``synthesize`` request to stop."""

    job: int


@dataclass(frozen=True)
class Finish:
    """Parameters of the notification ``finish``: id of the ``synthesize`` request to end now.

    Its texture is kept as it is. Progress of the stage `KEEPING` says that it has been heard; then
    the result comes as always.
    """

    job: int


@dataclass(frozen=True)
class Doctor:
    """Result of ``doctor``: is everything there, and line by line what is and what to do."""

    ready: bool
    lines: list[str]


@dataclass(frozen=True)
class Failure:
    """What an error answer says.

    Attributes:
        code: One of `ErrorCode`, or of a later version.
        message: One sentence.
        log: What a bug report needs; empty for none.
    """

    code: int
    message: str
    log: str = ""


M = TypeVar("M")


def request(id: int, method: str, params: Any = None) -> bytes:
    """One request as a line; ``params`` is a dataclass of this module or None."""
    return _line({"id": id, "method": method, "params": to_plain(params)})


def notification(method: str, params: Any) -> bytes:
    """One notification (nothing answers it) as a line."""
    return _line({"method": method, "params": to_plain(params)})


def result(id: int, value: Any) -> bytes:
    """The answer to request ``id`` as a line."""
    return _line({"id": id, "result": to_plain(value)})


def error(id: int | None, code: ErrorCode, message: str, log: str = "") -> bytes:
    """The error answer to request ``id`` as a line; ``log`` is for the error box, not the eye."""
    body: dict[str, Any] = {"code": int(code), "message": message}
    if log:
        body["data"] = {"log": log[-LOG_LETTERS:]}
    return _line({"id": id, "error": body})


def parse(line: bytes | str) -> dict[str, Any]:
    """The message on a line.

    Its ``id`` is a whole number or None.

    Raises:
        ProtocolError: The line is not a JSON-RPC 2.0 message, its id is no whole number, or it is
            too long.
    """
    if len(line) > LINE_BYTES:
        raise ProtocolError(f"a line is longer than {LINE_BYTES} bytes", ErrorCode.PARSE_ERROR)
    try:
        message = parse_json(line)
    except WrongShape as e:
        raise ProtocolError(f"the line {e}", ErrorCode.PARSE_ERROR) from None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise ProtocolError("not a JSON-RPC 2.0 message", ErrorCode.INVALID_REQUEST)
    id = message.get("id")
    if id is not None and (not isinstance(id, int) or isinstance(id, bool)):
        raise ProtocolError("an id is a whole number", ErrorCode.INVALID_REQUEST)
    return message


def read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a stream until it ends.

    Of one that is longer than `LINE_BYTES` a piece comes that `parse` refuses, and the rest is
    passed over, so that it is never held in memory.
    """
    while line := stream.readline(LINE_BYTES + 1):
        yield line
        while len(line) > LINE_BYTES and not line.endswith(b"\n"):
            line = stream.readline(LINE_BYTES + 1)


def read(kind: type[M], params: Any) -> M:
    """Return parameters or a result as the dataclass ``kind``; unknown names are passed over.

    Raises:
        ProtocolError: A field is missing or has the wrong type.
        BadInput: A recipe in it cannot be, or no file can have the name of a path.
    """
    try:
        return from_plain(kind, params)
    except WrongShape as e:
        raise ProtocolError(str(e)) from None


def read_progress(params: Any) -> Progress:
    """Return parameters of ``progress`` whose numbers can be shown, and no more of a stage.

    Raises:
        ProtocolError: They are not; a run need not fail for that.
    """
    progress = read(Progress, params)
    if not 0 <= progress.fraction <= 1:
        raise ProtocolError(f"Progress.fraction is {progress.fraction!r:.40}, not 0 to 1")
    remaining, memory = progress.remaining, progress.memory
    if remaining is not None and not 0 <= remaining <= LONGEST_REMAINING:
        raise ProtocolError(f"Progress.remaining is {remaining!r:.40}, which are no seconds")
    if memory is not None and memory < 0:
        raise ProtocolError(f"Progress.memory is {memory!r:.40}, which are no bytes")
    return replace(progress, stage=progress.stage[:STAGE_LETTERS])


def read_error(value: Any) -> Failure:
    """Return what an error answer says, and no more of it than can be shown.

    Raises:
        ProtocolError: It is no error of JSON-RPC.
    """
    data = value.get("data") if isinstance(value, dict) else None
    if data is not None and not isinstance(data, dict):
        raise ProtocolError("Failure.data is no object")
    said = {**value, "log": (data or {}).get("log", "")} if isinstance(value, dict) else value
    failure = read(Failure, said)
    message, log = failure.message[:SENTENCE_LETTERS], failure.log[-LOG_LETTERS:]
    return replace(failure, message=message, log=log)


def _line(body: dict[str, Any]) -> bytes:
    text = json.dumps({"jsonrpc": "2.0", **body}, ensure_ascii=False, separators=(",", ":"))
    # Names of files may hold bytes that are no UTF-8; `json.loads` reads them back in the same way.
    return text.encode(errors="surrogatepass") + b"\n"
