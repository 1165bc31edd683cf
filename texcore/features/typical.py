"""How strongly each feature of a network answers to pictures at large.

Gatys et al. 2015 and Snelgrove 2017 scale VGG's weights so that the mean activation of each filter
over images and positions is one. Rectifiers and poolings are positively homogeneous, so scaling
the weights or the features comes to the same; and features can be scaled with any network.
Instead of ImageNet there are dead leaves (Lee, Mumford & Huang 2001): opaque discs of all sizes
over each other, whose scales, edges and spectrum are those of natural images.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from .network import FeatureNetwork

_PICTURES, _SIDE, _LEAVES = 4, 160, 1200
# Discs' radii in texels; their number falls with the cube of the radius.
_SMALLEST, _LARGEST = 2.0, 80.0
_NOISE = 0.02
# Share of the layer's mean below which a filter counts as silent: it would drown out all others.
_SILENT = 0.01


def typical_activations(
    network: FeatureNetwork, layers: Sequence[str], device: torch.device
) -> dict[str, Tensor]:
    """Mean absolute activation of each channel over pictures and positions, by layer.

    Args:
        network: Any.
        layers: Of it.
        device: Where the network is.

    Returns:
        Name → shape (channels,), float32, positive, on the device.
    """
    means: dict[str, list[Tensor]] = {}
    with torch.no_grad():
        for picture in dead_leaves():
            maps = network.exemplar_features(picture[None].to(device), layers)
            for name, f in maps.items():
                means.setdefault(name, []).append(f.float().abs().mean((0, 2, 3)))
    typical = {name: torch.stack(parts).mean(0) for name, parts in means.items()}
    tiny = torch.finfo(torch.float32).tiny
    return {name: x.clamp_min(max(_SILENT * float(x.mean()), tiny)) for name, x in typical.items()}


@lru_cache(maxsize=1)
def dead_leaves() -> Tensor:
    """The pictures: shape (count, 3, side, side), 0...1, always the same."""
    generator = torch.Generator().manual_seed(0)
    y, x = torch.meshgrid(torch.arange(_SIDE), torch.arange(_SIDE), indexing="ij")
    pictures = torch.empty(_PICTURES, 3, _SIDE, _SIDE)
    for picture in pictures:
        grey = torch.rand(3, 1, 1, generator=generator)
        picture[:] = grey
        for _ in range(_LEAVES):
            u, cy, cx, shade, *tint = torch.rand(7, generator=generator).tolist()
            # The inverse of the cubic law's distribution function.
            radius = 1 / math.sqrt((1 - u) / _SMALLEST**2 + u / _LARGEST**2)
            inside = (y - cy * _SIDE) ** 2 + (x - cx * _SIDE) ** 2 < radius**2
            colour = 0.75 * shade + 0.25 * torch.tensor(tint)
            picture[:, inside] = colour[:, None]
        picture += _NOISE * torch.randn(picture.shape, generator=generator)
    return pictures.clamp_(0, 1)
