"""Estimate how long a run will take here, from what runs have taken here before.

It is said before anybody has pressed a button, and nothing is said where nothing is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from . import solids
from .calibration import Calibration, ComputeDevice, Expected, name_in_solids, name_on_objects
from .choices import SKETCH
from .costs import Cost, Shape, count_cost, count_views, keeps_arrangement
from .part_setting import find_rectangle
from .recipe import MIN_EXEMPLAR, Recipe
from .schedule import Schedule
from .surface_costs import USUAL_SHARE, SurfaceShape, count_surface_cost

#: From so many seconds on the panel offers a quicker quality.
LONG_SECONDS = 180.0
# Of exemplars, about so many repeat; by sizes alone nobody can tell which.
_REPEATING_SHARE = 0.25


@dataclass(frozen=True)
class Asked:
    """What somebody is about to make.

    Attributes:
        recipe: With its size.
        exemplar: Height and width of the largest picture in pixels.
        kinds: Of the maps.
        device: Word for the device.
        weights: Word for the weights.
        on_object: Whether it is for an object, and not for a plane.
        solid: Whether it is a solid texture.
    """

    recipe: Recipe
    exemplar: tuple[int, int]
    kinds: tuple[str, ...]
    device: str = "auto"
    weights: str = "auto"
    on_object: bool = False
    solid: bool = False


def estimate(known: Calibration, asked: Asked) -> tuple[Expected, ComputeDevice] | None:
    """Estimate how long something will take, and where.

    Args:
        known: Of the user's devices.
        asked: What is to be made.

    Returns:
        None where the device, the network or the model is not known here: a number that is wrong
        is worse than none.
    """
    place = known.places.get(asked.device)
    network = known.networks.get(asked.weights, "")
    of = SKETCH if asked.recipe.quality == SKETCH else network
    named = name_on_objects(of) if asked.on_object else of
    if asked.solid:
        named = name_in_solids(of)
    rates = known.find_rates(place, named) if place else None
    several = len(asked.kinds) > 1
    schedule = known.find_schedule(asked.recipe, network, several)
    if place is None or rates is None or schedule is None or asked.recipe.size is None:
        return None
    width, height = asked.recipe.size
    channels, views, coarse = count_views(asked.kinds)
    if asked.solid and asked.recipe.quality == SKETCH:
        return None
    if asked.on_object or asked.solid:
        if asked.solid:
            cost = _count_solid(schedule, asked.recipe, channels, views)
        else:
            cost = _count_on_object(schedule, asked, (height, width))
        expected = rates.expect(cost)
        return None if expected is None else (expected, place)
    exemplar = _measure_learnt(asked)
    shape = Shape(
        exemplar,
        (height, width),
        asked.exemplar,
        channels,
        views,
        coarse,
        repeats=_REPEATING_SHARE,
        at_home=keeps_arrangement(asked.recipe.arrangement, (height, width), exemplar),
        straighten=asked.recipe.straighten,
        progress=asked.recipe.progress != "none",
        untiled=rates.untiled,
    )
    levels = schedule.plan(exemplar, (height, width))
    expected = rates.expect(count_cost(schedule, levels, shape))
    return None if expected is None else (expected, place)


def _count_on_object(schedule: Schedule, asked: Asked, size: tuple[int, int]) -> Cost:
    """Count what a texture for an object takes, of which no more is known than that it is one."""
    channels, views, _ = count_views(asked.kinds)
    scale, (height, width) = asked.recipe.scale, _measure_learnt(asked)
    photo = scale * height, scale * width
    shape = SurfaceShape(size, USUAL_SHARE * size[0] * size[1], photo, channels, views)
    if asked.recipe.quality == SKETCH:
        return count_surface_cost(shape, 0, 0.0, 0)
    evaluations = schedule.evaluations if schedule.finer is None else schedule.finer
    evaluations = asked.recipe.iterations or evaluations
    return count_surface_cost(shape, evaluations, schedule.rest.products, schedule.rest.layers)


def _count_solid(schedule: Schedule, recipe: Recipe, channels: int, views: int) -> Cost:
    """Count what a solid texture takes."""
    levels = solids.plan_levels(int(recipe.voxels), recipe.quality, recipe.iterations)
    products, layers = views * schedule.rest.products, schedule.rest.layers
    return solids.count_solid_cost(levels, recipe.cuts, products, layers, channels)


def _measure_learnt(asked: Asked) -> tuple[int, int]:
    """Return height and width of what is learnt from: of a rectangle, if the recipe names one."""
    height, width = asked.exemplar
    rectangle = find_rectangle(asked.recipe.learn_from)
    if rectangle is None:
        return height, width
    _, _, wide, high = rectangle.scale(width, height)
    return max(high, MIN_EXEMPLAR), max(wide, MIN_EXEMPLAR)


def format_duration(seconds: float) -> str:
    """Write a time in words, to the second below an hour and to the minute beyond it.

    Anything shorter than a second is told as one.

    Example:
        >>> [format_duration(n) for n in (0.2, 8, 60, 125, 3600, 4210)]
        ['1 s', '8 s', '1 min', '2 min 5 s', '1 h', '1 h 10 min']
    """
    minutes, rest = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min")] if hours else [(minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def format_rough_duration(seconds: float) -> str:
    """Write a time as somebody tells it who does not know exactly.

    Example:
        >>> [format_rough_duration(n) for n in (0.2, 23, 77, 500, 5000)]
        ['1 s', '25 s', '1 min 20 s', '8 min', '1 h 25 min']
    """
    return format_duration(round_seconds(seconds))


def round_seconds(seconds: float) -> int:
    """Round a time as a person says it who does not know exactly.

    Example:
        >>> [round_seconds(n) for n in (0.2, 3.4, 23.0, 77.0, 500.0, 5000.0)]
        [1, 3, 25, 80, 480, 5100]
    """
    steps = ((10, 1), (60, 5), (120, 10), (600, 60), (math.inf, 300))
    step = next(step for most, step in steps if seconds < most)
    return max(1, round(seconds / step) * step)
