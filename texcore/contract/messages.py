"""The messages between the Blender extension and the engine.

JSON-RPC 2.0, one UTF-8 message a line, over the engine's stdin and stdout; pixels travel in files
whose paths the messages carry. Everything else the engine has to say goes to stderr. The engine
exits when its stdin closes.

The client opens with ``hello``; a version it cannot speak is answered with
`ErrorCode.PROTOCOL_MISMATCH`. Then it sends any number of ``doctor``, ``synthesize`` and
``synthesize_material`` requests. A running one of the latter two sends ``progress`` notifications
and ends with a result or an error; the notification ``cancel`` with its id ends it early with
`ErrorCode.CANCELLED`.

Standard library only: both sides import this file. For the same reason no package for JSON-RPC is
used, though there are some: Blender's Python has none.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import IntEnum
from typing import Any, TypeVar

PROTOCOL_VERSION = 1


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
class Synthesize:
    """Parameters of ``synthesize``.

    Attributes:
        exemplar: Absolute path of a picture, or of a float32 ``.npy`` of shape (height, width, 4).
        output: Absolute path to write; the suffix says the format. Written whole or not at all.
        recipe: A `texcore.contract.recipe.Recipe` as JSON; what is left out takes its default.
        device: ``auto``, ``cuda``, ``mps`` or ``cpu``.
        weights: ``auto``, ``vgg19``, ``vgg16``, ``random`` or the path of a file.
        preview: Absolute path of a PNG to refresh while running, or of a uint8 ``.npy`` of shape
            (height, width, 4); None for no preview.
        online: Whether the engine may fetch weights that are not there.
        start: Absolute path of a picture to start from, or None.
        mix: Absolute paths of further exemplars; the recipe's ``mix`` weighs them.
        blend: Absolute path of the map between exemplar and the one of ``mix``, or None.
        mask: Absolute path of the exemplar's regions, or None.
        target_mask: Absolute path of the result's regions, or None for the exemplar's.
        regions: Label of a region → absolute path of the picture whose texture it gets.
    """

    exemplar: str
    output: str
    recipe: dict[str, Any] = field(default_factory=dict)
    device: str = "auto"
    weights: str = "auto"
    preview: str | None = None
    online: bool = True
    start: str | None = None
    mix: list[str] = field(default_factory=list)
    blend: str | None = None
    mask: str | None = None
    target_mask: str | None = None
    regions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SynthesizeReply:
    """Result of ``synthesize``: what was written and how, sizes in pixels, time in seconds."""

    output: str
    width: int
    height: int
    evaluations: int
    seconds: float
    network: str
    recipe: dict[str, Any]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SynthesizeMaterial:
    """Parameters of ``synthesize_material``: all maps of a material, made as one.

    Attributes:
        maps: Absolute path by kind of map (`texcore.contract.map_kinds`), as ``exemplar`` of
            `Synthesize`.
        outputs: Absolute path to write, by kind. All are written, or none.
        recipe: As in `Synthesize`; its size is that of the largest map's result.
        encodings: By kind, what the numbers of a colour map mean, of `recipe.ENCODINGS`.
        depths: By kind, the depth to write, of `recipe.BIT_DEPTHS`, where it is not to be chosen
            by the map.
        derive: Kinds to guess from the new base color, of those that are not in ``maps``
            (`texcore.contract.map_kinds.DERIVABLE`); ``outputs`` says where these go too.
        preview: Absolute path of a folder in which a ``KIND.npy`` is refreshed while running, as
            ``preview`` of `Synthesize`; maps that do not show may be left out. None for no preview.
        device, weights, online: As in `Synthesize`.
    """

    maps: dict[str, str]
    outputs: dict[str, str]
    recipe: dict[str, Any] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    depths: dict[str, str] = field(default_factory=dict)
    derive: list[str] = field(default_factory=list)
    device: str = "auto"
    weights: str = "auto"
    preview: str | None = None
    online: bool = True


@dataclass(frozen=True)
class SynthesizeMaterialReply:
    """Result of ``synthesize_material``; as `SynthesizeReply`, outputs and recipes by kind."""

    outputs: dict[str, str]
    recipes: dict[str, dict[str, Any]]
    width: int
    height: int
    evaluations: int
    seconds: float
    network: str
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Progress:
    """Parameters of the notification ``progress``.

    Attributes:
        job: Id of the ``synthesize`` request.
        fraction: Share of the work done, 0 to 1, never falling.
        remaining: Estimated seconds to go; None while there is no estimate.
        stage: What is happening, in a few plain words.
        preview: Path of the preview, or of the folder of them, when there is a new one.
        memory: Bytes that the run is expected to take at its peak, with the engine's own where
            it works in the machine's memory; None before that is known.
    """

    job: int
    fraction: float
    stage: str
    remaining: float | None = None
    preview: str | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Cancel:
    """Parameters of the notification ``cancel``: id of the ``synthesize`` request to stop."""

    job: int


@dataclass(frozen=True)
class Doctor:
    """Result of ``doctor``: is everything there, and line by line what is and what to do."""

    ready: bool
    lines: list[str]


M = TypeVar("M")


def request(id: int, method: str, params: Any = None) -> bytes:
    """One request as a line; ``params`` is a dataclass of this module or None."""
    return _line({"id": id, "method": method, "params": _plain(params)})


def notification(method: str, params: Any) -> bytes:
    """One notification (nothing answers it) as a line."""
    return _line({"method": method, "params": _plain(params)})


def result(id: int, value: Any) -> bytes:
    """The answer to request ``id`` as a line."""
    return _line({"id": id, "result": _plain(value)})


def error(id: int | None, code: ErrorCode, message: str, log: str = "") -> bytes:
    """The error answer to request ``id`` as a line; ``log`` is for the error box, not the eye."""
    body: dict[str, Any] = {"code": int(code), "message": message}
    if log:
        body["data"] = {"log": log}
    return _line({"id": id, "error": body})


def parse(line: bytes | str) -> dict[str, Any]:
    """The message on a line.

    Raises:
        ProtocolError: The line is not a JSON-RPC 2.0 message.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as e:
        raise ProtocolError(f"not a line of JSON: {e}", ErrorCode.PARSE_ERROR) from None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise ProtocolError("not a JSON-RPC 2.0 message", ErrorCode.INVALID_REQUEST)
    return message


