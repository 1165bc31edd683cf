"""Measure whether an exemplar has lines that run one way: courses, weave, boards, grain.

A stone may be bent and is a stone; a straight line that is bent is seen at once. Where edges run
every way, or mostly one way but never exactly, nothing is straight. What does not repeat may bend
where what repeats may not: a grain of wood, a stroke of plaster, but not a row of hexagons.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# Deviation of the histogram of edges' directions, but for what is broad in it, at about 128 texels
# a side: up to which everything may bend; from which on nothing may that repeats; and nothing else.
# Photographs: stones, bark, rock, grass .04...0.075; stucco, wood .09...0.13; hexagons, weave,
# setts, brick .12...0.5, boards 1.
_FREE, _BOUND, _BOUND_APART = 0.075, 0.09, 0.25
_BIN_COUNT = 180
# Degrees that a narrow peak is wide, and a broad one.
_NARROW, _BROAD = 3.0, 12.0


def measure_alignment(image: Tensor, repeats: bool = True) -> float:
    """Measure whether edges run along lines.

    Args:
        image: Shape (channels, h, w), its structures some texels wide.
        repeats: Whether it has a period or a lattice.

    Returns:
        0 where nothing is straight, up to 1 where bent lines would be seen.

    Example:
        >>> stripes = (torch.arange(96) % 12 < 6).float().expand(3, 80, 96)
        >>> measure_alignment(stripes)
        1.0
    """
    light = image.detach().float().cpu().mean(0)[None, None]
    smooth = torch.tensor([[[[0.06, 0.24, 0.4, 0.24, 0.06]]]])
    light = F.conv2d(F.conv2d(light, smooth), smooth.mT)[0, 0]
    down = light[2:, 1:-1] - light[:-2, 1:-1]
    right = light[1:-1, 2:] - light[1:-1, :-2]
    direction = torch.remainder(torch.atan2(down, right), math.pi)
    bins = (direction * (_BIN_COUNT / math.pi)).long().clamp(0, _BIN_COUNT - 1)
    counts = torch.bincount(bins.flatten(), (down.square() + right.square()).flatten(), _BIN_COUNT)
    counts = counts / counts.mean().clamp_min(1e-12)
    deviation = float((_blur(counts, _NARROW) - _blur(counts, _BROAD)).std())
    bound = _BOUND if repeats else _BOUND_APART
    return min(1.0, max(0.0, (deviation - _FREE) / (bound - _FREE)))


def _blur(counts: Tensor, width: float) -> Tensor:
    """Blur a histogram of angles, whose end is its beginning."""
    bell = torch.exp(-0.5 * (2 * math.pi * width * torch.fft.rfftfreq(_BIN_COUNT)).square())
    return torch.fft.irfft(torch.fft.rfft(counts) * bell, n=_BIN_COUNT)
