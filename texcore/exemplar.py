"""What is learned from, free of files: an image of any channels and how a network is shown it.

A picture's own ways, a constant alpha, linear light and its white, the limits of its values, are
taken off by a `Codec` before the work and put on again after it. So `texcore.synthesis` knows
tensors only, and whoever stacks several maps into one canvas makes an `Exemplar` of them himself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from .pictures import Picture, Pixels, flatten_alpha, from_display, strips, to_display

# Of light, all but the brightest thousandth lands in 0...1.
_WHITE_QUANTILE = 0.999
# How alpha is spread is told by so many quantiles, of at most about so many texels.
_QUANTILES, _TEXELS = 2049, 2**20


@dataclass(frozen=True)
class Source:
    """A picture, or a part of one, that statistics are taken from.

    Attributes:
        image: Shape (channels, h, w), mostly within 0...1.
        weight: Beside the other sources of the region.
        mask: Shape (1, h, w), 0...1, what of it counts; None for all of it.
    """

    image: Tensor
    weight: float = 1.0
    mask: Tensor | None = None


@dataclass(frozen=True)
class Region:
    """A part of the canvas and what it shall look like: the mean of its sources' statistics.

    Attributes:
        sources: One or more, of the canvas' channels.
        mask: Shape (1, h, w), 0...1, laid over the whole canvas; None for all of it.
    """

    sources: tuple[Source, ...]
    mask: Tensor | None = None


@dataclass(frozen=True)
class Exemplar:
    """What a canvas is measured against.

    Attributes:
        image: Shape (channels, h, w), mostly within 0...1. It sets the scale of the structures.
        views: What the network, which sees RGB, is shown of it: matrices of shape (3, channels).
            Each makes one image around mid-grey, and all of them count alike.
        coarse: So many of the last views only bind channels: at full size the network sees of them
            no more than its first layers, all of them from the second octave on, for a third of the
            cost.
        regions: Parts of the canvas with statistics of their own; none: all of it, those of
            ``image``.
        start: A picture to start from, shape (channels, h, w), laid over the whole result; None for
            ``image`` where the model starts from a picture.
    """

    image: Tensor
    views: tuple[Tensor, ...]
    coarse: int = 0
    regions: tuple[Region, ...] = ()
    start: Tensor | None = None

    @classmethod
    def of(cls, image: Tensor) -> Exemplar:
        """An exemplar of 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) channels."""
        return cls(image, picture_views(image.shape[0]))

    @property
    def parts(self) -> tuple[Region, ...]:
        """The regions; one of the whole image if there are none."""
        return self.regions or (Region((Source(self.image),)),)

    @property
    def several(self) -> bool:
        """Whether it is of several maps, of which no one view shows all."""
        return len(self.views) > 1

    @property
    def plain(self) -> bool:
        """Whether one picture is all there is: no mixture, no regions."""
        return [(len(region.sources), region.mask) for region in self.parts] == [(1, None)]

    def mapped(
        self, source: Callable[[Tensor], Tensor], canvas: Callable[[Tensor], Tensor]
    ) -> Exemplar:
        """The same with functions applied to all images and masks, as to scale or to move them.

        Args:
            source: For what is learned from.
            canvas: For what lies over the canvas: the regions' masks and the start.
        """

        def maybe(change: Callable[[Tensor], Tensor], x: Tensor | None) -> Tensor | None:
            return None if x is None else change(x)

        regions = tuple(
            Region(
                tuple(Source(source(s.image), s.weight, maybe(source, s.mask)) for s in r.sources),
                maybe(canvas, r.mask),
            )
            for r in self.regions
        )
        return replace(
            self,
            image=source(self.image),
            regions=regions,
            start=maybe(canvas, self.start),
        )


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
        self._depth, self._encoding = picture.depth, encoding
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

    def image(self, picture: Picture) -> Tensor:
        """Another picture in the exemplar's channels, as worked on; its range is allowed too.

        Grey becomes colour and colour grey. Where the exemplar has no alpha, none is taken; where
        it has and the picture has not, it is opaque.
        """
        pixels = picture.pixels
        colour, alpha = (pixels[:-1], pixels[-1:]) if picture.has_alpha else (pixels, None)
        if self._encoding == "linear" or (self._encoding == "auto" and picture.linear):
            white = self._white
            if not self._linear:
                white = max(1.0, float(np.quantile(colour, _WHITE_QUANTILE)))
            colour = to_display(colour, white)
        channels = len(self.exemplar.image)
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

    def picture(self, image: Tensor, alike: bool = True) -> Picture:
        """An image of the exemplar's channels as a picture of its encoding and depth.

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
            if self._linear:
                part = self._converted(part, from_display)
            pixels[:, rows] = self._with_alpha(part)
        return Picture(pixels, self._depth, self._linear)

    def preview(self, image: Tensor) -> Picture:
        """An image of the exemplar's channels in 8 bits, as displayed."""
        return Picture(self._with_alpha(self._within(image)).clip(0, 1), "uint8")

    def _spread(self, alpha: Tensor) -> Tensor:
        """Alpha with the exemplar's distribution, by matching quantiles."""
        made, wanted = (_quantiles(x) for x in (alpha, self.exemplar.image[-1:]))
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
        colours = curve(pixels[: self._colours], self._white)
        return np.concatenate([colours, pixels[self._colours :]])


def _quantiles(x: Tensor) -> Pixels:
    """The quantiles of an image's values, from the least to the greatest."""
    values = x.float().cpu().numpy().ravel()
    values = values[:: max(1, values.size // _TEXELS)]
    return np.quantile(values, np.linspace(0, 1, _QUANTILES)).astype(np.float32)
