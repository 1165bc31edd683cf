"""The folder of an engine environment: what lies where, how far a set-up is, and whose turn it is.

Blender and the set-up program share nothing but these files. Each is written whole or not at all.
"""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any, TypeVar

T = TypeVar("T")
_MOST_BYTES = 1 << 20  #: of a file that is read whole
# What systems say of a file that somebody else holds; all else, that they cannot hold any there.
_ARE_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
#: Folder for the engine in one that holds other things; short, as are the names in it.
_SUBFOLDER = "tx"


@dataclass(frozen=True)
class EngineFolder:
    """Names in the folder; they are short, since Windows allows 260 letters for a whole path.

    Attributes:
        folder: The folder itself.
    """

    folder: Path

    @property
    def state(self) -> Path:
        """How far the set-up is: a `SetUpProgress`."""
        return self.folder / "setup.json"

    @property
    def log(self) -> Path:
        """Everything that the last set-up's programs said."""
        return self.folder / "setup.log"

    @property
    def lock(self) -> Path:
        """Locked as long as a set-up runs."""
        return self.folder / "setup.lock"

    @property
    def cancel(self) -> Path:
        """There when somebody wants the set-up to stop."""
        return self.folder / "setup.cancel"

    @property
    def record(self) -> Path:
        """The environment that is in use: a `Record`. Never of one that is half installed."""
        return self.folder / "engine.json"

    @property
    def environments(self) -> Path:
        """Where environments lie, each in a folder of its own."""
        return self.folder / "e"

    @property
    def cache(self) -> Path:
        """What is downloaded, kept after a set-up that was stopped: for the next one."""
        return self.folder / "c"

    @property
    def fetched(self) -> tuple[Path, ...]:
        """What was fetched to make environments with, and none needs to run: not so `pythons`."""
        return self.cache, self.tools

    @property
    def temporary(self) -> Path:
        """What a set-up needs only while it runs."""
        return self.folder / "t"

    @property
    def pythons(self) -> Path:
        """Pythons that uv has brought."""
        return self.folder / "p"

    @property
    def tools(self) -> Path:
        """Where uv lies."""
        return self.folder / "u"


def find_own(folder: Path) -> Path:
    """The folder itself where it is empty or the engine's; where others' things lie, one in it.

    A set-up, *Repair* and *Remove* delete what has the names of
    `EngineFolder`, which others use, too.
    """
    return folder if _is_own(folder) else find_own(folder / _SUBFOLDER)


def _is_own(folder: Path) -> bool:
    place = EngineFolder(folder)
    try:
        return place.record.exists() or place.lock.exists() or not any(folder.iterdir())
    except OSError:  # it is not there yet, or no folder
        return True


@dataclass
class SetUpProgress:
    """How far a set-up is, for whoever looks.

    Attributes:
        status: ``running``, ``done``, ``cancelled`` or ``failed``.
        stage: What is happening, in a few words.
        fraction: Share of the whole, 0 to 1, never falling.
        detail: A figure in no language, such as “1.2 / ≈ 2.8 GB”.
        message: At the end: how it ended, in a sentence or two.
        fix: After a failure: the name of what mends it, see `Failed`.
        pid: The program's process id.
        host: The other computer that is set up; empty for this one.
        started: When that process was started, see `processes.when_started`: with its id it is
            known, and no other that has got the id since.
    """

    status: str = "running"
    stage: str = ""
    fraction: float = 0.0
    detail: str = ""
    message: str = ""
    fix: str = ""
    pid: int = 0
    started: str = ""
    host: str = ""

    def __post_init__(self) -> None:
        """Check what was read.

        Raises:
            ValueError: It is no share of the whole.
        """
        if not 0 <= self.fraction <= 1:
            raise ValueError(f"the fraction {self.fraction} is not 0 to 1")


@dataclass
class Record:
    """An environment that holds everything.

    Attributes:
        python: Its interpreter.
        requirements: What was asked for, as pip reads it.
        torch: Version of PyTorch, with its build, such as ``2.13.0+cu130``.
        device: What PyTorch computes on there: ``cuda``, ``mps``, ``xpu`` or ``cpu``.
        bytes: Size of the whole folder, with the Python and uv that belong to it.
        complete: Whether the set-up went to its end; else the next one goes on from here.
    """

    python: str
    requirements: list[str]
    torch: str
    device: str
    bytes: int = 0
    complete: bool = False


