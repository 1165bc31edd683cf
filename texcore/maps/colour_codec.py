"""Turn a colour picture into the tensor that is worked on, and tensors back into pictures like it.

A picture's own ways, a constant alpha, linear light and its white, the limits of its values, are
taken off before the work and put on again after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..exemplars.directions import Directions
from ..pictures import Picture, Pixels, flatten_alpha, from_display, strips, to_display
from .spans import REACH, find_span

# Of light, all but the brightest thousandth lands in 0...1.
_WHITE_QUANTILE = 0.999
# How alpha is spread is told by so many quantiles, of at most about so many texels.
_QUANTILES, _TEXELS = 2049, 2**20


class ColourCodec:
    """Light, or data of which nothing is known, with or without alpha; a `codecs.MapCodec`.

    Args:
        picture: The exemplar's.
        encoding: What its numbers mean, `texcore.contract.choices.ENCODINGS`.
    """

    directions: Directions | None = None

    def __init__(self, picture: Picture, encoding: str) -> None:
        self._depth, self._encoding = picture.depth, encoding
        picture = _limit_alpha(picture)
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
        self._span = find_span(pixels[: self._colours])
        if not self._span.is_plain:
            pixels = self._with_colours(pixels, self._span.shrink(pixels[: self._colours]))
        self.image = torch.from_numpy(pixels)
        self.roles = (
            *(("r", "g", "b") if len(pixels) >= 3 else ("grey",)),
            *(("opacity",) if len(pixels) in (2, 4) else ()),
        )
        self._low = self.image.amin((1, 2))[:, None, None]
        self._high = self.image.amax((1, 2))[:, None, None]

    def encode(self, picture: Picture) -> Tensor:
        """Return another picture in the exemplar's channels; its range is allowed from now on.

        Grey becomes colour and colour grey. Where the exemplar has no alpha, none is taken; where
        it has and the picture has not, it is opaque.
        """
        pixels = _limit_alpha(picture).pixels
        colour, alpha = (pixels[:-1], pixels[-1:]) if picture.has_alpha else (pixels, None)
        if self._encoding == "linear" or (self._encoding == "auto" and picture.linear):
            white = self._white
            if not self._linear:
                white = max(1.0, float(np.quantile(colour, _WHITE_QUANTILE)))
            colour = to_display(colour, white)
        colour = self._span.reach(colour).shrink(colour)
        channels = len(self.image)
        if self._colours != len(colour):
            grey = np.array([[0.2126, 0.7152, 0.0722]], np.float32)
            colour = (
                np.tensordot(grey, colour, 1)
                if self._colours == 1
                else np.repeat(colour, self._colours, axis=0)
            )
        if channels > self._colours:
            alpha = np.ones_like(colour[:1]) if alpha is None else alpha
            colour = np.concatenate([colour, alpha])
        image = torch.from_numpy(np.ascontiguousarray(colour, dtype=np.float32))
        self._low = torch.minimum(self._low, image.amin((1, 2))[:, None, None])
        self._high = torch.maximum(self._high, image.amax((1, 2))[:, None, None])
        return image

    def decode(self, image: Tensor, alike: bool = True) -> Picture:
        """Return an image of the exemplar's channels as a picture of its encoding and depth.

        Args:
            image: Shape (channels, height, width), any size.
            alike: Whether as much of it is opaque as of the exemplar: its alpha then gets that
                one's distribution, so that a cut-out's edges stay sharp. False where other
                pictures or a mask say what is where.
        """
        if alike and len(image) > self._colours:
            image = torch.cat([image[:-1], self._spread(image[-1:])])
        extra = self._alpha is not None
        pixels = np.empty((len(image) + extra, *image.shape[1:]), np.float32)
        for rows in strips(pixels.shape):
            part = self._within(image[:, rows])
            if not self._span.is_plain:
                part = self._with_colours(part, self._span.widen(part[: self._colours]))
            if self._linear:
                part = self._converted(part, from_display)
            pixels[:, rows] = self._with_alpha(part)
        return Picture(pixels, self._depth, self._linear)

    def preview(self, image: Tensor) -> Picture:
        """Return an image of the exemplar's channels in 8 bits, as displayed."""
        return Picture(self._with_alpha(self._within(image)).clip(0, 1), "uint8")

    def _spread(self, alpha: Tensor) -> Tensor:
        """Alpha with the exemplar's distribution, by matching quantiles."""
        made, wanted = (_quantiles(x) for x in (alpha, self.image[-1:]))
        # Many equal values have many quantiles: the middle one stands for them.
        made, first = np.unique(made, return_index=True)
        last = np.append(first[1:], len(wanted)) - 1
        matched = np.interp(alpha.float().cpu().numpy(), made, wanted[(first + last + 1) // 2])
        return torch.from_numpy(matched).to(alpha)

    def _within(self, image: Tensor) -> Pixels:
        # What the exemplar never reaches is overshoot, not texture.
        return torch.minimum(torch.maximum(image.float().cpu(), self._low), self._high).numpy()

    def _with_alpha(self, pixels: Pixels) -> Pixels:
        if self._alpha is not None:
            pixels = np.concatenate([pixels, np.full_like(pixels[:1], self._alpha)])
        return np.ascontiguousarray(pixels)

    def _converted(self, pixels: Pixels, curve: Callable[[Pixels, float], Pixels]) -> Pixels:
        """The colours through a transfer curve, alpha as it is."""
        return self._with_colours(pixels, curve(pixels[: self._colours], self._white))

    def _with_colours(self, pixels: Pixels, colours: Pixels) -> Pixels:
        """The same alpha with other colours."""
        return np.concatenate([colours, pixels[self._colours :]])


def _limit_alpha(picture: Picture) -> Picture:
    """A picture whose alpha is an opacity, where it was beyond all reach of one."""
    if not picture.has_alpha or float(np.abs(picture.pixels[-1:]).max()) <= REACH:
        return picture
    alpha = picture.pixels[-1:].clip(0, 1)
    return replace(picture, pixels=np.concatenate([picture.pixels[:-1], alpha]))


def _quantiles(x: Tensor) -> Pixels:
    """The quantiles of an image's values, from the least to the greatest."""
    values = x.float().cpu().numpy().ravel()
    values = values[:: max(1, values.size // _TEXELS)]
    return np.quantile(values, np.linspace(0, 1, _QUANTILES)).astype(np.float32)
