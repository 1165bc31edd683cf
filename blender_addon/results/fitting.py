"""Whom a texture fits that was made for an object: that object, and those unwrapped as it is.

Anywhere else its islands would lie over faces that they were not made for.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks


def check_objects(image: bpy.types.Image, things: Iterable[bpy.types.Object]) -> None:
    """Check that a texture fits each of some objects, as far as these take materials.

    Raises:
        BadInput: It was made for another object.
    """
    if all(_fits(image, thing) for thing in things if hasattr(thing.data, "materials")):
        return
    raise BadInput(_refuse(image))


def check_material(image: bpy.types.Image, material: bpy.types.Material | None) -> None:
    """Check that a texture fits any of the objects that have a material, if there are some.

    Raises:
        BadInput: It was made for another object.
    """
    things = [
        thing
        for thing in bpy.data.objects
        if material is not None and any(slot.material == material for slot in thing.material_slots)
    ]
    if things and not any(_fits(image, thing) for thing in things):
        raise BadInput(_refuse(image))


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


def _fits(image: bpy.types.Image, thing: bpy.types.Object) -> bool:
    """Return whether a texture fits an object; one that was made for none fits all."""
    name, uv_map = marks.read_object(image), marks.read_uv_map(image)
    if not name or thing.name == name:
        return True
    own = bpy.data.objects.get(name)
    if own is None:
        return False
    if thing.data == own.data:
        return True
    mine, theirs = (_read_layout(each, uv_map) for each in (own, thing))
    return mine is not None and theirs is not None and np.array_equal(mine, theirs)


def _read_layout(thing: bpy.types.Object, uv_map: str) -> np.ndarray | None:
    """Return the coordinates of an object's UV map, flat; None if there are none to be read."""
    layers = getattr(thing.data, "uv_layers", None)
    layer = layers.get(uv_map) if layers is not None else None
    if layer is None or not len(layer.uv):  # in Edit Mode they are elsewhere
        return None
    flat = np.empty(2 * len(layer.uv), np.float32)
    layer.uv.foreach_get("vector", flat)
    return flat
