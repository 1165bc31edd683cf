"""Read the marks that Texcore leaves on images: recipe, source, what belongs together.

Marks come out of files, which may be of another version, damaged, or meant to do harm. So each is
read here and nowhere else, as what it has to be and within bounds. One that makes no sense counts
as one that is not there; `list_senseless` names it.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import DERIVABLE
from ..bundled.texcore.contract.recipe import Recipe

RECIPE_PROPERTY = "texcore_recipe"
SOURCE_PROPERTY = "texcore_source"
STANDS_FOR = "texcore_stands_for"  #: of a preview: the image whose place it has taken
SET_PROPERTY = "texcore_set"  #: a word that the maps that were made as one have in common
DERIVED_PROPERTY = "texcore_derived"  #: of a map guessed from a base color: its kind
DERIVED_FROM = "texcore_derived_from"  #: of such a map: what that base color was made from
EXTENT_PROPERTY = "texcore_extent"  #: see `measure_extent`, where the recipe does not tell
REPEATS_PROPERTY = "texcore_repeats"  #: whole periods of what repeats, across and up
MADE_PROPERTY = "texcore_made"  #: when, in seconds since 1970
OBJECT_PROPERTY = "texcore_object"  #: name of the object that a result was made for
UV_PROPERTY = "texcore_uv_map"  #: of such a result: name of the UV map that it lies in
PRESS_PROPERTY = "texcore_press"  #: a word that the textures of one press have in common
SCALE_BEFORE = "texcore_scale_before"  #: of a preview: by its nodes' names, their coordinates'
NAME_BYTES = 63  # Blender 4's limit for names; longer ones lose their end
RECIPE_LETTERS = 1 << 14  #: of the longest recipe that is read; those of today have 3,000 at most
WORD_LETTERS = 100
NAME_LETTERS = 255  #: of the name of anything in Blender
MAX_EXTENT = 1e6  #: in pixels
MAX_SCALE = 1e6
LAST_SECOND = 32_535_215_999  #: of the year 3000, the last that every platform can tell
MAX_REPEATS = 4096  #: finer ones than this have less than a texel of a usual texture
_RECIPES_KEPT = 512


def is_result(image: bpy.types.Image) -> bool:
    """Return whether Texcore has made an image."""
    return bool(_read_text(image, RECIPE_PROPERTY, RECIPE_LETTERS))


def read_recipe(image: bpy.types.Image) -> Recipe | None:
    """Return how Texcore made an image; None if it has not, or a later version of it has."""
    text = _read_text(image, RECIPE_PROPERTY, RECIPE_LETTERS)
    return _parse_recipe(text) if text else None


@functools.lru_cache(_RECIPES_KEPT)
def _parse_recipe(text: str) -> Recipe | None:
    """Return the recipe of a text; None if it is none. Panels ask for the same again and again."""
    try:
        return Recipe.loads(text)
    except (BadInput, TypeError, ValueError, ArithmeticError):
        return None


def read_made(image: bpy.types.Image) -> float:
    """Return when a result was made, in seconds since 1970; 0 if nobody knows."""
    made = image.get(MADE_PROPERTY)
    return float(made) if _is_time(made) else 0.0


def read_repeats(image: bpy.types.Image) -> tuple[int, int]:
    """Return how many whole periods go round an image, across and up; 0 where nobody knows."""
    counts = _read_repeats(image)
    return (0, 0) if counts is None else counts


def note_repeats(image: bpy.types.Image, counts: Sequence[int]) -> None:
    """Note how many whole periods go round an image, if there are any and they make sense."""
    if any(counts):
        image[REPEATS_PROPERTY] = counts
        if _read_repeats(image) is None:
            del image[REPEATS_PROPERTY]


def read_set(image: bpy.types.Image) -> str:
    """Return the word that the maps made as one with an image share; empty for one by itself."""
    return _read_text(image, SET_PROPERTY, WORD_LETTERS)


def read_press(image: bpy.types.Image) -> str:
    """Return the word that the textures made by the same press share; empty for one by itself."""
    return _read_text(image, PRESS_PROPERTY, WORD_LETTERS)


def read_derived(image: bpy.types.Image) -> str:
    """Return the kind of a map that was guessed from a base color; empty for any other image."""
    kind = _read_text(image, DERIVED_PROPERTY, WORD_LETTERS)
    return kind if kind in DERIVABLE else ""


def read_object(image: bpy.types.Image) -> str:
    """Return the name of the object that an image was made for; empty for any other image."""
    return _read_text(image, OBJECT_PROPERTY, NAME_LETTERS) if read_uv_map(image) else ""


def read_uv_map(image: bpy.types.Image) -> str:
    """Return the name of the UV map that an image lies in; empty where it is for no object."""
    return _read_text(image, UV_PROPERTY, NAME_LETTERS)


def measure_extent(image: bpy.types.Image) -> tuple[float, float]:
    """Return width and height of an image in pixels of the picture it was learnt from.

    Those of a preview that was kept are the ones of the texture it is a preview of. Of the smaller
    maps of a material they are no whole numbers.
    """
    sides = _read_extent(image)
    if sides is not None:
        return sides
    made = read_recipe(image)
    # The recipe of UDIM tiles has the size of all together.
    whole = made is not None and not made.maps and image.source != "TILED"
    return made.size if made and made.size and whole else tuple(image.size)


def find_original(image: bpy.types.Image) -> bpy.types.Image:
    """Return the image a result was made from, if it is still there; else the image itself.

    A second run thus learns from the photo again, not from its own first result.
    """
    return _read_image(image, SOURCE_PROPERTY) or image


def list_made_together(image: bpy.types.Image) -> list[bpy.types.Image]:
    """Return the maps that were made as one with an image, itself among them."""
    word = read_set(image)
    if not word:
        return [image]
    return [other for other in bpy.data.images if read_set(other) == word]


def find_lineage(image: bpy.types.Image) -> tuple[bpy.types.Image, str]:
    """Return what images that take the same place share: their photo, and what is derived."""
    source = _read_image(image, DERIVED_FROM)
    if source is not None:
        return source, read_derived(image)
    return find_original(image), ""


def is_preview(image: bpy.types.Image) -> bool:
    """Return whether an image stands for another, or for one that is gone, until it is finished."""
    if STANDS_FOR not in image:
        return False
    if image[STANDS_FOR] is None:  # the artist has removed it
        return image.source == "GENERATED" and image.packed_file is None
    return resolve_preview(image) != image


def resolve_preview(image: bpy.types.Image) -> bpy.types.Image:
    """Return the image that a preview stands for; any other image itself.

    No preview stands for another: a mark that says so is passed over.
    """
    real = _read_image(image, STANDS_FOR)
    return image if real is None or STANDS_FOR in real else real


def read_scales(preview: bpy.types.Image) -> dict[str, tuple[float, ...]]:
    """Return what the coordinates of a preview's nodes were scaled by, by the nodes' names."""
    value = preview.get(SCALE_BEFORE)
    if not isinstance(value, Mapping) and not hasattr(value, "items"):
        return {}
    scales = {name: _read_numbers(scale, 3) for name, scale in value.items()}
    return {
        name: scale
        for name, scale in scales.items()
        if scale is not None and all(abs(factor) <= MAX_SCALE for factor in scale)
    }


def list_senseless(image: bpy.types.Image) -> list[str]:
    """Return the names of an image's marks that make no sense and are passed over."""
    return [name for name, fits in _FITTING.items() if name in image and not fits(image)]


