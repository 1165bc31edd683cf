"""Measure mean and range of an image, as a shader gets its numbers."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np

from .srgb import decode_srgb

#: More than these are measured on a smaller copy: Blender hands out pixels as floats, four each.
_MOST_PIXELS = 1 << 24
_SMALL_SIDE = 1024

Triple = tuple[float, float, float]


class Spread(NamedTuple):
    """Of red, green and blue: their mean, that of their square roots, least and greatest value."""

    mean: Triple
    root_mean: Triple
    lowest: Triple
    highest: Triple


def measure_spread(image: bpy.types.Image) -> Spread:
    """Measure an image. Its numbers are those of light where they are colours, else its own."""
    width, height = image.size
    if width * height <= _MOST_PIXELS:
        return _measure(image)
    small = image.copy()
    try:
        small.scale(_SMALL_SIDE, _SMALL_SIDE)
        return _measure(small)
    finally:
        bpy.data.images.remove(small)


def _measure(image: bpy.types.Image) -> Spread:
    flat = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(flat)
    values = flat.reshape(-1, 4)[:, :3]
    # Floats are light already. Bytes are as the file has them: in all of Blender's spaces for
    # display, sRGB's curve or one that is near enough to it for a mean.
    if not image.is_float and not image.colorspace_settings.is_data:
        values = decode_srgb(values)
    roots = np.sqrt(np.maximum(values, 0))
    return Spread(
        *(
            _round(each)
            for each in (
                values.mean(axis=0, dtype=np.float64),
                roots.mean(axis=0, dtype=np.float64),
                values.min(axis=0),
                values.max(axis=0),
            )
        )
    )


def _round(values: np.ndarray) -> Triple:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
