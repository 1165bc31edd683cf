"""Masks as weights of features: where in each layer a region's statistics are taken.

Guided Gram matrices (Gatys et al. 2017, *Controlling Perceptual Factors in Neural Style Transfer*):
G = Σ w F Fᵀ with w the mask on the layer's grid, 1 in sum. A feature sees more texels than its
own: beside an edge, what lies beyond it too. So a mask is first shrunk, for each layer by half its
reach, by the least value within that reach. Wide, soft transitions are hardly touched; of narrow
regions something is always left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..features import FeatureNetwork
from ..statistics import FeatureStatistics, mean_statistics, measure_features
from ..surfaces import resizing

# Of a layer's receptive field: what lies farther out counts for little (Luo et al. 2016).
_REACH = 0.5
# Share of a region that shrinking must leave; else it is shrunk less.
_LEAST = 0.25


def canvas_guides(
    mask: Tensor, network: FeatureNetwork, layers: Sequence[str]
) -> dict[str, Tensor]:
    """Weights of the features of a canvas, by layer.

    Args:
        mask: Shape (1, height, width), 0...1, on the torus.
        network: Whose features.
        layers: Of the network.

    Returns:
        Name → (h, w), 1 in sum. Layers in which nothing of the region is left are not there.
    """
    guides = {}
    for name in layers:
        stride = network.stride([name])
        w = F.avg_pool2d(_shrunk(mask[None], network.halo([name]), "circular"), stride)[0, 0]
        if (total := float(w.sum())) > 0:
            guides[name] = w / total
    return guides


def masked_statistics(
    image: Tensor,
    mask: Tensor,
    network: FeatureNetwork,
    layers: Sequence[str],
    blocks: int,
    most: int,
) -> dict[str, FeatureStatistics]:
    """The statistics of what a mask covers of a plain picture, by layer.

    Args:
        image: Shape (1, 3, h, w).
        mask: Shape (1, h, w), 0...1.
        network: Whose features.
        layers: Of the network. What the picture is too small for is not in the answer.
        blocks: Side of the blocks that the picture is measured in, in texels.
        most: Blocks that are measured.
    """
    # The masks of all layers go through the same blocks as the picture.
    shrunk = [_shrunk(mask[None], network.halo([name]), "replicate") for name in layers]
    parts: dict[str, list[tuple[FeatureStatistics, float]]] = {}
    for block in resizing.blocks(torch.cat([image, *shrunk], 1), blocks, most):
        maps = network.exemplar_features(block[:, :3], layers)
        for name, w in _grids(block[:, 3:], network, layers, maps):
            if (total := float(w.sum())) > 0:
                measured = measure_features(maps[name], w / total, network.direct)
                parts.setdefault(name, []).append((measured, total))
    return {name: mean_statistics(several) for name, several in parts.items()}


def _grids(
    masks: Tensor, network: FeatureNetwork, layers: Sequence[str], maps: Mapping[str, Tensor]
) -> Iterator[tuple[str, Tensor]]:
    """The masks, a channel for each layer, on the grids of maps without what a border touched."""
    for channel, name in enumerate(layers):
        if name not in maps:
            continue
        stride = network.stride([name])
        w = network.without_rim(F.avg_pool2d(masks[:, channel : channel + 1], stride), name)
        yield name, w[0, 0]


def _shrunk(mask: Tensor, reach: int, border: str) -> Tensor:
    """The least value of a mask (1, 1, h, w) within half a reach, or as far as enough is left."""
    radius = round(reach * _REACH)
    before = float(mask.sum())
    while radius > 0:
        # A wider border than the picture cannot be wrapped or repeated.
        n = min(radius, *mask.shape[-2:])
        padded = F.pad(mask, (n, n, n, n), mode=border)
        least = -F.max_pool2d(-padded, (2 * n + 1, 1), 1)
        least = -F.max_pool2d(-least, (1, 2 * n + 1), 1)
        if float(least.sum()) >= _LEAST * before:
            return least
        radius //= 2
    return mask
