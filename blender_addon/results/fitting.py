"""Who can get a texture. One made for an object fits that, and those unwrapped as it is.

Anywhere else its islands would lie over faces that they were not made for.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.words import Choice
from ..images import marks
from . import owning, results, sets

NODE, USERS, SELECTED, MATERIAL = "NODE", "USERS", "SELECTED", "MATERIAL"
#: Who can get a texture.
RECEIVERS = (
    Choice(NODE, "This Node", "The Image Texture node that the panel names"),
    Choice(USERS, "All Users", "Every node that holds the old image or a texture made of it"),
    Choice(SELECTED, "Selected Objects", "A material with the texture, on every selected object"),
    Choice(MATERIAL, "New Material", "A new material with the texture, on the active object"),
)


def list_receivers(context: bpy.types.Context, to: str) -> list[bpy.types.Object]:
    """Return the objects that `SELECTED` or `MATERIAL` means.

    Raises:
        BadInput: There are none.
    """
    if to == SELECTED:
        things = list(context.selected_objects)
    else:
        active = context.view_layer.objects.active
        things = [active] if active else []
    if not things:
        raise BadInput("No object is selected: select those that shall get the texture.")
    return things


def check_receivers(context: bpy.types.Context, image: bpy.types.Image, to: str) -> None:
    """Check that a texture can be given to somebody.

    Args:
        context: Where the user is.
        image: The texture.
        to: One of `RECEIVERS`.

    Raises:
        BadInput: There is nobody, or it was made for another object.
    """
    if to == NODE:
        material = results.find_material(context, image)
        if not sets.is_set(image):
            results.find_node(context)
        check_material(image, material)
    elif to == USERS:
        check_users(image)
    else:
        check_objects(image, list_receivers(context, to))


def tell_refusal(context: bpy.types.Context, name: str, to: str) -> str:
    """Say why a texture cannot be given to somebody; nothing where it can.

    Args:
        context: Where the user is.
        name: See `results.chosen`.
        to: See `check_receivers`.
    """
    try:
        check_receivers(context, results.chosen(context, name), to)
    except BadInput as e:
        return str(e)
    return ""


def check_objects(image: bpy.types.Image, things: Iterable[bpy.types.Object]) -> None:
    """Check that a texture fits each of some objects, as far as these take materials.

    Raises:
        BadInput: It was made for another object.
    """
    if not marks.read_object(image):
        return
    owners = owning.find_owners(image)
    takers = [thing for thing in things if hasattr(thing.data, "materials")]
    if not all(_fits(image, thing, owners) for thing in takers):
        raise BadInput(_refuse(image))


def check_material(image: bpy.types.Image, material: bpy.types.Material | None) -> None:
    """Check that a texture fits a material.

    Raises:
        BadInput: It was made for another object.
    """
    if not fits_material(image, material):
        raise BadInput(_refuse(image))


def fits_material(image: bpy.types.Image, material: bpy.types.Material | None) -> bool:
    """Return whether a texture fits any of the objects that have a material, if there are some."""
    if material is None or not marks.read_object(image):
        return True
    # The panel asks each time it is drawn: of objects with the same mesh one is enough.
    things = {
        thing.data: thing
        for thing in bpy.data.objects
        if any(slot.material == material for slot in thing.material_slots)
    }
    owners = owning.find_owners(image)
    return not things or any(_fits(image, thing, owners) for thing in things.values())


def check_users(image: bpy.types.Image) -> None:
    """Check that a texture may go wherever its photo is.

    Raises:
        BadInput: It was made for an object.
    """
    if marks.read_object(image):
        raise BadInput(_refuse(image))


def _refuse(image: bpy.types.Image) -> str:
    return (
        f"“{image.name}” was made for “{marks.read_object(image)}” and fits no other object: make "
        "one for those by Synthesize on Object."
    )


def _fits(
    image: bpy.types.Image, thing: bpy.types.Object, owners: Iterable[bpy.types.Object]
) -> bool:
    """Return whether a texture that was made for one of some objects fits an object too."""
    uv_map = marks.read_uv_map(image)
    return any(_is_unwrapped_alike(thing, own, uv_map) for own in owners)


def _is_unwrapped_alike(thing: bpy.types.Object, own: bpy.types.Object, uv_map: str) -> bool:
    """Return whether an object is another, or its UV map of a name is that of the other."""
    if thing.data == own.data:
        return True
    mine, theirs = (_find_layer(each, uv_map) for each in (own, thing))
    if mine is None or theirs is None or len(mine.uv) != len(theirs.uv):
        return False
    return np.array_equal(_read_layout(mine), _read_layout(theirs))


def _find_layer(thing: bpy.types.Object, uv_map: str) -> bpy.types.MeshUVLoopLayer | None:
    """Return an object's UV map; None if there is none, or nothing in it to be read."""
    layers = getattr(thing.data, "uv_layers", None)
    layer = layers.get(uv_map) if layers is not None else None
    return layer if layer is not None and len(layer.uv) else None  # in Edit Mode it is elsewhere


def _read_layout(layer: bpy.types.MeshUVLoopLayer) -> np.ndarray:
    """Return the coordinates of a UV map, flat."""
    flat = np.empty(2 * len(layer.uv), np.float32)
    layer.uv.foreach_get("vector", flat)
    return flat
