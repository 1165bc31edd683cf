"""What is learned from, free of files: an image of any channels and how a network is shown it.

A picture's own ways, a constant alpha, linear light and its white, the limits of its values, are
taken off by a `Codec` before the work and put on again after it. So `texcore.synthesis` knows
tensors only, and whoever stacks several maps into one canvas makes an `Exemplar` of them himself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .pictures import Picture, Pixels, flatten_alpha, from_display, to_display

# Of light, all but the brightest thousandth lands in 0...1.
_WHITE_QUANTILE = 0.999


@dataclass(frozen=True)
class Exemplar:
    """What a canvas is measured against.

    Attributes:
        image: Shape (channels, h, w), mostly within 0...1.
        views: What the network, which sees RGB, is shown of it: matrices of shape (3, channels).
            Each makes one image, and all of them count alike.
        coarse: So many of the last views only bind channels that others show by themselves: they
            are left out at full size and seen from the second octave on, at a quarter of the cost.
    """

    image: Tensor
    views: tuple[Tensor, ...]
    coarse: int = 0

    @classmethod
    def of(cls, image: Tensor) -> Exemplar:
        """An exemplar of 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) channels."""
        return cls(image, picture_views(image.shape[0]))


def picture_views(channels: int) -> tuple[Tensor, ...]:
    """The `Exemplar.views` of a picture.

    Colour is shown as it is and grey as three equal channels. Alpha is shown beside brightness, in
    a view of its own, so that the two stay bound to each other.

    Args:
        channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
    """
    if channels in (1, 2):
        brightness = torch.ones(1, 1)
        shown = torch.ones(3, 1)
    else:
        brightness = torch.tensor([[0.2126, 0.7152, 0.0722]])
        shown = torch.eye(3)
    if channels in (1, 3):
        return (shown,)
    colour = shown.shape[1]
    alpha = torch.zeros(1, channels)
    alpha[0, -1] = 1
    brightness = torch.cat([brightness, torch.zeros(1, 1)], 1)
    return (
        torch.cat([shown, torch.zeros(3, 1)], 1),
        torch.cat([alpha, brightness, alpha])[:, : colour + 1],
    )


class Codec:
    """From a picture to the tensor that is worked on, and from tensors back to pictures like it.

    Args:
        picture: The exemplar's.
        encoding: What its numbers mean, `texcore.recipe.ENCODINGS`.

    Attributes:
        exemplar: The picture as it is worked on, on the CPU.
    """

    def __init__(self, picture: Picture, encoding: str) -> None:
        self._depth = picture.depth
        picture, self._alpha = flatten_alpha(picture)
        self._linear = encoding == "linear" or (encoding == "auto" and picture.linear)
        pixels = picture.pixels
        self._colours = len(pixels) - picture.has_alpha
        self._white = 1.0
        if self._linear:
            # Light has no upper limit.
            bright = float(np.quantile(pixels[: self._colours], _WHITE_QUANTILE))
            self._white = max(1.0, bright)
            pixels = self._converted(pixels, to_display)
        self.exemplar = Exemplar.of(torch.from_numpy(pixels))
        self._low = self.exemplar.image.amin((1, 2))[:, None, None]
        self._high = self.exemplar.image.amax((1, 2))[:, None, None]

    def picture(self, image: Tensor) -> Picture:
        """An image of the exemplar's channels as a picture of its encoding and depth."""
        pixels = self._within(image)
        if self._linear:
            pixels = self._converted(pixels, from_display)
        return Picture(self._with_alpha(pixels), self._depth, self._linear)

    def preview(self, image: Tensor) -> Picture:
        """An image of the exemplar's channels in 8 bits, as displayed."""
        return Picture(self._with_alpha(self._within(image)).clip(0, 1), "uint8")

    def _within(self, image: Tensor) -> Pixels:
        # What the exemplar never reaches is overshoot, not texture.
        return torch.minimum(torch.maximum(image.float().cpu(), self._low), self._high).numpy()

    def _with_alpha(self, pixels: Pixels) -> Pixels:
        if self._alpha is not None:
            pixels = np.concatenate([pixels, np.full_like(pixels[:1], self._alpha)])
        return np.ascontiguousarray(pixels)

    def _converted(self, pixels: Pixels, curve: Callable[[Pixels, float], Pixels]) -> Pixels:
        """The colours through a transfer curve, alpha as it is."""
        colours = curve(pixels[: self._colours], self._white)
        return np.concatenate([colours, pixels[self._colours :]])
