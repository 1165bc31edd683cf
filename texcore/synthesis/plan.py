"""Plan a run before it begins: sizes, levels, tiles and memory, from numbers alone.

`prepare_exemplar` looks at pixels once; all that follows from what it finds is a `Plan`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..contract.costs import keeps_arrangement
from ..contract.errors import BadInput
from ..contract.notes import tell_change
from ..contract.part_setting import Rectangle, find_rectangle
from ..contract.recipe import MIN_EXEMPLAR, Recipe, default_size
from ..exemplars.evenness import Evenness, Part
from ..exemplars.exemplar import Exemplar
from ..exemplars.facts import ExemplarFacts, describe_exemplar
from ..features.facts import NetworkFacts
from ..layout.period_fit import PeriodFit, find_exemplar_bond, find_exemplar_periods, fit_bond
from ..layout.straightening import straighten
from ..models.model import TextureModel
from ..runtime.context import Machine
from ..surfaces import resizing
from ..surfaces.torus import Torus
from . import forecast
from .forecast import Forecast
from .levels import Level, plan_levels
from .tiling import TileLimits, limit_tiles

_NO_PART = "Of a single photo a part can be learnt from: leave the other pictures out."
_KEPT = "What stays of the photo needs all of it: let all of it be learnt from."
_NO_PROGRESS = (
    "Only the default model, of one picture, keeps how a photo changes: "
    "use it, or leave the progress out."
)


@dataclass(frozen=True)
class Plan:
    """All that is decided about a run before it begins.

    Attributes:
        recipe: With the size of the result.
        model: What is optimised, and how.
        learnt_size: Height and width, in texels, of the part of the exemplar that is learnt from.
        torus: Which axes of the result wrap.
        canvas_size: Height and width, in texels, of the canvas that the result is cut from.
        levels: From coarse to fine.
        period_fit: What the exemplar is scaled by, and its periods on the canvas.
        tile_limits: How large a part of the canvas the network is shown at a time.
        forecast: What memory the run will take.
        notes: What the user should know, a sentence each.
        keeps_freed_memory: Whether so much is free that the heap may keep what is freed.
        stays_at_home: Whether a layout leaves the exemplar's large things where they are.
        is_placed: Whether something on the canvas has its place, so that it must not be moved.
        renews: Whether only a part of it is made anew.
    """

    recipe: Recipe
    model: TextureModel
    learnt_size: tuple[int, int]
    torus: Torus
    canvas_size: tuple[int, int]
    levels: tuple[Level, ...]
    period_fit: PeriodFit
    tile_limits: TileLimits
    forecast: Forecast
    notes: tuple[str, ...]
    keeps_freed_memory: bool
    stays_at_home: bool
    is_placed: bool
    renews: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the result in texels."""
        return _get_size(self.recipe)

    @property
    def free_axes(self) -> tuple[bool, bool]:
        """Whether what is on the canvas may be moved down, and across."""
        free = not self.is_placed and not self.renews
        y, x = (free and axis != self.recipe.progress for axis in "yx")
        return y, x

    @property
    def repeats(self) -> tuple[int, int]:
        """How many whole periods go round the result, across and up; 0 where none do."""
        down, across = (
            round(n / period) if period and wraps else 0
            for period, n, wraps in zip(
                self.period_fit.periods,
                self.canvas_size,
                (self.torus.y, self.torus.x),
                strict=True,
            )
        )
        return across, down


def fill_size(recipe: Recipe, height: int, width: int) -> Recipe:
    """Fill in the size of the result where a recipe leaves it to the exemplar.

    Args:
        recipe: As asked for.
        height, width: Of the exemplar in texels, as it was read.

    Example:
        >>> fill_size(Recipe(), height=40, width=52).size
        (52, 40)
    """
    return replace(recipe, size=recipe.size or default_size(width, height))


