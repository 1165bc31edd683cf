"""Measure how well a joint is hidden: where the picture is steep, a step is not seen.

A joint that runs along an outline is hidden by it, and one across a face is seen, though both sides
differ by as much. So what a joint costs is divided by how steep its two sides are across it (Kwatra
et al. 2003, *Graphcut textures*, equation 6).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Map = NDArray[np.float32]

# How much what is as steep as the exemplar is on average counts, beside what every joint costs; and
# what is steeper than so many times that hides no more: else a thin line is lost between two cuts.
_STEEPNESS_WEIGHT, _MOST_STEEPNESS = 0.5, 1.25


class Hiding:
    """How well an exemplar's texels hide a joint between them and the next along an axis.

    Args:
        description: Of each texel, shape (n, h, w); see `texcore.layout.description`.

    Example:
        >>> import torch
        >>> hiding = Hiding(torch.tensor([[[0.0, 0.0, 1.0, 1.0]]]))
        >>> face, outline = np.array([0]), np.array([1])
        >>> bool(hiding.measure(1, outline, outline) < hiding.measure(1, face, face))
        True
    """

    def __init__(self, description: Tensor) -> None:
        grid = description.numpy()
        self._steepness = [self._measure_steepness(grid, axis) for axis in (1, 2)]

    def measure(self, axis: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> Map:
        """Measure what joints between pairs of texels cost, over what they cost on average.

        Args:
            axis: 0 of pairs one above the other, 1 side by side.
            a, b: Where the first texel of each pair is in either piece, counted row by row.
        """
        steep = self._steepness[axis]
        hidden = _STEEPNESS_WEIGHT * 0.5 * (steep[a] + steep[b])
        factors: Map = (1 + _STEEPNESS_WEIGHT) / (1 + hidden)
        return factors

    @staticmethod
    def _measure_steepness(grid: Map, axis: int) -> Map:
        last = grid.take([-1], axis)
        steep = np.sqrt(np.square(np.diff(grid, axis=axis, append=last)).sum(0))
        steep = np.minimum(steep / max(float(steep.mean()), 1e-6), _MOST_STEEPNESS)
        steepness: Map = steep.ravel().astype(np.float32)
        return steepness
