"""Say at which sizes a canvas is worked on, from coarse to fine, and how long at each.

Here are numbers only: the engine plans a run by them, and the extension, whose Python has the
standard library and nothing else, what a run would take.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

Scales = tuple[float, float]
"""What an exemplar is scaled by, down and across, where the canvas has its full size."""

# Work starts where the shorter side of exemplar and canvas has at least so many texels: from noise,
# and from a layout, which wants to see the structures, but not to bring their detail along.
_COARSEST_SIDE = 64
_COARSEST_LAYOUT_SIDE = 91
_SMALLEST_LAYOUT_SIDE = 24
# Texels of the longer side up to which the evaluations of a level are not cut.
FULL_EFFORT_SIDE = 256
LEAST_EVALUATIONS = 8
# What an evaluation costs however small the canvas, in texels.
_OVERHEAD_TEXELS = 5000


@dataclass(frozen=True)
class Effort:
    """What an evaluation of the objective takes at a level.

    Attributes:
        products: Multiplications that the network makes for a texel of the canvas, of one view.
        coarse_products: The same of a view of which little is seen at full size.
        layers: Of the network that are looked at, in all octaves of a view together.
    """

    products: float = 0.0
    coarse_products: float = 0.0
    layers: int = 1


@dataclass(frozen=True)
class Level:
    """One size of the canvas.

    Attributes:
        height, width: In texels, multiples of the model's stride.
        scale_y, scale_x: Texels of this level per texel of the exemplar's picture.
        evaluations: Of the objective.
        effort: What an evaluation costs for a texel, over one of the coarsest level.

    Example:
        >>> Level(128, 128, 0.5, 0.5, evaluations=100).cost
        2138400.0
    """

    height: int
    width: int
    scale_y: float
    scale_x: float
    evaluations: int
    effort: float = 1.0

    @property
    def cost(self) -> float:
        """What its evaluations cost together, in texels that the network is shown."""
        return (self.height * self.width + _OVERHEAD_TEXELS) * self.evaluations * self.effort


@dataclass(frozen=True)
class Schedule:
    """How a texture model goes from coarse to fine, whatever the sizes.

    Attributes:
        stride: Texels that the sides of a level are multiples of.
        coarse_to_fine: False for a single level.
        layout: Whether the coarsest level starts from a layout.
        sewn: Whether every level starts from the layout's own detail.
        evaluations: At the coarsest level, or, without ``finer``, at one of up to 256 texels.
        finer: At each finer level; None for what its size says.
        share: Of these evaluations, what levels coarser than the finest get, without ``finer``.
        even: Whether all levels get as many, whatever their sizes.
        first: What an evaluation takes at the coarsest level.
        rest: What it takes at finer ones.
    """

    stride: int = 1
    coarse_to_fine: bool = True
    layout: bool = False
    sewn: bool = False
    evaluations: int = 0
    finer: int | None = None
    share: float = 1.0
    even: bool = False
    first: Effort = Effort()
    rest: Effort = Effort()

    def find_effort(self, number: int) -> Effort:
        """Find what an evaluation takes at a level, counted from 0 for the coarsest."""
        return self.rest if number else self.first

    def plan(
        self,
        exemplar: tuple[int, int],
        canvas: tuple[int, int],
        scales: Scales = (1.0, 1.0),
    ) -> tuple[Level, ...]:
        """Plan the levels from coarse to fine, each with its evaluations.

        Args:
            exemplar: Height and width of the exemplar.
            canvas: Height and width of the canvas wanted.
            scales: What the exemplar is scaled by, where the canvas has its full size.

        Example:
            >>> schedule = Schedule(stride=16, layout=True, evaluations=24, finer=9)
            >>> levels = schedule.plan((256, 256), (512, 512))
            >>> [(level.width, level.evaluations) for level in levels]
            [(256, 24), (512, 9)]
        """
        levels = plan_sizes(
            exemplar,
            canvas,
            self.stride,
            self.evaluations,
            self.coarse_to_fine,
            self.layout,
            scales,
        )
        whole = self.first.products or 1
        return tuple(
            replace(level, evaluations=n, effort=self.find_effort(number).products / whole)
            for number, (level, n) in enumerate(
                zip(levels, self._count_evaluations(levels), strict=True)
            )
        )

    def _count_evaluations(self, levels: list[Level]) -> list[int]:
        if self.even:
            return [self.evaluations] * len(levels)
        if self.finer is not None:
            if len(levels) == 1:
                return [self.evaluations + self.finer]
            return [self.evaluations] + [self.finer] * (len(levels) - 1)
        brief = [max(LEAST_EVALUATIONS, round(self.share * each.evaluations)) for each in levels]
        return [*brief[:-1], levels[-1].evaluations]


def plan_sizes(
    exemplar: tuple[int, int],
    canvas: tuple[int, int],
    stride: int,
    evaluations: int,
    coarse_to_fine: bool,
    layout: bool = False,
    scales: Scales = (1.0, 1.0),
) -> list[Level]:
    """Double a canvas from its coarsest level to the size wanted.

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
        scales: What the exemplar is scaled by, down and across, where the canvas has its full size.

    Example:
        >>> levels = plan_sizes((512, 512), (512, 300), 16, 100, coarse_to_fine=True)
        >>> [(level.height, level.width, level.evaluations) for level in levels]
        [(128, 80, 100), (256, 160, 100), (512, 304, 71)]
    """
    shortest = min(exemplar[0] * scales[0], exemplar[1] * scales[1], *canvas)
    coarsest: float = _COARSEST_SIDE
    if layout:
        coarsest = max(_SMALLEST_LAYOUT_SIDE, min(_COARSEST_LAYOUT_SIDE, shortest / 2))
    count = max(1, 1 + int(math.log2(shortest / coarsest))) if coarse_to_fine else 1
    levels = []
    for k in reversed(range(count)):
        height, width = (_round_up(n / 2**k, stride) for n in canvas)
        levels.append(
            Level(
                height,
                width,
                height / canvas[0] * scales[0],
                width / canvas[1] * scales[1],
                max(LEAST_EVALUATIONS, round(evaluations * cut(height, width))),
            )
        )
    return levels


def cut(height: int, width: int) -> float:
    """Share of the evaluations that a level of that size in texels gets, 0...1."""
    return min(1.0, (FULL_EFFORT_SIDE / max(height, width)) ** 0.5)


def _round_up(n: float, stride: int) -> int:
    return max(1, math.ceil(n / stride - 1e-9)) * stride
