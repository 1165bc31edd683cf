"""Files that one process holds at a time; the system lets go of them however it ends."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# What systems say of a file that somebody else holds; all else, that they cannot hold any there.
_ARE_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)


class Held(Exception):
    """Another process holds the file."""


@contextmanager
def hold(path: Path) -> Iterator[bool]:
    """Hold a file, which is made if need be.

    The block gets whether it is held: there are file systems, such as Lustre and some NFS, on which
    no file can be. There it goes on, and must do without.

    Args:
        path: Of the file; its folder has to be there.

    Raises:
        Held: Another process holds it.
        OSError: It cannot be made.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with hold(Path(folder) / "owner") as held:
        ...         held
        True
    """
    with path.open("ab") as file:
        yield _lock(file)


def _lock(file: IO[bytes]) -> bool:
    """Lock a file until it is closed; returns whether that can be done where it lies.

    Raises:
        Held: Another process has.
    """
    try:
        _ask_system(file)
    except OSError as e:
        if e.errno in _ARE_HELD:
            raise Held from None
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
