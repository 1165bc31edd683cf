"""Paths that users give: questions about them, and files written there; standard library only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path


def safely(test: Callable[[], bool]) -> bool:
    """The answer of such as `Path.is_file`, False where that raises.

    It does for a name that is too long and in a folder that may not be looked into.
    """
    try:
        return test()
    except OSError:
        return False


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link stays a link.

    Raises:
        OSError: It cannot be written; what was there before is as it was.
    """
    final = path.resolve()
    partial = final.with_name(f".{path.stem[:40]}.{os.getpid()}.part{path.suffix}")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(final)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
