"""Folders for the files of jobs, and what a Blender that was killed has left of its own.

All of a Blender's are in one folder, in which a file is locked for as long as that Blender runs:
the system lets go of it however it ends. So the next one to start knows which are nobody's.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..engine_setup.place import Busy, holding

PREFIX = "texcore-"
OWNER = ".owner"  #: the file that is locked
_BLENDERS = "blender_"  #: how the folders begin that Blender makes for itself
_TRIES = 5

_own: tuple[Path, ExitStack] | None = None
_clearing: threading.Thread | None = None


def make_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a folder for a job's files, within Blender's own, which Blender deletes at its end.

    Raises:
        BadInput: It cannot be made.
    """
    try:
        own = _get_own_folder()
        # A cancelled engine may be writing its last preview into it: such a file may stay.
        return tempfile.TemporaryDirectory(prefix="job-", dir=own, ignore_cleanup_errors=True)
    except OSError as e:
        raise _say_no_room(e) from None


@contextmanager
def filling(folder: tempfile.TemporaryDirectory[str]) -> Iterator[Path]:
    """Write files into a job's folder, which is deleted if that fails.

    Raises:
        BadInput: One cannot be written.
    """
    try:
        yield Path(folder.name)
    except OSError as e:
        folder.cleanup()
        raise _say_no_room(e) from None
    except BaseException:
        folder.cleanup()
        raise


def clear(root: Path) -> None:
    """Delete what Blenders have left in a temporary folder that do not run any more.

    Args:
        root: The folder in which Blender makes its own.
    """
    for path in [*root.glob(f"{PREFIX}*"), *root.glob(f"{_BLENDERS}*/{PREFIX}*")]:
        if not _is_ours(path):
            continue
        try:
            with holding(path / OWNER) as held:
                pass
        except (Busy, OSError):
            continue  # its Blender runs, or it has just been cleared by another
        if not held:
            continue  # nobody knows whether it runs
        # Nobody takes it now: its Blender made it under a name that is its own, and has ended.
        shutil.rmtree(path, ignore_errors=True)


def _say_no_room(error: OSError) -> BadInput:
    """Say that a temporary file cannot be written."""
    return BadInput(
        f"The image cannot be written to Blender's temporary folder ({error.strerror or error}): "
        "make room there, or choose another in Blender's preferences."
    )


def _is_ours(path: Path) -> bool:
    """Return whether a path is a folder that this user's Texcore has made, and no link to one."""
    try:
        about, owner = path.lstat(), (path / OWNER).lstat()
    except OSError:
        return False
    own_user = getattr(os, "getuid", lambda: about.st_uid)()
    is_folder = stat.S_ISDIR(about.st_mode) and about.st_uid == own_user
    return is_folder and stat.S_ISREG(owner.st_mode)


def _get_own_folder() -> Path:
    """Return this Blender's folder, made and locked if need be.

    Raises:
        OSError: It cannot be made.
    """
    global _own
    if _own is not None and _own[0].is_dir():
        return _own[0]
    _remove_own_folder()
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=bpy.app.tempdir or None))
        stack = ExitStack()
        try:
            stack.enter_context(holding(folder / OWNER))
        except Busy:
            continue  # another Blender has taken it for one that was left, and deletes it
        _own = folder, stack
        return folder
    raise OSError(0, "other programs delete what is made there")


def _remove_own_folder() -> None:
    """Delete this Blender's folder."""
    global _own
    if _own is not None:
        folder, stack = _own
        _own = None
        stack.close()  # Windows deletes no file that is open
        shutil.rmtree(folder, ignore_errors=True)


def register() -> None:
    """Clear what was left, beside Blender's start."""
    global _clearing
    own = Path(bpy.app.tempdir or tempfile.gettempdir())
    root = own.parent if own.name.startswith(_BLENDERS) else own
    _clearing = threading.Thread(target=clear, args=(root,), name="texcore-clearing", daemon=True)
    _clearing.start()
    atexit.register(_remove_own_folder)


def unregister() -> None:
    """Leave no folder behind."""
    atexit.unregister(_remove_own_folder)
    if _clearing is not None:
        _clearing.join()
    _remove_own_folder()
