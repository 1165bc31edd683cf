"""Which of several photos is where on a surface."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from ..surfaces.resizing import scaled_to
from .atlas import Atlas
from .mesh import Whole


class Parts:
    """The parts of a surface that photos are for, and the bands in which one may go over another.

    Args:
        atlas: Of the surface.
        wanted: The number of the photo that each texel is for, shape (n).
        count: Of photos.
        band: How far a photo may go over the part of another one, in texels.

    Attributes:
        texels: How many there are.
    """

    def __init__(self, atlas: Atlas, wanted: Whole, count: int, band: float) -> None:
        self._wanted, self.texels = wanted, len(wanted)
        self._may = np.stack([_find_near(atlas, wanted == n, band) for n in range(count)])
        self._shared = self._may.sum(0) > 1
        self._must = self._may & ~self._shared

    def is_of(self, number: int, texels: Whole) -> NDArray[np.bool_]:
        """Say which texels a photo is for."""
        of: NDArray[np.bool_] = self._wanted[texels] == number
        return of

    def may_be(self, number: int, texels: Whole) -> NDArray[np.bool_]:
        """Say over which texels a photo may go."""
        may: NDArray[np.bool_] = self._may[number][texels]
        return may

    def must_be(self, number: int, texels: Whole) -> NDArray[np.bool_]:
        """Say over which texels no other photo may go."""
        must: NDArray[np.bool_] = self._must[number][texels]
        return must

    def find_shared(self) -> Whole:
        """Find the texels over which more than one photo may go: where two photos meet."""
        shared: Whole = np.flatnonzero(self._shared)
        return shared


def read_parts(masks: Sequence[Tensor], atlas: Atlas) -> Whole:
    """Say which of several masks is the largest at each texel of a surface.

    Args:
        masks: Shape (1, h, w) each, over the whole texture.
        atlas: Of the surface.

    Returns:
        Their numbers, shape (n).

    Example:
        >>> plane = np.zeros((4, 3))
        >>> atlas = Atlas(2, 2, np.arange(4), plane, plane, plane, plane, np.zeros(4, int))
        >>> white = torch.tensor([[[0.0, 1.0], [0.0, 1.0]]])
        >>> read_parts([1 - white, white], atlas).tolist()
        [0, 1, 0, 1]
    """
    whole = torch.cat([scaled_to(mask.cpu(), atlas.height, atlas.width) for mask in masks])
    wanted: Whole = whole.argmax(0).flatten()[torch.from_numpy(atlas.texels)].numpy()
    return wanted


def _find_near(atlas: Atlas, part: NDArray[np.bool_], band: float) -> NDArray[np.bool_]:
    """Find a part of the surface, and what is as near to it as a band is wide."""
    if part.all() or not part.any():
        return part
    away, _ = cKDTree(atlas.positions[part]).query(atlas.positions, distance_upper_bound=band)
    near: NDArray[np.bool_] = np.isfinite(away)
    return near
