"""Files in pieces, a JSON line each, for an engine with which no folder is shared.

A file has a name of two parts, a number and what it is called, such as ``3/bark.png``; where it
lies is for each side to know. Its pieces come in order, the last with the checksum of the whole.
Nothing is held in memory but a piece.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from .errors import BadInput
from .files import path_beside
from .jobs import Companions, Job
from .messages import ProtocolError

PIECE_BYTES = 384 << 10  #: of a file in a frame; in base64 half of the longest line
MOST_BYTES = 1 << 36  #: of a file
#: Which files become smaller; other pictures are compressed already.
_PACKABLE = {".npy", ".safetensors", ".pth", ".bmp", ".tga", ".hdr", ".ply", ".obj"}
_NAME = re.compile(r"[0-9]{1,4}/[^./\\:\x00-\x1f\x7f][^/\\:\x00-\x1f\x7f]{0,119}")


@dataclass(frozen=True)
class Frame:
    """Parameters of the notification ``frame``: a piece of a file.

    Attributes:
        name: Of the file.
        size: Of the whole file in bytes.
        at: Where the piece begins.
        data: The piece in base64.
        packed: Whether it was compressed by zlib before.
        checksum: SHA-256 of the whole file in the last piece; empty in others.
    """

    name: str
    size: int
    at: int
    data: str
    packed: bool = False
    checksum: str = ""


@dataclass(frozen=True)
class Got:
    """Parameters of the notification ``got``: a file has come whole. A preview waits for that."""

    name: str


@dataclass(frozen=True)
class Begin:
    """Parameters of ``begin``: which job is meant, and the checksums of its files by name."""

    word: str
    files: dict[str, str]


@dataclass(frozen=True)
class Begun:
    """Result of ``begin``.

    Attributes:
        missing: The names of the files that are not there yet.
        has_more: Whether there is something of the job to go on from.
    """

    missing: list[str]
    has_more: bool = False


def check_name(name: str) -> str:
    """Return a file's name if it is one.

        >>> check_name("3/bark.png")
        '3/bark.png'

    Raises:
        ProtocolError: It could lead out of the job's own folder.
    """
    if not _NAME.fullmatch(name):
        raise ProtocolError(f"{name!r:.80} is no name of a file")
    return name


def find_checksum(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    sum = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            sum.update(piece)
    return sum.hexdigest()


def cut(path: Path, name: str) -> Iterator[Frame]:
    """Yield a file in frames.

    Raises:
        OSError: It cannot be read, or becomes shorter meanwhile.
    """
    packable = path.suffix.lower() in _PACKABLE
    sum = hashlib.sha256()
    with path.open("rb") as file:
        size, at = file.seek(0, 2), 0
        file.seek(0)
        while True:
            piece = file.read(min(PIECE_BYTES, size - at))
            if not piece and at < size:
                raise OSError(0, "it has become shorter")
            sum.update(piece)
            last = at + len(piece) == size
            packed = zlib.compress(piece, 1) if packable else piece
            smaller = len(packed) < len(piece)
            data = base64.b64encode(packed if smaller else piece).decode()
            yield Frame(name, size, at, data, smaller, sum.hexdigest() if last else "")
            if last:
                return
            at += len(piece)


class Receiver:
    """Puts frames together; a file is there whole or not at all.

    Args:
        find_place: Says where a file of a name goes.
    """

    def __init__(self, find_place: Callable[[str], Path]) -> None:
        self._find_place = find_place
        self._name = ""
        self._file: IO[bytes] | None = None
        self._unfinished = Path()
        self._size = self._at = 0
        self._sum = hashlib.sha256()

    def take(self, frame: Frame) -> Path | None:
        """Take the next piece; returns the file's path once it is whole.

        Raises:
            ProtocolError: The piece is not the next one, or the file is not what was sent.
            OSError: It cannot be written.
        """
        try:
            return self._take(frame)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Throw away what is not whole."""
        if self._file is not None:
            self._file.close()
            self._file = None
            with contextlib.suppress(OSError):
                self._unfinished.unlink()

    def _take(self, frame: Frame) -> Path | None:
        place = self._find_place(check_name(frame.name))
        if frame.at == 0:
            self.close()
            if not 0 <= frame.size <= MOST_BYTES:
                raise ProtocolError(f"a file of {frame.size} bytes is none")
            place.parent.mkdir(parents=True, exist_ok=True)
            self._unfinished = path_beside(place, "part")
            self._file = self._unfinished.open("xb")
            self._name, self._size, self._at = frame.name, frame.size, 0
            self._sum = hashlib.sha256()
        if self._file is None or (frame.name, frame.size, frame.at) != (
            self._name,
            self._size,
            self._at,
        ):
            raise ProtocolError("a piece of a file is missing")
        piece = _unpack(frame)
        self._at += len(piece)
        if self._at > self._size or (not piece and self._size):
            raise ProtocolError("a piece of a file is too long or empty")
        self._file.write(piece)
        self._sum.update(piece)
        if self._at < self._size:
            return None
        self._file.close()
        if frame.checksum != self._sum.hexdigest():
            raise ProtocolError("a file has changed on its way")
        self._file = None
        self._unfinished.replace(place)
        return place