def prepare_exemplar(
    exemplar: Exemplar, recipe: Recipe, model: TextureModel, device: torch.device
) -> tuple[Exemplar, ExemplarFacts]:
    """Make an exemplar ready for a run, and describe it: all that a plan needs of its pixels.

    A rectangle that the recipe names is cut out first. Where the model lays it out it is
    straightened, if the recipe says so, and its periods are found. Of the picture that is left the
    even part is cut out, if the recipe says so. What lies over the result is brought to the size of
    the canvas.

    Args:
        exemplar: As read, on the CPU.
        recipe: With its size.
        model: Of the recipe.
        device: Where the run computes.

    Returns:
        The exemplar on the device, and its facts.

    Raises:
        BadInput: A part is asked for of an exemplar that is more than a picture, or one that is too
            small.

    Example:
        >>> from texcore.features import RandomBank
        >>> from texcore.models.presets import make_preset
        >>> model = make_preset("gatys", RandomBank.seeded(channels=4))
        >>> exemplar = Exemplar.of(torch.zeros(3, 40, 52))
        >>> _, facts = prepare_exemplar(
        ...     exemplar, Recipe(size=(64, 64)), model, torch.device("cpu")
        ... )
        >>> facts.height, facts.width, facts.periods
        (40, 52, (None, None))
    """
    notes: list[str] = []
    if (rectangle := find_rectangle(recipe.learn_from)) is not None:
        exemplar, notes = _take_rectangle(exemplar, rectangle)
    if model.keeps_picture and exemplar.start is None:
        exemplar = replace(exemplar, start=exemplar.image)
    free = model.lays_out and exemplar.renewal is None
    if free and recipe.straighten:
        exemplar, more = straighten(exemplar)
        notes = [*notes, *more]
    if recipe.learn_from == "even":
        exemplar, more = _take_even_part(exemplar)
        notes = [*notes, *more]
    torus, size = Torus.from_tile(recipe.tile), _get_size(recipe)

    def lay(x: Tensor) -> Tensor:
        return torus.extended(resizing.scaled_to(x.to(device), *size))

    exemplar = exemplar.mapped(lambda x: x.to(device), lay)
    periods = find_exemplar_periods(exemplar) if free else (None, None)
    h, w = exemplar.image.shape[-2:]
    anew = model.detail == "sewn" and not keeps_arrangement(recipe.arrangement, size, (h, w))
    bond = find_exemplar_bond(exemplar, periods) if free and anew else None
    change = Evenness(exemplar).find_change() if free else ""
    return exemplar, describe_exemplar(exemplar, periods, tuple(notes), change, bond)


def _take_even_part(exemplar: Exemplar) -> tuple[Exemplar, list[str]]:
    """Cut out the largest part that is one texture; returns what the user should know, too."""
    _check_single(exemplar)
    return _take_part(exemplar, Evenness(exemplar).find_part())


def _take_rectangle(exemplar: Exemplar, rectangle: Rectangle) -> tuple[Exemplar, list[str]]:
    """Cut out a rectangle of the photo as it is; returns what the user should know, too."""
    _check_single(exemplar)
    height, width = exemplar.image.shape[-2:]
    part = Part(*rectangle.scale(width, height))
    if min(part.width, part.height) < MIN_EXEMPLAR:
        raise BadInput(
            f"The rectangle has {part.width} × {part.height} of the photo's {width} × {height} "
            f"pixels: a texture needs at least {MIN_EXEMPLAR} × {MIN_EXEMPLAR}."
        )
    return _take_part(exemplar, part)


def _check_single(exemplar: Exemplar) -> None:
    """Check that a part of an exemplar can be cut out, which lies over nothing else.

    Raises:
        BadInput: It cannot.
    """
    if exemplar.renewal is not None:
        raise BadInput(_KEPT)
    if not exemplar.plain or exemplar.start is not None:
        raise BadInput(_NO_PART)


def _take_part(exemplar: Exemplar, part: Part) -> tuple[Exemplar, list[str]]:
    """Cut a part out of an exemplar; returns it, and a sentence that says so."""
    height, width = exemplar.image.shape[-2:]
    if (part.width, part.height) == (width, height):
        return exemplar, []
    note = (
        f"Of the photo's {width} × {height} pixels the {part.width} × {part.height} "
        f"from ({part.left}, {part.top}) on were used, as one texture."
    )
    return replace(exemplar, image=part.cut(exemplar.image)), [note]