class Failed(Exception):
    """A set-up that cannot go on: one sentence.

    Attributes:
        fix: What mends it: ``retry``, ``folder`` (choose another one), ``python`` (choose one),
            ``online`` (allow it), ``wheels`` (use a folder of them) or nothing.
    """

    def __init__(self, message: str, fix: str = "retry") -> None:
        super().__init__(message)
        self.fix = fix


class Cancelled(Exception):
    """Somebody wants the set-up to stop."""


class Busy(Exception):
    """Another set-up holds the lock."""


def write(path: Path, value: Any) -> None:
    """Write a dataclass as JSON, whole or not at all."""
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(asdict(value)), encoding="utf-8")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all: what the block writes to the path it gets becomes the file.

    `texcore.contract.files` has the same for everybody else, but cannot be imported here. This
    package is both a part of the extension and a program of its own (``python -m engine_setup``),
    which finds nothing of the engine under one name in both, and must run before there is any.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield unfinished
        retrying(lambda: unfinished.replace(path))
    finally:
        with suppress(OSError):
            unfinished.unlink()


def read(kind: type[T], path: Path) -> T | None:
    """The dataclass in a file; None if there is none, or none that can be used."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        value = json.loads(path.read_text(encoding="utf-8"))
        types = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
        known = {name: entry for name, entry in value.items() if name in types}
        fit = all(_FITS[types[name]](entry) for name, entry in known.items())
        return kind(**known) if fit else None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _is_number(value: Any) -> bool:
    is_one = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_one and math.isfinite(value)


# Whether a value of a file is of the type that a field has, by the type's name.
_FITS: dict[Any, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": _is_number,
    "list[str]": lambda value: isinstance(value, list) and all(type(v) is str for v in value),
}


@contextmanager
def holding(lock: Path) -> Iterator[bool]:
    """Hold a lock file; the system lets go of it when the process ends, however it ends.

    The block gets whether it is held: there are file systems, such as Lustre and some NFS, on which
    no file can be. There it goes on, and must do without.

    Raises:
        Busy: Another process holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+b") as file:
        yield _lock(file)


def _lock(file: IO[bytes]) -> bool:
    try:
        _ask_system(file)
    except OSError as e:
        if e.errno in _ARE_HELD:
            raise Busy from None
        return False
    return True


def _ask_system(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_held(lock: Path) -> bool:
    """Whether a process holds a lock file; of one that this user may not open, nobody knows."""
    try:
        if lock.exists():
            with holding(lock):
                pass
    except Busy:
        return True
    except OSError:
        return False
    return False


def size(folder: Path) -> int:
    """Bytes below a folder, those of a file with several names once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for name, _, names in os.walk(folder):
        for file in names:
            try:
                about = os.lstat(os.path.join(name, file))  # noqa: PTH118 - called 20000 times
            except FileNotFoundError:  # a download that has just been moved
                continue
            if about.st_nlink > 1:
                key = about.st_dev, about.st_ino
                if key in seen:
                    continue
                seen.add(key)
            total += about.st_size
    return total


def remove(path: Path) -> None:
    """Delete a file or a folder with all that is in it; nothing happens if it is not there.

    Raises:
        OSError: Something in it is in use, or may not be deleted.
    """

    def writable(function: Callable[..., Any], name: str, error: Any) -> None:
        # uv and pip leave files that may not be written, which Windows will not delete.
        failure = error if isinstance(error, BaseException) else error[1]
        if isinstance(failure, FileNotFoundError):
            return
        Path(name).chmod(stat.S_IRWXU)
        function(name)

    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        handler: Any = {"onexc" if sys.version_info >= (3, 12) else "onerror": writable}
        shutil.rmtree(path, **handler)


def retrying(action: Callable[[], T], times: int = 20) -> T:
    """Do what Windows refuses for as long as another process has the file open."""
    for _ in range(times - 1):
        try:
            return action()
        except PermissionError:
            time.sleep(0.02)
    return action()