def _read_image(image: bpy.types.Image, name: str) -> bpy.types.Image | None:
    """Return the image that a mark points to; None where it points to nothing, or to none."""
    value = image.get(name)
    return value if isinstance(value, bpy.types.Image) else None


def _read_text(image: bpy.types.Image, name: str, letters: int) -> str:
    """Return a mark that is a text; empty where there is none, or one that is too long."""
    value = image.get(name)
    return value if isinstance(value, str) and len(value) <= letters else ""


def _read_numbers(value: Any, count: int) -> tuple[float, ...] | None:
    """Return so many finite numbers; None where a value is anything else."""
    # Blender's own class of such a list has no public name.
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__") or len(value) != count:
        return None
    numbers = tuple(value)
    return tuple(map(float, numbers)) if all(map(_is_number, numbers)) else None


def _is_number(value: Any) -> bool:
    """Return whether a value is a finite number."""
    is_one = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_one and math.isfinite(value)


def _is_time(value: Any) -> bool:
    """Return whether a value is a time that can be told, in seconds since 1970."""
    return _is_number(value) and 0 < value <= LAST_SECOND


def _points(image: bpy.types.Image, name: str) -> bool:
    """Return whether a mark points to an image, or to one that is gone."""
    return image[name] is None or isinstance(image[name], bpy.types.Image)


