"""What is learned from, free of files: an image of any channels and how a network is shown it.

A picture's own ways, a constant alpha, linear light and its white, the limits of its values, are
taken off by `texcore.maps` before the work and put on again after it: the synthesis knows
tensors only, and whoever stacks several maps into one canvas makes an `Exemplar` of them himself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .directions import Directions
from .renewal import Renewal


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
        directions: Which channels turn when the image does, of ``image`` as of all sources and of
            ``start``. Whoever warps them turns these; scaling and moving leave them as they are.
        renewal: What stays on the canvas, and where it is made anew; None where all of it is.
        flow: Where its top points on an object, right and up in the object's unwrapping, shape
            (2, h, w), −1...1, laid over the whole result; None for what the recipe says.
        scale_map: By how many octaves things are larger on an object, shape (1, h, w), laid over
            the whole result; None for one size.
    """

    image: Tensor
    views: tuple[Tensor, ...]
    coarse: int = 0
    regions: tuple[Region, ...] = ()
    start: Tensor | None = None
    directions: tuple[Directions, ...] = ()
    renewal: Renewal | None = None
    flow: Tensor | None = None
    scale_map: Tensor | None = None

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
        """Whether one picture is all there is: no mixture, no regions but what is made anew."""
        return self.renewal is not None or [
            (len(region.sources), region.mask) for region in self.parts
        ] == [(1, None)]

    def make_blank(self, height: int, width: int) -> Tensor:
        """Make zeros of the exemplar's channels, type and device, (channels, height, width)."""
        return self.image.new_zeros(len(self.image), height, width)

    def mapped(
        self, source: Callable[[Tensor], Tensor], canvas: Callable[[Tensor], Tensor]
    ) -> Exemplar:
        """The same with functions applied to all images and masks, as to scale or to move them.

        Args:
            source: For what is learned from.
            canvas: For what lies over the canvas: the regions' masks, the start, what stays.
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
            flow=maybe(canvas, self.flow),
            scale_map=maybe(canvas, self.scale_map),
            renewal=self.renewal and self.renewal.mapped(canvas),
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
