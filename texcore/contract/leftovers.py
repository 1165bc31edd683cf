"""Whose a temporary file is, and what the dead have left behind.

The name of every temporary file and folder says which process it belongs to, and where that runs.
Who starts later takes away what belongs to no living process; a killed one cannot.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import shutil
import socket
import sys
import time
from pathlib import Path

# A temporary file of another machine, whose processes nobody here knows, is left over once it has
# not been written to for so many seconds.
_STALE_SECONDS = 24 * 3600.0
_MARK = r"texcore-(?P<place>[0-9a-f]{6})-(?P<process>[0-9]{1,10})"
_FILE = re.compile(rf"\..*\.{_MARK}\.(?P<word>[a-z]+)(\..*)?", re.DOTALL)
_FOLDER = re.compile(rf"{_MARK}-.*", re.DOTALL)
#: What a file that is about to be replaced is called meanwhile: it is nobody's to delete.
OLD = "old"


def mark() -> str:
    """Return what is in the names of this process's temporary files: ``texcore-3fa01b-4711``."""
    return f"texcore-{_name_place()}-{os.getpid()}"


def clear_leftovers(folder: Path) -> None:
    """Delete the temporary files and folders in a folder that belong to no living process.

    Nothing else is touched, and what cannot be deleted stays.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as name:
        ...     Path(name, f".bark.{mark()}.part.png").touch()
        ...     clear_leftovers(Path(name))
        ...     len(list(Path(name).iterdir()))
        1
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            found = (_FOLDER if is_folder else _FILE).fullmatch(entry.name)
            if not found or not _is_left(found, entry):
                continue
            if is_folder:
                shutil.rmtree(entry.path, ignore_errors=True)
            elif found["word"] != OLD:
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


def put_back(path: Path, name: str) -> None:
    """Give a file its name again that a dead process had moved aside.

    Args:
        path: Of the file. If it is there the process has put another in its place, and what was
            moved aside goes.
        name: What this process would call it when it moves it aside.
    """
    pattern = re.compile(re.escape(name).replace(re.escape(mark()), _MARK))
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            found = pattern.fullmatch(entry.name)
            if found and _is_left(found, entry):
                if path.exists():
                    Path(entry.path).unlink()
                else:
                    Path(entry.path).rename(path)


def is_alive(process: int) -> bool:
    """Say whether a process of that number runs on this machine."""
    if sys.platform == "win32":
        return _is_alive_on_windows(process)
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _is_left(found: re.Match[str], entry: os.DirEntry[str]) -> bool:
    """Say whether the process is gone that a name speaks of."""
    if found["place"] == _name_place():
        return not is_alive(int(found["process"]))
    return time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE_SECONDS


@functools.cache
def _name_place() -> str:
    """Name where processes have numbers of their own: a machine, or a container on it."""
    place = socket.gethostname()
    with contextlib.suppress(OSError):
        place += str(Path("/proc/self/ns/pid").readlink())
    return hashlib.sha256(place.encode(errors="replace")).hexdigest()[:6]


if sys.platform == "win32":
    import ctypes

    _SYNCHRONIZE, _TIMEOUT = 0x00100000, 0x102

    def _is_alive_on_windows(process: int) -> bool:
        handle = ctypes.windll.kernel32.OpenProcess(_SYNCHRONIZE, False, process)
        if not handle:
            return ctypes.windll.kernel32.GetLastError() == 5  # not allowed to ask
        try:
            return ctypes.windll.kernel32.WaitForSingleObject(handle, 0) == _TIMEOUT
        finally:
            ctypes.windll.kernel32.CloseHandle(handle)
