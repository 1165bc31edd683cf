"""Open what the engine has written, and nothing else.

Only the extension itself says which files that are: those in the folder of a job, by the names that
it has chosen. What lies there under such a name may still be something else: a link to a file of
the artist's, a pipe that never ends, or a picture that claims to be huge.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

import numpy as np

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.jobs import PREVIEW_SIDE

_HEAD_BYTES = 1024  #: of the head of such a file


def check_file(path: Path, folder: Path) -> None:
    """Check that a path is that of a file in a folder or below it, and is no link there.

    Raises:
        BadInput: It is not; whatever it is has not been opened.
    """
    parts = path.relative_to(folder).parts if path.is_relative_to(folder) else ("..",)
    below = [folder.joinpath(*parts[:count]) for count in range(1, len(parts) + 1)]
    try:
        modes = [each.lstat().st_mode for each in below]
    except OSError:
        raise BadInput(f"The engine has not written its picture {path.name}: try again.") from None
    if ".." in parts or not stat.S_ISREG(modes[-1]) or not all(map(stat.S_ISDIR, modes[:-1])):
        raise BadInput(f"What lies in the place of the engine's picture {path.name} is no file.")


def read_preview(path: Path) -> np.ndarray:
    """Read a preview: uint8 of shape (height, width, 4), top row first.

    Raises:
        OSError: There is none.
        ValueError: It is not one, or is not written to its end yet.
    """
    with _open_file(path, PREVIEW_SIDE**2 * 4 + _HEAD_BYTES) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("the file is of another version")
        shape, is_fortran, kind = np.lib.format.read_array_header_1_0(file)
        fits = len(shape) == 3 and shape[2] == 4 and kind == np.uint8
        if not fits or not all(1 <= side <= PREVIEW_SIDE for side in shape[:2]):
            raise ValueError("the file is no preview")
        data = file.read(shape[0] * shape[1] * 4)
    # A file that is too short has too few for the shape, which raises ValueError as well.
    return np.frombuffer(data, np.uint8).reshape(shape, order="F" if is_fortran else "C")


def _open_file(path: Path, most_bytes: int) -> IO[bytes]:
    """Open a regular file, without waiting for anything else to become one.

    Raises:
        OSError: There is none, it is a link or no regular file, or it has more bytes.
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
        flags |= getattr(os, name, 0)  # some systems lack some
    descriptor = os.open(path, flags)
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > most_bytes:
            raise OSError("it is no file of the engine's")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
