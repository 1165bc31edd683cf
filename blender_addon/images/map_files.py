"""Files of maps as images: each file is one image of the artist's file, and so are UDIM tiles.

An image that is there already is taken as it is, with what the artist has painted on it and not
saved. It is never changed: giving it a colour space alone would have Blender read its file again.
"""

from __future__ import annotations

import os
from pathlib import Path

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.udim import Tiles
from . import marks, tiles


def load_map(path: Path, of_tiles: Tiles | None, is_data: bool) -> tuple[bpy.types.Image, bool]:
    """Return the image of a map.

    Args:
        path: A file of it; of tiles any one.
        of_tiles: All tiles that it is one of; None for a single picture.
        is_data: Whether its numbers are data, and no colours.

    Returns:
        The image, and whether it is new in the artist's file.

    Raises:
        BadInput: The file cannot be read.
    """
    image = _find_image(path if of_tiles is None else of_tiles.path, is_data)
    if image is not None:
        return image, False
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError:
        raise BadInput(f"“{path}” cannot be read.") from None
    if of_tiles is not None:
        image.source = "TILED"
        image.filepath = str(of_tiles.path)  # has Blender look for the files of all tiles
    if min(tiles.measure(image)) == 0:
        bpy.data.images.remove(image)
        raise BadInput(f"“{path.name}” is damaged or no picture.")
    if is_data:
        image.colorspace_settings.name = "Non-Color"
    return image, True


def _find_image(path: Path, is_data: bool) -> bpy.types.Image | None:
    """Return the image of the artist's file that is read from a path, if it is understood so."""
    wanted = os.path.normpath(path.absolute())
    for image in bpy.data.images:
        # A texture that is packed has a path only for where it would be unpacked to.
        is_file = image.source in ("FILE", "TILED") and not (
            image.packed_files and marks.is_result(image)
        )
        if not is_file or image.library is not None or image.filepath == "":
            continue
        is_same = os.path.normpath(bpy.path.abspath(image.filepath)) == wanted
        if is_same and image.colorspace_settings.is_data == is_data and min(tiles.measure(image)):
            return image
    return None
