"""Plan from coarse to fine: at which sizes a canvas is worked on, and how long at each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ..contract.recipe import Recipe
from ..exemplars.facts import ExemplarFacts
from ..features.facts import NetworkFacts
from ..models.model import TextureModel

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
# Maps of a material start from the exemplar's detail and tell each other where things are: with so
# much of the work they are as good.
_SEVERAL_MAPS_SHARE = 0.7
# Where detail comes from the patchwork's pieces, coarser levels get so much of the work: with more,
# things move away from their detail; with a tenth, joints are seen by what measures them.
_BRIEF_SHARE = 0.5
# What an evaluation costs however small the canvas, in texels.
_OVERHEAD_TEXELS = 5000


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
                max(LEAST_EVALUATIONS, round(evaluations * effort(height, width))),
            )
        )
    return levels


def plan_levels(
    model: TextureModel,
    recipe: Recipe,
    network: NetworkFacts,
    exemplar: ExemplarFacts,
    canvas: tuple[int, int],
    scales: Scales = (1.0, 1.0),
) -> tuple[Level, ...]:
    """Plan the levels from coarse to fine, each with its evaluations.

    Args:
        model: Says how many evaluations, and whether it begins coarse.
        recipe: Its quality and iterations.
        network: Whose strides the sides of a level are multiples of.
        exemplar: At its own scale.
        canvas: Height and width in texels.
        scales: See `plan_sizes`.
    """
    evaluations = model.at_quality(recipe.quality)
    if exemplar.several and model.lays_out:
        evaluations = round(_SEVERAL_MAPS_SHARE * evaluations)
    levels = plan_sizes(
        (exemplar.height, exemplar.width),
        canvas,
        model.stride(network),
        recipe.iterations or evaluations,
        model.coarse_to_fine,
        model.lays_out,
        scales,
    )
    models = [model.at_level(number) for number in range(len(levels))]
    if recipe.iterations:
        counts = [recipe.iterations] * len(levels)
    elif model.detail == "sewn":
        counts = [of_level.evaluations for of_level in models]
        if len(levels) == 1 and model.finer:
            counts[0] += model.finer.evaluations
    else:
        share = _BRIEF_SHARE if model.detail == "exemplar" else 1
        brief = [max(LEAST_EVALUATIONS, round(share * level.evaluations)) for level in levels]
        counts = [*brief[:-1], levels[-1].evaluations]
    whole = model.products_per_texel(network) or 1
    return tuple(
        replace(level, evaluations=n, effort=of_level.products_per_texel(network) / whole)
        for level, n, of_level in zip(levels, counts, models, strict=True)
    )


def effort(height: int, width: int) -> float:
    """Share of the evaluations that a level of that size in texels gets, 0...1."""
    return min(1.0, (FULL_EFFORT_SIDE / max(height, width)) ** 0.5)


def _round_up(n: float, stride: int) -> int:
    return max(1, math.ceil(n / stride - 1e-9)) * stride
