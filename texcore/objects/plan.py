"""Plan a texture on an object: what it is learnt from, where it lies, and what it will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from ..contract.costs import Cost
from ..contract.errors import BadInput
from ..contract.recipe import MIN_EXEMPLAR, Recipe, default_size
from ..contract.surface_costs import choose_factor
from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork
from ..models.model import TextureModel
from ..models.presets import choose_model
from ..runtime.context import Context
from ..synthesis.forecast import Forecast
from ..synthesis.levels import Level
from .atlas import rasterise
from .demand import count_cost, forecast_surface
from .mesh import Floats, Mesh
from .pyramid import Sized
from .reduction import Reduction, reduce_surface
from .scaling import read_sizes
from .sewing import measure_side
from .turning import find_mirrored

_PICTURES = (
    "A texture on an object is made of one picture, or of two with a blend map in the object's own "
    "UV map: leave the other pictures out."
)
_WHOLE = "A texture on an object is made anew all over: leave out what stays or is repaired."
_MODEL = "On an object the default model is used."
# Share of the surface that may be mirrored in the unwrapping before normals on it are refused.
_MIRRORED_SHARE = 0.01


@dataclass(frozen=True)
class SurfacePlan:
    """All that is decided of a texture on an object before anything is sewn.

    Attributes:
        recipe: With its size.
        size: Height and width of the texture in texels.
        sized: The exemplar at each of the sizes that the surface asks for.
        photos: Of the exemplar's parts, at the recipe's scale, each (channels, height, width).
        reduction: The surface in the texture, and coarser, as charts are made on it.
        wanted: How large the texture's things shall be at each texel of the coarser surface, as a
            factor; None for one size everywhere.
        model: That mends the joints; None for a sketch.
        level: The size that is worked on, with its evaluations.
        forecast: What memory it takes.
        cost: What work it takes.
        notes: What the user should know, a sentence each.
    """

    recipe: Recipe
    size: tuple[int, int]
    sized: Sized
    photos: list[Tensor]
    reduction: Reduction
    wanted: Floats | None
    model: TextureModel | None
    level: Level
    forecast: Forecast
    cost: Cost
    notes: tuple[str, ...]


def plan_surface(
    exemplar: Exemplar,
    recipe: Recipe,
    mesh: Mesh,
    name: str,
    network: FeatureNetwork | None,
    context: Context,
) -> SurfacePlan:
    """Plan a texture on an object.

    Args:
        exemplar: One picture, or all maps of a material.
        recipe: What decides the result; its size is that of the unwrapped texture.
        mesh: The object.
        name: Of it, for the sentence of an error.
        network: Gives the features; None for a sketch.
        context: Where is computed.

    Raises:
        BadInput: The exemplar is a mixture, has regions, is made anew in part only or is too small
            at the recipe's scale, or parts of the unwrapping are mirrored and there are normals.
        BadUnwrapping: The object's unwrapping is of no use.
        OutOfMemory: The machine's memory does not hold it.
    """
    _check_pictures(exemplar)
    width, height = recipe.size or default_size(exemplar.image.shape[-1], exemplar.image.shape[-2])
    recipe = replace(recipe, size=(width, height))
    sized = Sized(exemplar, recipe.scale)
    own = sized.own
    photos = [part.sources[0].image for part in own.parts]
    _check_sides(photos)
    side = measure_side(photos)
    forecast, of_memory = forecast_surface(mesh, height, width, side, network is not None, context)
    raster = rasterise(mesh, height, width, name)
    reduction = reduce_surface(raster, choose_factor(side, len(raster.texels)))
    wanted = None if own.scale_map is None else read_sizes(own.scale_map, reduction.atlas)
    if own.directions and find_mirrored(reduction.atlas) > _MIRRORED_SHARE:
        raise BadInput(
            f"Parts of “{name}” are mirrored in its unwrapping, and normals would be wrong "
            "there: turn these islands over, or leave the normal map out."
        )
    model = _choose_model(recipe, network) if network else None
    evaluations = (recipe.iterations or model.evaluations) if model else 0
    cost = count_cost(
        raster,
        len(own.image),
        len(own.views),
        (own.image.shape[-2], own.image.shape[-1]),
        model,
        network.describe() if network else None,
        evaluations,
        1.0 if wanted is None else float((1 / wanted**2).mean()),
    )
    notes = [] if recipe.model == Recipe().model else [_MODEL]
    return SurfacePlan(
        recipe=recipe,
        size=(height, width),
        sized=sized,
        photos=photos,
        reduction=reduction,
        wanted=wanted,
        model=model,
        level=Level(height, width, 1.0, 1.0, evaluations),
        forecast=forecast,
        cost=cost,
        notes=(*notes, *of_memory),
    )


def _check_pictures(exemplar: Exemplar) -> None:
    """Check that there is one whole picture for each part of the surface, all made anew.

    Raises:
        BadInput: There is not.
    """
    if exemplar.renewal is not None:
        raise BadInput(_WHOLE)
    whole = all(len(p.sources) == 1 and p.sources[0].mask is None for p in exemplar.parts)
    if exemplar.start is not None or not whole:
        raise BadInput(_PICTURES)


def _check_sides(photos: Sequence[Tensor]) -> None:
    """Check that there is enough of all photos at the recipe's scale.

    Raises:
        BadInput: One is too small.
    """
    for photo in photos:
        if min(photo.shape[-2:]) < MIN_EXEMPLAR:
            raise BadInput(
                f"At this scale the photo has {photo.shape[-1]} × {photo.shape[-2]} pixels: a "
                f"texture needs at least {MIN_EXEMPLAR} × {MIN_EXEMPLAR}."
            )


def _choose_model(recipe: Recipe, network: FeatureNetwork) -> TextureModel:
    """Choose the model that mends joints: the default one, whatever the recipe says."""
    default = Recipe()
    recipe = replace(recipe, model=default.model, version=default.version)
    return choose_model(recipe, network)[0].at_level(1)
