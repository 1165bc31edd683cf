"""A picture cut into UDIM tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..contract.udim import Box, find_box, name_files
from .picture import Picture


def cut_files(
    path: Path, picture: Picture, numbers: Sequence[int]
) -> Iterator[tuple[Path, Picture]]:
    """Yield the files of a picture: itself, or its tiles, one after the other.

    Args:
        path: Of tiles, with `udim.TOKEN`.
        picture: The whole.
        numbers: Of the tiles; nothing for a picture in one piece.
    """
    if not numbers:
        yield path, picture
        return
    box = find_box(numbers)
    for file, number in zip(name_files(path, numbers), numbers, strict=True):
        yield file, cut_tile(picture, box, number)


def cut_tile(picture: Picture, box: Box, number: int) -> Picture:
    """Return a tile of a picture that goes over a box of tiles; v runs up, rows of pixels down.

    Nothing is resampled. Where the picture's size is no multiple of the box's, as that of a smaller
    map may be, tiles differ by a pixel.

    Example:
        >>> import numpy as np
        >>> from texcore.contract.udim import find_box
        >>> whole = Picture(np.arange(8, dtype=np.float32).reshape(1, 2, 4), "uint8")
        >>> cut_tile(whole, find_box([1001, 1012]), 1002).pixels.tolist()
        [[[6.0, 7.0]]]
    """
    column, row = box.place(number)
    height, width = picture.pixels.shape[1:]
    left, right = (width * n // box.columns for n in (column, column + 1))
    top, bottom = (height * (box.rows - n) // box.rows for n in (row + 1, row))
    return replace(picture, pixels=np.ascontiguousarray(picture.pixels[:, top:bottom, left:right]))
