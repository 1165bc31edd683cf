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

from .atlas import Numbers
from .mesh import Floats, Whole
from .reduction import Reduction

# As far beyond an island's border as the surface is followed; farther out its last texel stays.
_FOLLOWED_TEXELS = 16
# Texels that are filled together.
_TOGETHER = 1 << 19


def fill_islands(reduction: Reduction, texels: Tensor) -> Tensor:
    """Make a texture of the texels of a surface.

    Args:
        reduction: Of the surface.
        texels: Shape (channels, n).

    Returns:
        Shape (channels, height, width).
    """
    raster, factor = reduction.raster, reduction.factor
    height, width = raster.height, raster.width
    squares = np.full((reduction.atlas.height, reduction.atlas.width), -1, np.int32)
    squares.flat[reduction.atlas.texels] = np.arange(len(reduction.atlas.texels))
    away, nearest = ndimage.distance_transform_edt(squares < 0, return_indices=True)
    squares = squares[nearest[0], nearest[1]]
    # A square that lies so near may have texels that do.
    followed = away <= _FOLLOWED_TEXELS / factor + 2
    number, near = (
        a.repeat(factor, 0).repeat(factor, 1)[:height, :width].ravel()
        for a in (reduction.chosen[squares], followed)
    )
    number[raster.texels] = np.arange(len(raster.texels), dtype=np.int32)
    near[raster.texels] = False
    tree = cKDTree(reduction.atlas.positions)
    bare = np.flatnonzero(near)
    for begin in range(0, len(bare), _TOGETHER):
        some = bare[begin : begin + _TOGETHER]
        row, column = np.divmod(some, width)
        start = squares[row // factor, column // factor]
        number[some] = _follow(reduction, tree, start, np.stack([column, row], 1))
    return texels[:, torch.from_numpy(number.astype(np.int64))].view(-1, height, width)


def _follow(reduction: Reduction, tree: cKDTree, start: Numbers, at: Whole) -> Numbers:
    """Follow the surface from texels of a reduced atlas to where others of the texture would be.

    Args:
        reduction: Of the surface.
        tree: Of the atlas's places.
        start: The texels' numbers in it, shape (n).
        at: Column and row of the others, shape (n, 2).

    Returns:
        The texels that lie there, by their places among those of the whole surface, shape (n).
    """
    raster, atlas = reduction.raster, reduction.atlas
    found = reduction.chosen[start]
    row, column = np.divmod(raster.texels[found], raster.width)
    steps = at - np.stack([column, row], 1)
    near = np.flatnonzero(np.hypot(*steps.T) <= _FOLLOWED_TEXELS + reduction.factor - 1)
    steps, from_ = steps[near, :, None], start[near]
    steps = steps / reduction.factor
    place = atlas.positions[from_] + steps[:, 0] * atlas.across[from_]
    place += steps[:, 1] * atlas.down[from_]
    _, square = tree.query(place)
    found[near] = _choose_members(reduction, square, place - atlas.positions[square])
    return found


def _choose_members(reduction: Reduction, squares: Whole, away: Floats) -> Numbers:
    """Choose of the texels that some of an atlas stand for those nearest to places.

    Args:
        reduction: Of the surface.
        squares: Numbers in its atlas, shape (n).
        away: Where the places lie, from these, shape (n, 3).
    """
    chosen = reduction.chosen[squares]
    if reduction.factor == 1:
        return chosen
    atlas, members = reduction.atlas, reduction.members[squares]
    rights, downs = (
        steps.T[..., None] / reduction.factor for steps in reduction.measure_steps(squares)
    )
    least = np.full(len(squares), np.inf)
    for member, right, down in zip(members.T, rights, downs, strict=True):
        steps = right * atlas.across[squares] + down * atlas.down[squares]
        distance = np.square(away - steps).sum(1)
        nearer = (member >= 0) & (distance < least)
        least[nearer], chosen[nearer] = distance[nearer], member[nearer]
    return chosen
