"""Files that one process holds at a time; the system lets go of them however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Held(Exception):
    """Another process holds the file."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold a file, which is made if need be.

    Args:
        path: Of the file; its folder has to be there.

    Raises:
        Held: Another process holds it.
        OSError: It cannot be made.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with hold(Path(folder) / "owner"):
        ...         pass
    """
    with path.open("ab") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Held from None
        yield
