"""Pictures with the statistics of natural ones, to normalise a network's activations with.

The dead leaves model (Lee, Mumford & Huang 2001: Occlusion models for natural images): discs of
uniform colour, radii drawn from r⁻³, each covering those before. It has the edges, the power
spectrum near 1/f² and the scale invariance of photographs, and needs none.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def dead_leaves(size: int = 192, seed: int = 0, leaves: int = 4000) -> Tensor:
    """One picture of shape (1, 3, size, size), 0...1, the same for the same seed.

    Args:
        size: Side in texels.
        seed: Of the generator.
        leaves: How many discs to lay.
    """
    g = torch.Generator().manual_seed(seed)
    smallest, largest = 2.5, size / 2
    # Inverse of the distribution function of r⁻³ between the two radii.
    u = torch.rand(leaves, generator=g)
    radius = (smallest**-2 + u * (largest**-2 - smallest**-2)) ** -0.5
    centre = torch.rand(leaves, 2, generator=g) * size
    # Colours of photographs: mostly brightness, less yellow–blue, least red–green.
    axes = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]])
    axes = axes / axes.norm(dim=1, keepdim=True) * torch.tensor([[0.40], [0.10], [0.04]])
    colour = (0.45 + torch.randn(leaves, 3, generator=g) @ axes).clamp(0.02, 0.98)
    grain = 0.01 * torch.randn(3, size, size, generator=g)
    picture = torch.full((3, size, size), 0.45)
    rows = torch.arange(size, dtype=torch.float32)
    for r, (cy, cx), c in zip(radius.tolist(), centre.tolist(), colour, strict=True):
        top, bottom = max(0, math.floor(cy - r)), min(size, math.ceil(cy + r) + 1)
        left, right = max(0, math.floor(cx - r)), min(size, math.ceil(cx + r) + 1)
        distance = torch.hypot(rows[top:bottom, None] - cy, rows[None, left:right] - cx)
        # One texel of soft edge, as a lens draws it.
        cover = (r + 0.5 - distance).clamp(0, 1)
        patch = picture[:, top:bottom, left:right]
        patch += cover * (c[:, None, None] - patch)
    return (picture + grain).clamp(0, 1)[None]
