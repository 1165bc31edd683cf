"""Coarse to fine: at which sizes a canvas is worked on, and how long at each."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Work starts where the shorter side of exemplar and canvas is at least this long: from noise, and
# from a layout, which wants to see the structures, but not to bring their detail along.
_COARSEST = 64
_COARSEST_LAYOUT = 91
_SMALLEST_LAYOUT = 24
# Side up to which the evaluations of a level are not cut.
_FULL_EFFORT = 256


@dataclass(frozen=True)
class Level:
    """One size of the canvas.

    Attributes:
        height, width: In texels, multiples of the model's stride.
        scale_y, scale_x: Texels of this level per texel of the exemplar's picture.
        evaluations: Of the objective.
    """

    height: int
    width: int
    scale_y: float
    scale_x: float
    evaluations: int


def plan(
    exemplar: tuple[int, int],
    canvas: tuple[int, int],
    stride: int,
    evaluations: int,
    coarse_to_fine: bool,
    layout: bool = False,
    scales: tuple[float, float] = (1.0, 1.0),
) -> list[Level]:
    """The levels from coarse to fine.

    The network pools, so a level's sides are rounded up to multiples of its stride; the exemplar is
    then scaled by the same factors, and the finished canvas resampled to the size wanted.

    Args:
        exemplar: Height and width of the exemplar.
        canvas: Height and width of the canvas wanted.
        stride: Texels that the sides of a level are multiples of.
        evaluations: Of a level up to 256 texels wide; larger ones, begun from a better start, get
            fewer, falling with the root of their size.
        coarse_to_fine: False for a single level.
        layout: Whether the first level starts from a layout. Then it is not the last, unless it is
            tiny.
        scales: What the exemplar is scaled by, y and x, where the canvas has its full size.
    """
    shortest = min(exemplar[0] * scales[0], exemplar[1] * scales[1], *canvas)
    coarsest: float = _COARSEST
    if layout:
        coarsest = max(_SMALLEST_LAYOUT, min(_COARSEST_LAYOUT, shortest / 2))
    count = max(1, 1 + int(math.log2(shortest / coarsest))) if coarse_to_fine else 1
    levels = []
    for k in reversed(range(count)):
        height, width = (_rounded(n / 2**k, stride) for n in canvas)
        levels.append(
            Level(
                height,
                width,
                height / canvas[0] * scales[0],
                width / canvas[1] * scales[1],
                max(8, round(evaluations * effort(height, width))),
            )
        )
    return levels


def effort(height: int, width: int) -> float:
    """Share of the evaluations that a level of that size gets, 0...1."""
    return min(1.0, (_FULL_EFFORT / max(height, width)) ** 0.5)


def _rounded(n: float, stride: int) -> int:
    return max(1, math.ceil(n / stride - 1e-9)) * stride
