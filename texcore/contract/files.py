"""Ask about paths that users give, and write files whole or not at all.

There are packages that write atomically, but the extension and the build script write files too,
and their Pythons have the standard library only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from .leftovers import mark

# Of a target's name, what its temporary file's name keeps: bytes of the stem, so that the whole
# stays below the 255 bytes that file systems allow however long the target's own name is.
_STEM_BYTES = 40
# That a name may have, with everything.
_NAME_BYTES = 255
# A longer suffix is no file format, so nothing needs it on the temporary file.
_LONGEST_SUFFIX_BYTES = 32


def safely(test: Callable[[], bool]) -> bool:
    """Give the answer of such as `Path.is_file`, or False where that raises.

    It raises for a name that is too long or can be none, and in a folder that may not be looked
    into.

    Example:
        >>> safely(Path("x" * 5000).is_file)
        False
    """
    try:
        return test()
    except (OSError, ValueError):
        return False


def check_name(path: Path) -> None:
    """Find out whether a file of that name can be at all.

    Raises:
        OSError: It cannot, most likely because the name is too long.
    """
    with contextlib.suppress(FileNotFoundError):
        path.lstat()


def is_text(path: Path) -> bool:
    """Say whether a path is text throughout; on Linux a name may be of any bytes."""
    return show_name(path) == str(path)


def show_name(path: Path) -> str:
    r"""Return a path as a sentence can have it, with question marks for what is no text.

    Example:
        >>> show_name(Path("caf\udce9.png"))
        'caf?.png'
    """
    return str(path).encode(errors="replace").decode()


def explain(error: OSError) -> str:
    """Say in a few words why a file could not be read or written; not every error has the system's.

    Example:
        >>> explain(OSError(28, "No space left on device")), explain(OSError("9 of 16 written"))
        ('No space left on device', '9 of 16 written')
    """
    return error.strerror or str(error) or "no reason was given"


def name_beside(path: Path, ending: str) -> Path:
    """Name a file that belongs to another one and lies beside it: its name, and an ending.

    A name too long for that is cut, and told from others that begin alike by a hash of it.

    Example:
        >>> name_beside(Path("bark.png"), ".checkpoint").name
        'bark.png.checkpoint'
        >>> name_beside(Path(250 * "x" + ".png"), ".checkpoint").name[-40:]
        'xxxxxxxxxxxxxxxxxxxx~6ad8282c.checkpoint'
    """
    name = os.fsencode(path.name)
    if len(name) + len(ending) <= _NAME_BYTES:
        return path.parent / (path.name + ending)
    return path.parent / (_shorten(name, _NAME_BYTES - len(ending)) + ending)


@contextlib.contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[Path]:
    """Write a file whole or not at all, by any means that wants a path.

    What the block writes to the path it gets becomes the file when the block ends, in one step:
    a reader sees the old file or the new one. If the block raises, what was there before is as it
    was, and the temporary file is gone.

    Args:
        path: The file to write or to replace; a link stays a link to the file that is replaced.
        durable: Have the system put the content on the disk before the name leads to it, so that
            a power cut cannot leave an empty file. False for what need not outlive the process.

    Yields:
        A path in the same folder, with the same suffix.

    Raises:
        OSError: The file cannot be written, or the block has not written it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder) / "a.txt") as unfinished:
        ...         _ = unfinished.write_text("whole")
        ...     [(file.name, file.read_text()) for file in Path(folder).iterdir()]
        [('a.txt', 'whole')]
    """
    unfinished = path_beside(path, "part")
    try:
        yield unfinished
        if durable:
            _put_on_disk(unfinished)
        unfinished.replace(_where_links_lead(path))
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Write bytes to a file whole or not at all; a link stays a link.

    Raises:
        OSError: It cannot be written; what was there before is as it was.
    """
    with replacing(path) as unfinished:
        unfinished.write_bytes(content)


def path_beside(path: Path, word: str) -> Path:
    """Name a temporary file in the folder of the file that a path leads to.

    Its name is hidden, says whose it is (`texcore.contract.leftovers`), and keeps the path's own
    suffix, by which programs tell formats. It is short enough for every file system, however long
    the path's name.

    Args:
        path: Of the file that is meant.
        word: Tells temporary files of one process apart.

    Example:
        >>> path_beside(Path("/textures/bark.png"), "part").name == f".bark.{mark()}.part.png"
        True
    """
    stem = _shorten(os.fsencode(path.stem), _STEM_BYTES)
    suffix = path.suffix if len(os.fsencode(path.suffix)) <= _LONGEST_SUFFIX_BYTES else ""
    return _where_links_lead(path).with_name(f".{stem}.{mark()}.{word}{suffix}")


def _shorten(name: bytes, most: int) -> str:
    """A name as text of at most so many bytes; one that was cut has a hash of all of it."""
    if len(name) > most:
        told = f"~{hashlib.sha256(name).hexdigest()[:8]}"
        return name[: most - len(told)].decode(errors="ignore") + told
    return name.decode(errors="ignore")


def _where_links_lead(path: Path) -> Path:
    # `Path.resolve` raises RuntimeError for links in a circle, on some versions of Python.
    return Path(os.path.realpath(path))


def _put_on_disk(path: Path) -> None:
    with path.open("r+b") as file:  # Windows wants it open for writing
        os.fsync(file.fileno())
