"""A cube of voxels that repeats in all three directions: its slices, its sizes, its picture.

A cube is a tensor of shape (channels, n, n, n): downwards, towards the viewer, to the right. All
indices count from the top, from the back and from the left, as those of a picture do.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..contract.solids import GUTTER, SliceAtlas, count_axes
from ..surfaces import torus

# Along which axis slices are taken, as the order of a cube's axes in a batch of pictures: level
# ones last, for of upright cuts alone there are none.
_ORDERS = ((2, 0, 1, 3), (3, 0, 1, 2), (1, 0, 2, 3))


def view_slices(cube: Tensor, cuts: str) -> list[Tensor]:
    """View a cube as batches of pictures, one batch for each axis that it is sliced along.

    Args:
        cube: Shape (channels, n, n, n).
        cuts: Which slices are meant, of `choices.CUTS`.

    Returns:
        Views of the cube itself, each of shape (n, channels, n, n); of upright slices the cube's
        top is at the top.

    Example:
        >>> cube = torch.arange(8.0).view(1, 2, 2, 2)
        >>> [slices.shape[0] for slices in view_slices(cube, "upright")]
        [2, 2]
        >>> view_slices(cube, "all")[2][0].tolist()
        [[[0.0, 1.0], [2.0, 3.0]]]
    """
    return [cube.permute(order) for order in _ORDERS[: count_axes(cuts)]]


def resample_cube(cube: Tensor, n: int) -> Tensor:
    """Resample a cube band-limited, as it repeats, to a side of n voxels.

    Example:
        >>> resample_cube(torch.rand(3, 8, 8, 8), 16).shape
        torch.Size([3, 16, 16, 16])
    """
    level = torus.resample(cube, n, n)
    return torus.resample(level.transpose(1, 2), n, n).transpose(1, 2).contiguous()


def draw_atlas(cube: Tensor) -> Tensor:
    """Draw the picture of a cube: its level slices, as `SliceAtlas` says.

    Args:
        cube: Shape (channels, n, n, n).

    Returns:
        Shape (channels, height, width).

    Example:
        >>> draw_atlas(torch.rand(3, 16, 16, 16)).shape
        torch.Size([3, 80, 80])
    """
    n = cube.shape[-1]
    atlas = SliceAtlas(n)
    cells = torus.pad(cube.transpose(0, 1), GUTTER)
    left = atlas.rows * atlas.columns - n
    cells = torch.cat([cells, cells.new_zeros(left, *cells.shape[1:])])
    grid = cells.view(atlas.rows, atlas.columns, *cells.shape[1:])
    return grid.permute(2, 0, 3, 1, 4).reshape(len(cube), atlas.height, atlas.width)


def read_atlas(picture: Tensor, n: int) -> Tensor:
    """Read a cube of n voxels a side back from its picture.

    Example:
        >>> cube = torch.rand(3, 32, 32, 32)
        >>> torch.equal(read_atlas(draw_atlas(cube), 32), cube)
        True
    """
    atlas = SliceAtlas(n)
    grid = picture.view(len(picture), atlas.rows, atlas.cell, atlas.columns, atlas.cell)
    cells = grid.permute(1, 3, 0, 2, 4).flatten(0, 1)[:n]
    return cells[..., GUTTER:-GUTTER, GUTTER:-GUTTER].transpose(0, 1).contiguous()
