"""Describe the texels of an exemplar: what they look like, and what they are part of.

A joint is seen where colours step, and more where an outline ends. Colours alone let a stone's
face go on into another's; edges and lines of some sizes, beside them, tell one from the other.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# Of a description's variance, what is structure's.
_STRUCTURE_SHARE = 0.3
# Texels that the edges looked for are wide.
_EDGE_WIDTHS = (1.0, 2.0, 4.0)


def describe_texels(source: Tensor) -> Tensor:
    """Describe each texel of an exemplar by its colours and by the edges about it.

    Args:
        source: Shape (channels, h, w).

    Returns:
        Shape (n, h, w), on the CPU, of variance 1 over all n together.

    Example:
        >>> round(float(describe_texels(torch.rand(3, 24, 32)).square().sum(0).mean()), 3)
        1.0
    """
    colours = _normalise(source.detach().float().cpu())
    light = colours.new_tensor(1 / math.sqrt(len(colours))) * colours.sum(0, keepdim=True)
    edges = [_normalise(_find_edges(light, width)) for width in _EDGE_WIDTHS]
    structure = _normalise(torch.cat(edges))
    share = _STRUCTURE_SHARE
    return torch.cat([math.sqrt(1 - share) * colours, math.sqrt(share) * structure])


def _normalise(x: Tensor) -> Tensor:
    """Move to mean 0 and scale to variance 1, over all channels together."""
    x = x - x.mean((1, 2), keepdim=True)
    return x / x.square().sum(0).mean().sqrt().clamp_min(1e-4)


def _find_edges(light: Tensor, width: float) -> Tensor:
    """Find slopes and ridges of some width, down and across: (4, h, w) of light (1, h, w)."""
    reach = math.ceil(3 * width)
    at = torch.arange(-reach, reach + 1).float()
    bell = torch.exp(-at.square() / (2 * width**2))
    bell = bell / bell.sum()
    slope = -at / width**2 * bell
    ridge = (at.square() / width**2 - 1) * bell
    ridge = ridge - ridge.mean()
    reach = min(reach, light.shape[1] - 1, light.shape[2] - 1)
    padded = F.pad(light[None], (reach,) * 4, mode="reflect")
    found = []
    for filter_ in (slope, ridge):
        f, g = (k[len(k) // 2 - reach : len(k) // 2 + reach + 1] for k in (filter_, bell))
        found.append(F.conv2d(F.conv2d(padded, f.view(1, 1, -1, 1)), g.view(1, 1, 1, -1))[0])
        found.append(F.conv2d(F.conv2d(padded, g.view(1, 1, -1, 1)), f.view(1, 1, 1, -1))[0])
    return torch.cat(found)
