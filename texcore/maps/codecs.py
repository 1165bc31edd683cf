"""From a map's picture to the channels that are synthesised, and from these to a picture like it.

What a map must stay is kept here: normals are unit vectors that point out of the surface,
quantities keep their range, masks of two values keep these two, and a flat map stays flat.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ..contract.map_kinds import Kind
from ..exemplars.directions import Directions
from ..pictures import Picture
from .colour_codec import ColourCodec
from .normal_codec import NormalCodec
from .scalars_codec import ScalarsCodec, is_flat


class MapCodec(Protocol):
    """One map on its way to the canvas and back.

    Attributes:
        image: Shape (channels, h, w), what is synthesised, around 0.5; a map that is flat has no
            channels.
        roles: What each channel is: ``r g b`` or ``grey`` of a colour, ``nx ny nz`` of normals,
            else a quantity's name.
        directions: Which channels turn when the image does; None if none do.
    """

    image: Tensor
    roles: tuple[str, ...]
    directions: Directions | None

    def encode(self, picture: Picture) -> Tensor:
        """Return another picture of the kind in the exemplar's channels, of its own size.

        What it reaches the result may reach, too.
        """

    def decode(self, image: Tensor, alike: bool = True) -> Picture:
        """Return the map's picture from its channels (channels, height, width), of any size.

        Args:
            image: What was made.
            alike: Whether as much of it is what as of the exemplar; see `ColourCodec.decode`.
        """

    def preview(self, image: Tensor) -> Picture | None:
        """Return the same in 8 bits, as displayed; None where 8 bits do not hold the values."""


def make_codec(kind: Kind, picture: Picture, encoding: str = "auto") -> MapCodec:
    """Make the codec for a map.

    Args:
        kind: What it is.
        picture: As it was read.
        encoding: What the numbers of a colour mean, `texcore.contract.choices.ENCODINGS`.
    """
    pixels = picture.pixels
    if all(is_flat(channel) for channel in pixels):
        return FlatCodec(picture)
    if kind.meaning == "normal" and pixels.shape[0] >= 3:
        return NormalCodec(picture, y_up=kind.id != "normal_dx")
    if kind.meaning == "scalars":
        return ScalarsCodec(picture, kind)
    return ColourCodec(picture, encoding if kind.meaning == "colour" else "data")


class FlatCodec:
    """A map of one value; nothing of it is synthesised."""

    roles: tuple[str, ...] = ()
    directions: Directions | None = None

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self.image = torch.empty(0, *picture.pixels.shape[1:])

    def encode(self, picture: Picture) -> Tensor:  # noqa: D102
        return torch.empty(0, *picture.pixels.shape[1:])

    def decode(self, image: Tensor, alike: bool = True) -> Picture:  # noqa: D102
        value = self._picture.pixels[:, :1, :1]
        pixels = np.broadcast_to(value, (len(value), *image.shape[-2:]))
        return Picture(np.ascontiguousarray(pixels), self._picture.depth, self._picture.linear)

    def preview(self, image: Tensor) -> Picture | None:  # noqa: D102
        return None  # it looks like the map that is there
