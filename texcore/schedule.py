"""How a run is laid out before it begins: levels, their evaluations, the exemplar's scale."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import periods, pyramid
from .exemplar import Exemplar
from .lattice import Periods
from .models import TextureModel
from .pyramid import Level
from .recipe import Recipe
from .targets import shown

# Maps of a material start from the exemplar's detail and tell each other where things are: with so
# much of the work they are as good.
_TOGETHER = 0.7
# Where detail comes from the patchwork's pieces, coarser levels get so much of the work: with more,
# things move away from their detail; with a tenth, joints are seen by what measures them.
_BRIEFLY, _LEAST = 0.5, 8
# So near to a whole number of periods nothing is out of step.
_ABOUT_WHOLE = 0.05
# Scaled by less than this nobody need be told.
_TOLD = 0.005


def levels(
    model: TextureModel,
    recipe: Recipe,
    stride: int,
    exemplar: Exemplar,
    canvas: tuple[int, int],
    scales: tuple[float, float] = (1.0, 1.0),
) -> list[Level]:
    """The levels from coarse to fine, each with its evaluations.

    Args:
        model: Says how many evaluations, and whether it begins coarse.
        recipe: Its quality and iterations.
        stride: Texels that the sides of a level are multiples of.
        exemplar: At its own scale.
        canvas: Height and width in texels.
        scales: Of `fitting`.
    """
    evaluations = model.at_quality(recipe.quality)
    if exemplar.several and model.start == "patchwork":
        evaluations = round(_TOGETHER * evaluations)
    h, w = exemplar.image.shape[-2:]
    *coarser, last = pyramid.plan(
        (h, w),
        canvas,
        stride,
        recipe.iterations or evaluations,
        model.coarse_to_fine,
        model.start == "patchwork",
        scales,
    )
    if recipe.iterations:
        return [replace(level, evaluations=recipe.iterations) for level in (*coarser, last)]
    share = _BRIEFLY if model.detail == "exemplar" else 1
    brief = [max(_LEAST, round(share * level.evaluations)) for level in coarser]
    return [replace(a, evaluations=n) for a, n in zip(coarser, brief, strict=True)] + [last]


@dataclass(frozen=True)
class Fit:
    """How an exemplar that repeats fits a canvas.

    Attributes:
        scales: What it is scaled by, y and x.
        periods: Of the scaled exemplar in texels of the canvas, y and x, where whole numbers of
            them go round; else None.
        notes: A sentence for the user where the scales are not 1.
    """

    scales: tuple[float, float] = (1.0, 1.0)
    periods: Periods = (None, None)
    notes: tuple[str, ...] = ()


def fitting(exemplar: Exemplar, canvas: tuple[int, int], wraps: tuple[bool, bool]) -> Fit:
    """What an exemplar is scaled by so that whole periods of it fit a canvas.

    Args:
        exemplar: Of its views the first that repeats along an axis tells the period there.
        canvas: Height and width in texels.
        wraps: Which axes of the result repeat, y and x.
    """
    found: list[float | None] = [None, None]
    for view in exemplar.views[: len(exemplar.views) - exemplar.coarse]:
        if None in found:
            of_view = periods.periods(shown(exemplar.image, view.to(exemplar.image))[0])
            found = [a or b for a, b in zip(found, of_view, strict=True)]
    scales = periods.fit((found[0], found[1]), canvas, wraps)
    y, x = (
        period * scale if period and _whole(n / (period * scale)) else None
        for period, scale, n in zip(found, scales, canvas, strict=True)
    )
    if max(abs(scale - 1) for scale in scales) <= _TOLD:
        return Fit(scales, (y, x))
    return Fit(
        scales,
        (y, x),
        (
            f"The exemplar repeats: it was scaled to {scales[1]:.0%} in width and "
            f"{scales[0]:.0%} in height, so that whole periods fit.",
        ),
    )


def _whole(count: float) -> bool:
    return abs(count - round(count)) < _ABOUT_WHOLE