def plan_synthesis(
    recipe: Recipe,
    model: TextureModel,
    exemplar: ExemplarFacts,
    network: NetworkFacts,
    machine: Machine,
    notes: Sequence[str] = (),
) -> Plan:
    """Plan a run.

    Args:
        recipe: With its size, see `fill_size`.
        model: Of the recipe, chosen for the network and the exemplar.
        exemplar: See `prepare_exemplar`.
        network: Gives the features.
        machine: That the run is planned for.
        notes: What the user should know about the model; the plan's come after them.

    Raises:
        BadInput: A progression is asked for of a model that would not keep it.
        OutOfMemory: The machine does not hold the run, however small the tiles. Of a run that
            several processes make together nothing is refused: none of them may stop alone.

    Example:
        >>> from texcore.features import RandomBank
        >>> from texcore.models.presets import make_preset
        >>> network = RandomBank.seeded(channels=4).describe()
        >>> plan = plan_synthesis(
        ...     Recipe(model="default", size=(256, 128)),
        ...     make_preset("default", network),
        ...     ExemplarFacts(height=128, width=128),
        ...     network,
        ...     Machine(free=10**10),
        ... )
        >>> [(level.height, level.width) for level in plan.levels]
        [(64, 128), (128, 256)]
    """
    keeps_change = model.lays_out and model.detail == "sewn" and not exemplar.renews
    if recipe.progress != "none" and not keeps_change:
        raise BadInput(_NO_PROGRESS)
    torus, size = Torus.from_tile(recipe.tile), _get_size(recipe)
    canvas = torus.canvas_size(*size)
    fit = PeriodFit()
    if model.lays_out:
        shown, wraps = (exemplar.height, exemplar.width), (torus.y, torus.x)
        fit = fit_bond(exemplar.bond, exemplar.periods, shown, canvas, wraps)
    levels = plan_levels(model, recipe, network, exemplar, canvas, fit.scales)
    tiles = limit_tiles(
        network,
        model.layer_names,
        machine,
        exemplar.views,
        len(model.octaves),
        forecast.demand(model, exemplar, *canvas).without_maps,
    )

    def demand_levels(levels: Sequence[Level], least: bool) -> list[forecast.Demand]:
        return [
            forecast.demand(model, exemplar, level.height, level.width, tiles, least)
            for level in levels
        ]

    def estimate_least(height: int, width: int) -> int:
        of_size = torus.canvas_size(height, width)
        others = plan_levels(model, recipe, network, exemplar, of_size)
        return forecast.peak_bytes(demand_levels(others, least=True))

    needed = forecast.forecast_run(demand_levels(levels, least=False), machine.in_use)
    of_memory: list[str] = []
    keeps_freed = False
    if machine.processes == 1:
        of_memory = forecast.check(needed, machine.free, size, estimate_least)
        keeps_freed = machine.device == "cpu" and forecast.is_ample(needed, machine.free)
    at_home = keeps_arrangement(recipe.arrangement, size, (exemplar.height, exemplar.width))
    of_change = []
    if exemplar.change and not at_home and recipe.progress == "none":
        of_change = [tell_change(exemplar.change)]
    return Plan(
        recipe=recipe,
        model=model,
        learnt_size=(exemplar.height, exemplar.width),
        torus=torus,
        canvas_size=canvas,
        levels=levels,
        period_fit=fit,
        tile_limits=tiles,
        forecast=forecast.add_kept(needed) if keeps_freed else needed,
        notes=(*notes, *exemplar.notes, *fit.notes, *of_change, *of_memory),
        keeps_freed_memory=keeps_freed,
        stays_at_home=at_home and model.lays_out,
        is_placed=model.keeps_picture or exemplar.masked,
        renews=exemplar.renews,
    )


def _get_size(recipe: Recipe) -> tuple[int, int]:
    """Get height and width of the result from a recipe that has its size."""
    if recipe.size is None:
        raise ValueError("the recipe has no size: fill it in with fill_size")
    width, height = recipe.size
    return height, width
