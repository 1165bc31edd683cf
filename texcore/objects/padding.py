"""Fill what lies beyond the islands of an unwrapped texture.

Where a texture is shown small, each texel of it is a mean of many: beyond an island's border these
shall be what lies there on the surface, across the cut, and not whatever happens to be near.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage
from scipy.spatial import cKDTree
from torch import Tensor

from .atlas import Atlas

# As far beyond an island's border as the surface is followed; farther out its last texel stays.
_FOLLOWED_TEXELS = 16


def fill_islands(atlas: Atlas, texels: Tensor) -> Tensor:
    """Make a texture of the texels of a surface.

    Args:
        atlas: Of the surface.
        texels: Shape (channels, n).

    Returns:
        Shape (channels, height, width).
    """
    height, width = atlas.height, atlas.width
    number = np.full((height, width), -1)
    number.flat[atlas.texels] = np.arange(len(atlas.texels))
    distance, (row, column) = ndimage.distance_transform_edt(number < 0, return_indices=True)
    nearest = number[row, column]
    beyond = np.nonzero((number < 0) & (distance <= _FOLLOWED_TEXELS))
    if len(beyond[0]):
        start = nearest[beyond]
        down, right = beyond[0] - row[beyond], beyond[1] - column[beyond]
        place = atlas.positions[start] + right[:, None] * atlas.across[start]
        place += down[:, None] * atlas.down[start]
        _, found = cKDTree(atlas.positions).query(place)
        nearest[beyond] = found
    return texels[:, torch.from_numpy(nearest)]
