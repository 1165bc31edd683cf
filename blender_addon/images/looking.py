"""Say what is wrong with an image before anybody presses a button.

Drawing may not look at the disk, nor at all pixels. It asks for what is known, and a timer looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput
from ..engine.redrawing import redraw
from . import exchange, tiles

LOOK_SECONDS = 0.2
#: Of an image whose pixels are all looked at; of a larger one first its preview is.
_FEW_PIXELS = 1 << 20
#: Of the channels of a preview, which is a mean of many pixels, within 0 to 1.
_NEARLY_FLAT = 0.02

_Key = tuple[object, ...]


@dataclass(frozen=True)
class Problem:
    """Why nothing can be learnt from an image.

    Attributes:
        words: A sentence.
        is_missing: Whether its file is not where it was.
        is_flat: Whether it is of one colour, which a map beside others may be.
    """

    words: str
    is_missing: bool = False
    is_flat: bool = False


#: By ``session_uid``: what the image was like when it was looked at, and what came of it.
_known: dict[int, tuple[_Key, Problem | None]] = {}
_asked: set[int] = set()


def find_problem(image: bpy.types.Image) -> Problem | None:
    """Return what is known to be wrong with an image, and have a timer look again if need be."""
    key, problem = _known.get(image.session_uid, ((), None))
    if key != _describe(image) or (problem is not None and problem.is_missing):
        _asked.add(image.session_uid)
        if not bpy.app.background and not bpy.app.timers.is_registered(look):
            bpy.app.timers.register(look, first_interval=LOOK_SECONDS, persistent=True)
    return problem


def look() -> None:
    """Look at the images that were asked for, and let the panels draw again if there is news."""
    news = False
    for image in [image for image in bpy.data.images if image.session_uid in _asked]:
        before = _known.get(image.session_uid, ((), None))[1]
        problem = judge(image)
        if before is not None and before.is_missing and problem != before:
            image.reload()  # it has been found again, and Blender tries to read a file but once
            problem = judge(image)
        news |= problem != before
        _known[image.session_uid] = _describe(image), problem
    _asked.clear()
    if news:
        redraw()


def judge(image: bpy.types.Image) -> Problem | None:
    """Look at an image and its file, without loading it; returns what is wrong with it."""
    try:
        if tiles.is_tiled(image):
            if missing := tiles.tell_missing(image):
                return Problem(missing, is_missing=True)
            if image.has_data:  # else it would be loaded now
                tiles.check_tile(image)
            return None
        exchange.check_kind(image)
        if not image.has_data and image.source == "FILE":
            # It would be loaded now, which may take a while; a press of the button looks closer.
            there = image.packed_file is not None or Path(image.filepath_from_user()).is_file()
            return None if there else Problem(exchange.tell_missing(image), is_missing=True)
        exchange.check_image(image)
    except BadInput as e:
        return Problem(str(e))
    if _may_be_flat(image) and exchange.is_flat(image):
        words = f"“{image.name}” is of one colour all over: choose a picture of a texture."
        return Problem(words, is_flat=True)
    return None


def _may_be_flat(image: bpy.types.Image) -> bool:
    """Return whether all pixels have to be looked at, which of a large image holds Blender up."""
    if image.size[0] * image.size[1] <= _FEW_PIXELS:
        return True
    preview = image.preview
    if preview is None or not min(preview.image_size):
        return False
    flat = np.empty(preview.image_size[0] * preview.image_size[1] * 4, np.float32)
    preview.image_pixels_float.foreach_get(flat)
    pixels = flat.reshape(-1, 4)
    inside = pixels[pixels[:, 3] > 0, :3]  # an image that is no square has an empty border
    return len(inside) == 0 or bool(np.ptp(inside, axis=0).max() < _NEARLY_FLAT)


def _describe(image: bpy.types.Image) -> _Key:
    """Return what has changed when an image has to be looked at again."""
    preview = image.preview
    drawn = preview is not None and bool(min(preview.image_size))
    packed = image.packed_file is not None
    return image.source, image.filepath, packed, image.has_data, image.is_dirty, drawn


def register() -> None:
    """Know nothing yet."""
    _known.clear()


def unregister() -> None:
    """Look no more."""
    if bpy.app.timers.is_registered(look):
        bpy.app.timers.unregister(look)
    _asked.clear()
    _known.clear()
