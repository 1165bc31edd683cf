"""Say how long what the panel asks for will take, from numbers in memory alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import bpy

from ..add_on import get_preferences
from ..bundled.texcore.contract import estimates
from ..bundled.texcore.contract.choices import SKETCH
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import PICTURE
from ..bundled.texcore.contract.recipe import Recipe
from ..engine import estimating
from ..engine.job import engine
from ..images import marks, tiles
from ..nodes import maps, places
from .settings import Options

#: What is quicker, by quality.
QUICKER = {"high": "draft", "standard": "draft", "draft": SKETCH}


@dataclass(frozen=True)
class Outlook:
    """How long something will take, and where.

    Attributes:
        seconds: All of it.
        device: ``CPU``, or the name of a graphics card.
    """

    seconds: float
    device: str


def look_ahead(
    options: Options,
    kinds: Sequence[str],
    width: int,
    height: int,
    grid: tuple[int, int] = (1, 1),
) -> Outlook | None:
    """Say how long a task will take.

    Args:
        options: What is asked for, of an engine that runs.
        kinds: Of the maps.
        width, height: Of the largest image to learn from, in pixels.
        grid: UDIM tiles, across and up, that it goes over.

    Returns:
        None where nobody knows, as before the first texture, of a mixture or a part, or of another
        computer.
    """
    if get_preferences(bpy.context).host.strip():
        return None
    if options.mix or options.mask or options.repairs:
        return None
    across, up = grid
    size = (
        across * (options.width or options.times * width),
        up * (options.height or options.times * height),
    )
    try:
        asked = estimates.Asked(
            replace(options.recipe, size=size),
            (height, width),
            tuple(kinds),
            options.device,
            options.weights,
            bool(options.object),
            options.solid,
        )
        found = estimates.estimate(estimating.known, asked)
    except BadInput:
        return None
    if found is None:
        return None
    expected, place = found
    device = "CPU" if place.device == "cpu" else place.name
    return Outlook(expected.total, device)


def of_image(options: Options, image: bpy.types.Image | None) -> Outlook | None:
    """Say how long a new texture of one image will take."""
    source = None if image is None else marks.find_original(image)
    # Asking for the size of an image that is not loaded would load it.
    if source is None or not source.has_data:
        return None
    return _of_sources(options, (PICTURE,), [source])


def of_material(options: Options, material: bpy.types.Material | None) -> Outlook | None:
    """Say how long all maps of a material will take; None also of a material with one alone."""
    try:
        found = [] if material is None else maps.find_maps(material)
        sources = [marks.find_original(places.get_image(entry.uid)) for entry in found]
    except BadInput:
        return None
    if len(found) < 2 or not all(source.has_data for source in sources):
        return None
    return _of_sources(options, [entry.kind for entry in found], sources)


def _of_sources(
    options: Options, kinds: Sequence[str], sources: Sequence[bpy.types.Image]
) -> Outlook | None:
    """Say how long the maps of some images will take, the first of which says the tiles."""
    width, height = max((tiles.measure(s) for s in sources), key=lambda size: size[0] * size[1])
    try:
        grid = tiles.find_grid(sources[0])
    except BadInput:
        return None
    return _add_start(look_ahead(options, kinds, width, height, grid))


def _add_start(ahead: Outlook | None) -> Outlook | None:
    """Add what an engine takes to start, where none runs."""
    if ahead is None or engine.running:
        return ahead
    return replace(ahead, seconds=ahead.seconds + estimating.known.start)


def make_quicker(recipe: Recipe) -> Recipe | None:
    """Return a recipe of the quicker quality; None if there is none."""
    quality = QUICKER.get(recipe.quality)
    return None if quality is None else replace(recipe, quality=quality)
