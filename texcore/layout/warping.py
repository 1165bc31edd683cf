"""Warp a picture by a homography, with all that its channels hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..exemplars.directions import Directions
from ..surfaces.sampling import sample_grid

# Rows that are warped at a time: places take more memory than the channels they are sampled for.
_STRIP_ROWS = 256


@dataclass(frozen=True)
class Warp:
    """A rectangle of the plane that a homography takes a picture to; the origin is its middle.

    Attributes:
        back: Shape (3, 3), float64, takes (x, y, 1) of the plane back to the picture, in texels.
        top, left, bottom, right: Of the rectangle, in texels of the plane.

    Example:
        >>> half_turn = Warp(torch.diag(torch.tensor([-1.0, -1.0, 1.0])).double(), -1, -0.5, 1, 0.5)
        >>> half_turn.apply(torch.arange(6.0).view(1, 3, 2))
        tensor([[[5., 4.],
                 [3., 2.],
                 [1., 0.]]])
    """

    back: Tensor
    top: float
    left: float
    bottom: float
    right: float

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of what is made, in texels."""
        return (
            math.floor(self.bottom - self.top) + 1,
            math.floor(self.right - self.left) + 1,
        )

    def apply(self, image: Tensor, directions: Sequence[Directions] = ()) -> Tensor:
        """Make the rectangle's picture from an image, bicubically.

        Args:
            image: Shape (channels, h, w).
            directions: Channels of it that turn with it.

        Returns:
            Shape (channels, h', w'), of this `size`; each channel within the range of the image's,
            but directions, which have length 1.
        """
        height, width = self.size
        low, high = (x[:, None, None] for x in (image.amin((1, 2)), image.amax((1, 2))))
        made = image.new_empty(len(image), height, width)
        for first in range(0, height, _STRIP_ROWS):
            rows = range(first, min(first + _STRIP_ROWS, height))
            places, depth = self._find_places(rows)
            strip = torch.minimum(torch.maximum(_sample(image, places), low), high)
            for channels in directions:
                strip = channels.turn(strip, self._measure_jacobian(places, depth).to(image))
            made[:, rows.start : rows.stop] = strip
        return made

    def _find_places(self, rows: range) -> tuple[Tensor, Tensor]:
        """Find where in the image the texels of some rows lie, and what divided their places.

        Both are float64: (rows, width, 2), x before y, and (rows, width).
        """
        y = torch.arange(rows.start, rows.stop).double() + self.top
        x = torch.arange(self.size[1]).double() + self.left
        grid = torch.stack([*torch.meshgrid(y, x, indexing="ij"), torch.ones(len(y), len(x))], -1)
        points = grid[..., [1, 0, 2]].double() @ self.back.T
        return points[..., :2] / points[..., 2:], points[..., 2]

    def _measure_jacobian(self, places: Tensor, depth: Tensor) -> Tensor:
        """Measure how places move in the image for a texel of the plane, see `Directions.turn`."""
        by_row = [
            [(self.back[i, j] - places[..., i] * self.back[2, j]) / depth for j in range(2)]
            for i in range(2)
        ]
        return torch.stack([torch.stack(row) for row in by_row])


def _sample(image: Tensor, places: Tensor) -> Tensor:
    """Sample an image at places (h, w, 2) in texels from its middle, x before y."""
    height, width = image.shape[-2:]
    at = places * torch.tensor([2 / width, 2 / height])
    return sample_grid(image, at.to(image))