def read(kind: type[M], params: Any) -> M:
    """Parameters or a result as the dataclass ``kind``; names it does not know are passed over.

    Raises:
        ProtocolError: A field is missing or has the wrong type.
    """
    if not isinstance(params, Mapping):
        raise ProtocolError(f"{kind.__name__} wants an object, not {type(params).__name__}")
    hints = typing.get_type_hints(kind)
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    given = {k: v for k, v in params.items() if k in known}
    for name, value in given.items():
        if not _fits(value, hints[name]):
            raise ProtocolError(f"{kind.__name__}.{name} is {value!r}, not {hints[name]}")
    try:
        return kind(**given)
    except TypeError as e:
        raise ProtocolError(f"{kind.__name__}: {e}") from None


def _fits(value: Any, hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, h) for h in typing.get_args(hint))
    if hint is Any:
        return True
    if origin is dict:
        _, values = typing.get_args(hint)
        return isinstance(value, dict) and all(_fits(v, values) for v in value.values())
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, origin or hint)


def _plain(value: Any) -> Any:
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def _line(body: dict[str, Any]) -> bytes:
    text = json.dumps({"jsonrpc": "2.0", **body}, ensure_ascii=False, separators=(",", ":"))
    # Names of files may hold bytes that are no UTF-8; `json.loads` reads them back in the same way.
    return text.encode(errors="surrogatepass") + b"\n"
