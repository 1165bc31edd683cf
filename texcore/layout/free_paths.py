"""Measure how far each texel of an exemplar is from outlines: up, down, left and right of it.

The face of a stone looks alike all over, so colours and edges let one stone go on into another, of
which an L is made. How far it is to the outline on each side tells where in a stone a texel is, and
how large the stone (a feature distance: Wu & Yu 2004, *Feature matching and deformation for texture
synthesis*; Lefebvre & Hoppe 2006, *Appearance-space texture synthesis*). What is an outline is not
decided: edges are a medium that absorbs the more the steeper they are, and what is measured is how
far a path gets in it on average.
"""

from __future__ import annotations

import torch
from torch import Tensor

# What an edge as steep as all are in the root mean square lets through is exp(-this); and texels
# that a path has at most, as its mean.
_ABSORPTION, _LONGEST_TEXELS = 0.2, 40.0


def measure_free_paths(edges: Tensor) -> Tensor:
    """Measure how far a path goes from each texel until edges have absorbed it.

    Beyond the border lies the exemplar mirrored: what it cuts is taken to be twice as large.

    Args:
        edges: How steep the exemplar is at each texel, shape (h, w), at least 0.

    Returns:
        Shape (4, h, w), the logarithm of 1 + the mean length in texels, to the top, the bottom, the
        left and the right.

    Example:
        >>> edges = torch.zeros(5, 9)
        >>> edges[:, [0, 8]] = 10.0
        >>> left, right = measure_free_paths(edges)[2:]
        >>> bool((left[:, 1:8].diff() > 0).all()), torch.allclose(left, right.flip(1))
        (True, True)
    """
    through = find_transmission(edges)
    down, right = (_walk(both) for both in (_turn(through), _turn(through.T)))
    return torch.stack([down[0], down[1].flip(0), right[0].T, right[1].flip(0).T]).log1p()


def find_transmission(edges: Tensor) -> Tensor:
    """Find which share of a path each texel lets through, 0...1, by how steep it is, (h, w)."""
    steep = edges.square() / edges.square().mean().clamp_min(1e-12)
    return torch.exp(-_ABSORPTION * steep) * (1 - 1 / _LONGEST_TEXELS)


def _turn(through: Tensor) -> Tensor:
    """Stack what is walked from its first row with what is walked from its last: (2, n, m)."""
    return torch.stack([through, through.flip(0)])


def _walk(through: Tensor) -> Tensor:
    """Measure for each row how far a path goes back from it, (2, n, m)."""
    # Before the mirrored exemplar lies what is everywhere like it on average.
    usual = through.mean(1)
    path = usual / (1 - usual)
    for row in through[:, 1:].flip(1).unbind(1):
        path = row * (1 + path)
    paths = []
    for row in through.unbind(1):
        paths.append(path)
        path = row * (1 + path)
    return torch.stack(paths, 1)