def _unpack(frame: Frame) -> bytes:
    try:
        data = base64.b64decode(frame.data, validate=True)
        if not frame.packed:
            return data
        # What is small may become anything: no more is unpacked than a piece has.
        return zlib.decompressobj().decompress(data, PIECE_BYTES)
    except (binascii.Error, zlib.error):
        raise ProtocolError("a piece of a file is damaged") from None


@dataclass(frozen=True)
class Cargo:
    """A job for another computer, and its files on this one by their names there.

    Attributes:
        job: With the names in the places of paths.
        inputs: What it reads.
        outputs: What it writes at its end.
        previews: What it writes now and then.
    """

    job: Job
    inputs: dict[str, Path]
    outputs: dict[str, Path]
    previews: dict[str, Path]


def load(job: Job) -> Cargo:
    """Give the files of a job names for another computer.

    Raises:
        BadInput: It writes a folder or tiles, which no other computer can.
    """
    if job.companions.parts is not None:
        raise BadInput("Regions can be written as pictures by an engine on this computer only.")
    if job.udim:
        raise BadInput("UDIM tiles can be made by an engine on this computer only.")
    cargo = Cargo(job, {}, {}, {})
    number = iter(range(10_000))

    def name(path: Path, kept: dict[str, Path]) -> Path:
        stem = re.sub(r"[/\\:\x00-\x1f\x7f]", "_", path.stem).lstrip(".")[:80] or "file"
        said = f"{next(number)}/{stem}{path.suffix[:16]}"
        kept[check_name(said)] = path
        return Path(said)

    changed = place_files(
        job,
        lambda path: name(path, cargo.inputs),
        lambda path: name(path, cargo.outputs),
        lambda path: name(path, cargo.previews),
    )
    if Path(job.weights).is_absolute():
        weights = name(Path(job.weights), cargo.inputs).as_posix()
        changed = replace(changed, weights=weights)
    return replace(cargo, job=replace(changed, checkpoint=None, resume=False))


def place_files(
    job: Job,
    read: Callable[[Path], Path],
    written: Callable[[Path], Path],
    preview: Callable[[Path], Path],
) -> Job:
    """Return a job with other paths.

    Args:
        job: The job.
        read: Gives the path of what it reads.
        written: Gives the path of what it writes at its end.
        preview: Gives the path of a preview.
    """

    def each(files: dict[str, Path]) -> dict[str, Path]:
        return {kind: read(path) for kind, path in files.items()}

    beside = job.companions
    companions = Companions(
        start=each(beside.start),
        mix=[each(files) for files in beside.mix],
        blend=beside.blend and read(beside.blend),
        mask=beside.mask and read(beside.mask),
        target_mask=beside.target_mask and read(beside.target_mask),
        regions={label: each(files) for label, files in beside.regions.items()},
        repair=beside.repair and read(beside.repair),
        keep=beside.keep and read(beside.keep),
        flow=beside.flow and read(beside.flow),
        scale_map=beside.scale_map and read(beside.scale_map),
    )
    maps = {
        kind: replace(
            files,
            exemplar=read(files.exemplar),
            output=written(files.output),
            preview=files.preview and preview(files.preview),
        )
        for kind, files in job.maps.items()
    }
    derive = {kind: written(path) for kind, path in job.derive.items()}
    object = job.object and read(job.object)
    return replace(job, maps=maps, derive=derive, companions=companions, object=object)


def name_of(path: Path) -> str:
    """Return the name that stands in a job in the place of a path, with “/” on any system."""
    return check_name(PurePosixPath(*path.parts).as_posix())
