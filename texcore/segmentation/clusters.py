"""Regions by what a feature network sees in them, with nothing learnt about things."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..features import FeatureNetwork

# Shallow to deep, in both VGGs; a network without them is asked for all that it has.
_VGG_LAYERS = ("conv1_2", "conv2_2", "conv3_3", "conv4_3")
# Texels between descriptors.
_GRID = 4
# What is averaged for a descriptor, as a share of the picture's longer side, and in texels.
_WINDOW, _LEAST_WINDOW = 1 / 36, 4.0
_DIMENSIONS = 16
_STARTS, _ROUNDS = 8, 50


def cluster(image: Tensor, network: FeatureNetwork, regions: int, seed: int = 0) -> Tensor:
    """How far each texel's surroundings are from the typical ones of each region.

    Args:
        image: Shape (3, h, w) in 0...1, on the network's device.
        network: See `descriptors`.
        regions: 2 or more.
        seed: Of the clusters' starts.

    Returns:
        Shape (regions, h, w), squared distances over twice their mean within a region: the minus
        logarithm of a probability, but for a constant. Regions are sorted from large to small.
    """
    described = descriptors(image, network)
    height, width = described.shape[-2:]
    points = described.flatten(1).T
    centres = k_means(points, regions, torch.Generator().manual_seed(seed))
    distances = torch.cdist(points, centres).square()
    nearest, labels = distances.min(1)
    sizes = torch.bincount(labels, minlength=regions)
    distances = distances[:, sizes.argsort(descending=True, stable=True)]
    scaled = distances / (2 * nearest.mean().clamp_min(1e-12))
    return F.interpolate(
        scaled.T.reshape(1, regions, height, width), image.shape[-2:], mode="bilinear"
    )[0]


@torch.no_grad()
def descriptors(image: Tensor, network: FeatureNetwork) -> Tensor:
    """What surrounds each place: feature maps, averaged over a window, in few dimensions.

    Each layer counts alike, whatever its scale and number of channels; of all channels together
    the principal components with the most variance are kept.

    Args:
        image: Shape (3, h, w) in 0...1.
        network: Gives the features.

    Returns:
        Shape (dimensions, about h / 4, about w / 4).
    """
    h, w = image.shape[-2:]
    grid = max(1, h // _GRID), max(1, w // _GRID)
    window = max(_LEAST_WINDOW, _WINDOW * max(h, w))
    wanted = _VGG_LAYERS if set(_VGG_LAYERS) <= set(network.layers) else network.layers
    layers = []
    for name, f in network.picture_features(image[None], wanted).items():
        smooth = _blurred(f.float(), window / network.spacing(name))
        smooth = F.interpolate(smooth, grid, mode="bilinear", antialias=True)[0].flatten(1)
        smooth = smooth - smooth.mean(1, keepdim=True)
        layers.append(smooth / smooth.square().sum(0).mean().clamp_min(1e-12).sqrt())
    joined = torch.cat(layers).double()
    _, vectors = torch.linalg.eigh(joined @ joined.T)
    kept = vectors[:, -_DIMENSIONS:].T @ joined
    return kept.float().reshape(-1, *grid)


def k_means(points: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """The centres that leave the least sum of squared distances, of several seeded starts.

    Lloyd's algorithm from Arthur & Vassilvitskii's k-means++.

    Args:
        points: Shape (n, dimensions).
        count: Of centres, at most n.
        generator: Of the starts, on the CPU.

    Returns:
        Shape (count, dimensions).
    """
    best, least = points[:count], math.inf
    for _ in range(_STARTS):
        centres = _spread_out(points, count, generator)
        for _ in range(_ROUNDS):
            labels = torch.cdist(points, centres).argmin(1)
            members = F.one_hot(labels, count).to(points)
            sizes = members.sum(0).clamp_min(1)[:, None]
            # A centre that has lost all its points stays where it is.
            moved = torch.where(members.any(0)[:, None], members.T @ points / sizes, centres)
            if torch.equal(moved, centres):
                break
            centres = moved
        error = float(torch.cdist(points, centres).amin(1).square().sum())
        if error < least:
            best, least = centres, error
    return best


def _spread_out(points: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Points drawn one after the other, the likelier the further they are from those before."""
    centres = points[torch.randint(len(points), (1,), generator=generator)]
    for _ in range(count - 1):
        odds = torch.cdist(points, centres).amin(1).square().cpu() + 1e-12
        drawn = torch.multinomial(odds, 1, generator=generator)
        centres = torch.cat([centres, points[drawn]])
    return centres


def _blurred(f: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of maps (1, channels, h, w), the border repeated."""
    radius = math.ceil(2.5 * sigma)
    x = torch.arange(-radius, radius + 1, dtype=f.dtype, device=f.device)
    line = torch.exp(-x.square() / (2 * sigma**2))
    line = (line / line.sum()).expand(f.shape[1], 1, -1)
    f = F.pad(f, (radius, radius, 0, 0), mode="replicate")
    f = F.conv2d(f, line[:, :, None], groups=f.shape[1])
    f = F.pad(f, (0, 0, radius, radius), mode="replicate")
    return F.conv2d(f, line[..., None], groups=f.shape[1])
