"""Let a texture's things be smaller and larger along a surface, as an artist has painted it.

The surface's own lengths are made longer or shorter instead (a conformal metric): where things
shall be half as large, it is twice as far from a point to the next. All that is laid flat, sewn and
rendered then goes on as on any other surface, and no piece is cut because of its size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import dijkstra
from torch import Tensor

from ..surfaces.resizing import scaled_to
from .atlas import Atlas
from .mesh import Floats
from .points import Points

# By how much of itself a size changes over a piece at most.
_STEEPEST = 0.6
# How far it is smoothed besides, of a piece's side, and in how many rounds at most.
_SMOOTHED_SHARE, _MOST_SMOOTHINGS = 0.1, 60


def read_sizes(scale_map: Tensor, atlas: Atlas) -> Floats:
    """Read how large things shall be at each texel of a surface, shape (n), as factors.

    Args:
        scale_map: Octaves, shape (1, h, w), over the whole texture.
        atlas: Of the surface.

    Example:
        >>> plane = np.zeros((2, 3))
        >>> atlas = Atlas(1, 2, np.arange(2), plane, plane, plane, plane, np.zeros(2, int))
        >>> read_sizes(torch.tensor([[[-1.0, 1.0]]]), atlas).tolist()
        [0.5, 2.0]
    """
    whole = scaled_to(scale_map.cpu(), atlas.height, atlas.width).flatten()
    # Sharp borders overshoot where a map is made larger.
    octaves = whole[torch.from_numpy(atlas.texels)].clamp(scale_map.min(), scale_map.max())
    sizes: Floats = np.exp2(octaves.double().numpy())
    return sizes


def scale_points(points: Points, wanted: Floats, side: float) -> Points:
    """Scale the lengths on a surface so that things get the sizes that are wanted.

    Sizes are bounded: over a piece they change by no more than a share of themselves, half of it
    on either side of a sharper border; a little smoothing rounds off what is left of this.

    Args:
        points: All over the surface.
        wanted: As factors, at each texel of the atlas, shape (n).
        side: Of a piece in texels of the atlas, where things are as large as they are.
    """
    first, second = points.edges
    n = len(points.positions)
    steps = coo_array((_STEEPEST / side * points.graph.data, (first, second)), shape=(n, n)).tocsr()
    own = wanted[points.texels]
    sizes = (_descend(own, steps) - _descend(-own, steps)) / 2
    links = csr_array((np.ones(len(first)), (first, second)), shape=(n, n))
    links = links + diags_array(np.ones(n))
    count = links.sum(1)
    rounds = round((_SMOOTHED_SHARE * side / points.spacing) ** 2)
    for _ in range(min(max(rounds, 1), _MOST_SMOOTHINGS)):
        sizes = links @ sizes / count
    shorter = 1 / np.sqrt(sizes[first] * sizes[second])
    graph = csr_array((points.graph.data * shorter, (first, second)), shape=(n, n))
    return replace(points, offsets=points.offsets * shorter, graph=graph, sizes=sizes)


def _descend(values: Floats, steps: csr_array) -> Floats:
    """Lower values until none is more above a neighbour's than the step between them."""
    n, least = len(values), values.min()
    links = steps.tocoo()
    # A node more, from which the way to each is as long as its own value is high.
    row = np.concatenate([links.row, np.full(n, n)])
    column = np.concatenate([links.col, np.arange(n)])
    # A way of no length would be none.
    lengths = np.concatenate([links.data, values - least + 1])
    graph = csr_array((lengths, (row, column)), shape=(n + 1, n + 1))
    lowered: Floats = dijkstra(graph, indices=n)[:n] + least - 1
    return lowered
