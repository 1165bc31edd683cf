"""Plan from coarse to fine: what a model and a recipe say of the levels that a canvas goes through.

The sizes themselves follow from numbers alone, see `texcore.contract.schedule`.
"""

from __future__ import annotations

from ..contract.recipe import Recipe
from ..contract.schedule import (
    FULL_EFFORT_SIDE,
    LEAST_EVALUATIONS,
    Effort,
    Level,
    Scales,
    Schedule,
    plan_sizes,
)
from ..contract.schedule import cut as effort
from ..exemplars.facts import ExemplarFacts
from ..features.facts import NetworkFacts
from ..models.model import TextureModel

__all__ = [
    "COARSE_STRIDE",
    "FULL_EFFORT_SIDE",
    "LEAST_EVALUATIONS",
    "Effort",
    "Level",
    "Scales",
    "Schedule",
    "effort",
    "plan_levels",
    "plan_sizes",
    "schedule",
]

#: Of a coarse view no layer of a larger stride sees full size.
COARSE_STRIDE = 2
# Maps of a material start from the exemplar's detail and tell each other where things are: with so
# much of the work they are as good.
_SEVERAL_MAPS_SHARE = 0.7
# Where detail comes from the patchwork's pieces, coarser levels get so much of the work: with more,
# things move away from their detail; with a tenth, joints are seen by what measures them.
_BRIEF_SHARE = 0.5


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
    by_size = schedule(model, recipe, network, exemplar.several)
    return by_size.plan((exemplar.height, exemplar.width), canvas, scales)


def schedule(
    model: TextureModel, recipe: Recipe, network: NetworkFacts, several: bool = False
) -> Schedule:
    """Say how a model goes from coarse to fine, whatever the sizes.

    Args:
        model: Of the recipe.
        recipe: Its quality and iterations.
        network: Its strides, and what its layers take.
        several: Whether the exemplar is of several maps.

    Example:
        >>> from texcore.features import RandomBank
        >>> from texcore.models.presets import make_preset
        >>> network = RandomBank.seeded(channels=4).describe()
        >>> model = make_preset("gatys", network)
        >>> schedule(model, Recipe(quality="draft"), network).evaluations
        333
    """
    evaluations, finer, share = model.at_quality(recipe.quality), None, 1.0
    if several and model.lays_out:
        evaluations = round(_SEVERAL_MAPS_SHARE * evaluations)
    if model.detail == "sewn":
        evaluations, finer = model.evaluations, model.at_level(1).evaluations
    elif model.detail == "exemplar":
        share = _BRIEF_SHARE
    return Schedule(
        stride=model.stride(network),
        coarse_to_fine=model.coarse_to_fine,
        layout=model.lays_out,
        sewn=model.detail == "sewn",
        evaluations=recipe.iterations or evaluations,
        finer=finer,
        share=share,
        even=bool(recipe.iterations),
        first=_measure_effort(model, network),
        rest=_measure_effort(model.at_level(1), network),
    )


def _measure_effort(model: TextureModel, network: NetworkFacts) -> Effort:
    """Count what an evaluation takes; of a coarse view only shallow layers see full size."""
    products = model.products_per_texel(network)
    octaves = [octave for octave, weight in enumerate(model.octaves) if weight]
    coarse = products
    if 0 in octaves and len(model.octaves) > 1:
        names = model.layer_names
        shallow = [name for name in names if network.stride([name]) <= COARSE_STRIDE]
        coarse -= network.products_per_texel(names)
        coarse += network.products_per_texel(shallow) if shallow else 0.0
    return Effort(products, coarse, len(octaves) * len(model.layer_names))
