"""Optimise the pixels themselves, as the papers do."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..exemplars.exemplar import Source
from ..surfaces import torus
from .base import Canvas
from .colours import measure_colours, move_to_float64


class PixelCanvas(Canvas):
    """A canvas whose variables are its pixels.

    Args:
        sources: Whose colours its noise has.
        height, width: Of the canvas in texels.

    Example:
        >>> canvas = PixelCanvas([Source(torch.rand(3, 16, 16))], 24, 32)
        >>> z = canvas.draw_uniform(torch.Generator().manual_seed(0))
        >>> torch.equal(canvas.render(z), z)
        True
    """

    def __init__(self, sources: Sequence[Source], height: int, width: int) -> None:
        self.height, self.width = height, width
        mean, covariance = measure_colours(move_to_float64(sources))
        like = sources[0].image
        self.mean = mean.to(like)[:, None, None]
        self.deviation = covariance.diagonal().sqrt().to(like)[:, None, None]

    def render(self, z: Tensor) -> Tensor:  # noqa: D102
        return z

    def pull_back(self, slope: Tensor) -> Tensor:  # noqa: D102
        return slope

    def find_variables(self, image: Tensor) -> Tensor:  # noqa: D102
        return image

    def draw_noise(self, generator: torch.Generator) -> Tensor:
        """Draw white noise of the mean and deviation of each of the exemplar's channels."""
        shape = (len(self.mean), self.height, self.width)
        noise = torch.randn(shape, generator=generator).to(self.mean)
        return self.mean + self.deviation * noise

    def draw_uniform(self, generator: torch.Generator) -> Tensor:
        """Draw white noise, every value of 0...1 as likely."""
        shape = (len(self.mean), self.height, self.width)
        return torch.rand(shape, generator=generator).to(self.mean)

    def begin_from_coarser(  # noqa: D102
        self, image: Tensor, generator: torch.Generator, detail: Tensor | None = None
    ) -> Tensor:
        x = torus.resample(image, self.height, self.width)
        return x if detail is None else x + self._keep_fine(detail - x)

    def begin_from_layout(self, image: Tensor) -> Tensor:  # noqa: D102
        return image
