"""Read the marks that Texcore leaves on images: recipe, source, what belongs together."""

from __future__ import annotations

import re

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.recipe import Recipe

RECIPE_PROPERTY = "texcore_recipe"
SOURCE_PROPERTY = "texcore_source"
STANDS_FOR = "texcore_stands_for"  #: of a preview: the image whose place it has taken
SET_PROPERTY = "texcore_set"  #: a word that the maps that were made as one have in common
DERIVED_PROPERTY = "texcore_derived"  #: of a map guessed from a base color: its kind
DERIVED_FROM = "texcore_derived_from"  #: of such a map: what that base color was made from
EXTENT_PROPERTY = "texcore_extent"  #: see `measure_extent`, where the recipe does not tell
MADE_PROPERTY = "texcore_made"  #: when, in seconds since 1970
NAME_BYTES = 63  # Blender 4's limit for names; longer ones lose their end


def is_result(image: bpy.types.Image) -> bool:
    """Return whether Texcore has made an image."""
    return RECIPE_PROPERTY in image


def read_recipe(image: bpy.types.Image) -> Recipe | None:
    """Return how Texcore made an image; None if it has not, or a later version of it has."""
    try:
        return Recipe.loads(image[RECIPE_PROPERTY])
    except (KeyError, TypeError, BadInput):
        return None


def measure_extent(image: bpy.types.Image) -> tuple[float, float]:
    """Return width and height of an image in pixels of the picture it was learnt from.

    Those of a preview that was kept are the ones of the texture it is a preview of. Of the smaller
    maps of a material they are no whole numbers.
    """
    if EXTENT_PROPERTY in image:
        return tuple(image[EXTENT_PROPERTY])
    made = read_recipe(image)
    return made.size if made and made.size and not made.maps else tuple(image.size)


def find_original(image: bpy.types.Image) -> bpy.types.Image:
    """Return the image a result was made from, if it is still there; else the image itself.

    A second run thus learns from the photo again, not from its own first result.
    """
    source = image.get(SOURCE_PROPERTY)
    return source if isinstance(source, bpy.types.Image) else image


def list_made_together(image: bpy.types.Image) -> list[bpy.types.Image]:
    """Return the maps that were made as one with an image, itself among them."""
    word = image.get(SET_PROPERTY)
    if not word:
        return [image]
    return [other for other in bpy.data.images if other.get(SET_PROPERTY) == word]


def find_lineage(image: bpy.types.Image) -> tuple[bpy.types.Image, str]:
    """Return what images that take the same place share: their photo, and what is derived."""
    source = image.get(DERIVED_FROM)
    if isinstance(source, bpy.types.Image):
        return source, image.get(DERIVED_PROPERTY, "")
    return find_original(image), ""


def resolve_preview(image: bpy.types.Image) -> bpy.types.Image:
    """Return the image that a preview stands for; any other image itself."""
    real = image.get(STANDS_FOR)
    return real if isinstance(real, bpy.types.Image) else image


def name_result(name: str) -> str:
    """Name what is made from an image: without suffixes, however often it is repeated."""
    stem = re.sub(r"\.\d{3}$", "", name)
    stem = re.sub(r"\.(png|jpe?g|bmp|tga|tiff?|webp|exr|hdr)$", "", stem, flags=re.IGNORECASE)
    stem = re.sub(r" Texcore$", "", stem)
    room = NAME_BYTES - len(" Texcore.001")
    return stem.encode()[:room].decode(errors="ignore") + " Texcore"
