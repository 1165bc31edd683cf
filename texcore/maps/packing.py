"""Maps packed as engines want them: channels copied from one picture into another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..contract.engine_sets import PlannedFile, Taken
from ..pictures import Picture, Pixels, to_display


def pack(file: PlannedFile, maps: Mapping[str, Picture]) -> Picture:
    """Return the picture of a file of a set.

        >>> rough = Picture(np.full((1, 2, 2), 0.25, np.float32), "uint8")
        >>> file = PlannedFile("wall_orm.png", (1.0, Taken("roughness", 0), 0.0), 8)
        >>> pack(file, {"roughness": rough}).pixels[:, 0, 0].tolist()
        [1.0, 0.25, 0.0]

    Args:
        file: What is in each channel.
        maps: Picture by kind, colours encoded as sRGB or of linear light; all that the file names.
            Smaller ones are scaled to the largest, as they repeat.

    Returns:
        A picture of values in 0...1 and so many channels, 8 or 16 bits deep.
    """
    taken = [each for each in file.channels if isinstance(each, Taken)]
    shapes = [maps[each.kind].pixels.shape[1:] for each in taken]
    size = max(shapes, key=lambda shape: shape[0] * shape[1])
    pixels = np.empty((len(file.channels), *size), np.float32)
    for row, each in zip(pixels, file.channels, strict=True):
        row[:] = _take(each, maps, size) if isinstance(each, Taken) else each
    return Picture(pixels, f"uint{file.bits}")


def _take(taken: Taken, maps: Mapping[str, Picture], size: tuple[int, int]) -> Pixels:
    picture = maps[taken.kind]
    colours = len(picture.pixels) - picture.has_alpha
    # A grey picture says the same in every channel.
    index = taken.channel if taken.channel < 0 or colours > taken.channel else 0
    channel = picture.pixels[index]
    if picture.linear and taken.channel >= 0 and taken.kind in ("base_color", "emission"):
        channel = to_display(channel, 1.0)
    channel = channel.clip(0, 1)
    for axis, length in enumerate(size):
        channel = _scale(channel, axis, length)
    return 1 - channel if taken.inverted else channel


def _scale(channel: Pixels, axis: int, length: int) -> Pixels:
    """Interpolate along an axis linearly, round the border: nothing overshoots."""
    old = channel.shape[axis]
    if old == length:
        return channel
    place = (np.arange(length) + 0.5) * old / length - 0.5
    share = (place % 1).astype(np.float32)
    share = share[:, None] if axis == 0 else share
    first = np.floor(place).astype(int)
    low, high = (channel.take(first + step, axis, mode="wrap") for step in (0, 1))
    return np.asarray(low * (1 - share) + high * share, np.float32)