def _read_extent(image: bpy.types.Image) -> tuple[float, float] | None:
    """Return the extent that a mark tells; None where there is none that can be."""
    return read_sides(image.get(EXTENT_PROPERTY))


def read_sides(value: Any) -> tuple[float, float] | None:
    """Return width and height that a mark tells; None where it tells none that can be."""
    sides = _read_numbers(value, 2)
    if sides is None or not all(0 < side <= MAX_EXTENT for side in sides):
        return None
    return sides[0], sides[1]


def read_factors(value: Any) -> tuple[float, float] | None:
    """Return what a mark tells coordinates to be multiplied by; None where it tells no such two."""
    factors = _read_numbers(value, 2)
    if factors is None or not all(1 / MAX_SCALE <= factor <= MAX_SCALE for factor in factors):
        return None
    return factors[0], factors[1]


def _read_repeats(image: bpy.types.Image) -> tuple[int, int] | None:
    """Return the counts that a mark tells; None where there are none that can be."""
    counts = _read_numbers(image.get(REPEATS_PROPERTY), 2)
    if counts is None or not all(0 <= n <= MAX_REPEATS and n == int(n) for n in counts):
        return None
    return int(counts[0]), int(counts[1])


# For each mark, whether that of an image makes sense. A recipe of a later version does.
_FITTING = {
    RECIPE_PROPERTY: is_result,
    SOURCE_PROPERTY: lambda image: _points(image, SOURCE_PROPERTY),
    STANDS_FOR: is_preview,
    SET_PROPERTY: lambda image: bool(read_set(image)),
    PRESS_PROPERTY: lambda image: bool(read_press(image)),
    DERIVED_PROPERTY: lambda image: bool(read_derived(image)),
    DERIVED_FROM: lambda image: _points(image, DERIVED_FROM),
    EXTENT_PROPERTY: lambda image: _read_extent(image) is not None,
    REPEATS_PROPERTY: lambda image: _read_repeats(image) is not None,
    OBJECT_PROPERTY: lambda image: bool(read_object(image)),
    UV_PROPERTY: lambda image: bool(read_uv_map(image)),
    MADE_PROPERTY: lambda image: _is_time(image[MADE_PROPERTY]),
}


def name_result(name: str) -> str:
    """Name what is made from an image: without suffixes, however often it is repeated."""
    stem = re.sub(r"\.\d{3}$", "", name)
    stem = re.sub(r"\.(png|jpe?g|bmp|tga|tiff?|webp|exr|hdr)$", "", stem, flags=re.IGNORECASE)
    stem = re.sub(r" Texcore$", "", stem)
    room = NAME_BYTES - len(" Texcore.001")
    return stem.encode()[:room].decode(errors="ignore") + " Texcore"
