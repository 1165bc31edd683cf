"""Describe the texels of an exemplar: what they look like, and what they are part of.

A joint is seen where colours step, and more where an outline ends. Colours alone let a stone's
face go on into another's; edges and lines of some sizes, beside them, tell one from the other, and
how far away outlines are tells where in a stone a texel lies.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .free_paths import measure_free_paths

# Of a description's variance, what is that of edges, and of how far outlines are; without these,
# that of edges.
_EDGES_SHARE, _PATHS_SHARE, _EDGES_SHARE_ALONE = 0.25, 0.3, 0.3
# Of its variance, what is left out for fewer numbers: of photos about twelve of nineteen are kept.
_LOST_SHARE = 0.02
# Texels that the edges looked for are wide, and that outlines are.
_EDGE_WIDTHS, _OUTLINE_WIDTH = (1.0, 2.0, 4.0), 2.0


def describe_texels(source: Tensor, far: bool = True) -> Tensor:
    """Describe each texel of an exemplar by its colours, the edges about it and outlines far off.

    Args:
        source: Shape (channels, h, w).
        far: Whether by outlines that are far off as well. Of a picture with holes that would be by
            what is in them; on surfaces, textures went on less well across a cut with them.

    Returns:
        Shape (n, h, w), on the CPU, of variance 1 over all n together; if ``far``, they are
        principal components.

    Example:
        >>> round(float(describe_texels(torch.rand(3, 24, 32)).square().sum(0).mean()), 3)
        1.0
    """
    colours = _normalise(source.detach().float().cpu())
    light = _mix(colours)
    edges = [_normalise(_find_edges(light, width)) for width in _EDGE_WIDTHS]
    parts = [(_EDGES_SHARE if far else _EDGES_SHARE_ALONE, _normalise(torch.cat(edges)))]
    if far:
        parts.append((_PATHS_SHARE, _normalise(measure_free_paths(_find_outlines(light)))))
    parts.append((1 - sum(share for share, _ in parts), colours))
    description = torch.cat([math.sqrt(share) * part for share, part in parts])
    return _reduce(description) if far else description


def find_outlines(source: Tensor) -> Tensor:
    """Find how steep an exemplar (channels, h, w) is at each texel, where outlines are: (h, w)."""
    return _find_outlines(_mix(_normalise(source.detach().float().cpu())))


def _mix(colours: Tensor) -> Tensor:
    return colours.new_tensor(1 / math.sqrt(len(colours))) * colours.sum(0, keepdim=True)


def _find_outlines(light: Tensor) -> Tensor:
    return _find_edges(light, _OUTLINE_WIDTH).square().sum(0).sqrt()


def _reduce(description: Tensor) -> Tensor:
    """Leave out the least components that together hold less than a share of the variance."""
    values = description.flatten(1)
    variances, axes = torch.linalg.eigh(values @ values.T / values.shape[1])
    kept = int((variances.cumsum(0) > _LOST_SHARE * variances.sum()).sum())
    axes = axes[:, len(axes) - max(1, kept) :]
    return _normalise((axes.T @ values).view(-1, *description.shape[1:]))


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
