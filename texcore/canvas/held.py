"""Hold a part of a canvas: there it is a given picture, whatever its variables are."""

from __future__ import annotations

import torch
from torch import Tensor

from ..exemplars.renewal import Renewal
from .base import Canvas


class HeldCanvas(Canvas):
    """A canvas of which only a part is optimised: x = picture + place · (canvas(z) − picture).

    What is held is so at every evaluation, and no gradient moves what lies under it.

    Args:
        canvas: Makes what is new.
        renewal: The picture, and where it is made anew; both of the canvas' size.

    Example:
        >>> from texcore.canvas.pixels import PixelCanvas
        >>> from texcore.exemplars.exemplar import Source
        >>> place = torch.zeros(1, 8, 8)
        >>> place[:, 2:4, 2:4] = 1
        >>> canvas = PixelCanvas([Source(torch.rand(3, 8, 8))], 8, 8)
        >>> held = HeldCanvas(canvas, Renewal(torch.ones(3, 8, 8), place))
        >>> int((held.render(torch.zeros(3, 8, 8)) == 0).sum())
        12
    """

    def __init__(self, canvas: Canvas, renewal: Renewal) -> None:
        self.height, self.width = canvas.height, canvas.width
        self._canvas, self._renewal = canvas, renewal

    def render(self, z: Tensor) -> Tensor:  # noqa: D102
        return torch.lerp(self._renewal.image, self._canvas.render(z), self._renewal.place)

    def pull_back(self, slope: Tensor) -> Tensor:  # noqa: D102
        return self._canvas.pull_back(slope * self._renewal.place)

    def find_variables(self, image: Tensor) -> Tensor:
        """Find the z of an image; what is held counts for nothing."""
        return self._canvas.find_variables(image)

    def draw_noise(self, generator: torch.Generator) -> Tensor:  # noqa: D102
        return self._canvas.draw_noise(generator)

    def draw_uniform(self, generator: torch.Generator) -> Tensor:  # noqa: D102
        return self._canvas.draw_uniform(generator)

    def begin_from_coarser(  # noqa: D102
        self, image: Tensor, generator: torch.Generator, detail: Tensor | None = None
    ) -> Tensor:
        return self._canvas.begin_from_coarser(image, generator, detail)

    def begin_from_layout(self, image: Tensor) -> Tensor:  # noqa: D102
        return self._canvas.begin_from_layout(image)

    def renew(  # noqa: D102
        self, z: Tensor, share: float, generator: torch.Generator, is_finer: bool = False
    ) -> Tensor:
        return self._canvas.renew(z, share, generator, is_finer)
