"""How a run is laid out before it begins: levels, their evaluations, the exemplar's scale."""

from __future__ import annotations

from dataclasses import replace

from ..contract.recipe import Recipe
from ..exemplars.exemplar import Exemplar
from ..models.model import TextureModel
from . import sizes
from .sizes import Level

# Maps of a material start from the exemplar's detail and tell each other where things are: with so
# much of the work they are as good.
_TOGETHER = 0.7
# Where detail comes from the patchwork's pieces, coarser levels get so much of the work: with more,
# things move away from their detail; with a tenth, joints are seen by what measures them.
_BRIEFLY, _LEAST = 0.5, 8


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
    *coarser, last = sizes.plan(
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
