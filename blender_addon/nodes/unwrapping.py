"""Unwrap a mesh into a UV map of its own, without a change to those that the artist has made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput

UV_MAP = "Texcore"  #: name of the new UV map
_ANGLE = math.radians(66)
# Between islands, in the texture's width: there the filling beyond them has its place.
_MARGIN = 0.01


def unwrap(context: bpy.types.Context, thing: bpy.types.Object) -> None:
    """Unwrap a mesh by Smart UV Project into a new UV map, which is the active one then.

    Args:
        context: Where the user is.
        thing: The object.

    Raises:
        BadInput: It is no mesh of this file with faces, or has as many UV maps as it can have.
    """
    if thing.type != "MESH" or not len(thing.data.polygons):
        raise BadInput(f"“{thing.name}” has no faces of a mesh that could be unwrapped.")
    if not thing.data.is_editable or thing.name not in context.view_layer.objects:
        raise BadInput(f"“{thing.name}” cannot be edited here: make it local, and show it.")
    with _edit_alone(context, thing):
        layers = thing.data.uv_layers
        rendered = next((layer.name for layer in layers if layer.active_render), "")
        new = layers.new(name=UV_MAP, do_init=False)
        if new is None:
            raise BadInput(f"“{thing.name}” has as many UV maps as it can have: remove one.")
        new.active = True
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.uv.smart_project(angle_limit=_ANGLE, island_margin=_MARGIN)
        bpy.ops.object.mode_set(mode="OBJECT")
        if rendered:
            thing.data.uv_layers[rendered].active_render = True


@contextmanager
def _edit_alone(context: bpy.types.Context, thing: bpy.types.Object) -> Iterator[None]:
    """Let an object be the only one selected and in Object Mode, and put everything back then."""
    objects = context.view_layer.objects
    active, mode = objects.active, objects.active.mode if objects.active else "OBJECT"
    selected = [each.name for each in objects if each.select_get()]
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    hidden = thing.hide_get()
    thing.hide_set(False)
    for each in objects:
        each.select_set(each == thing)
    objects.active = thing
    parts = [thing.data.vertices, thing.data.edges, thing.data.polygons]
    kept = [_read_selection(part) for part in parts]
    try:
        yield
    finally:
        if thing.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        parts = [thing.data.vertices, thing.data.edges, thing.data.polygons]
        for part, before in zip(parts, kept, strict=True):
            part.foreach_set("select", before)
        for each in objects:
            each.select_set(each.name in selected)
        thing.hide_set(hidden)
        objects.active = active
        if active is not None and mode != "OBJECT":
            bpy.ops.object.mode_set(mode=mode)


def _read_selection(part: bpy.types.bpy_prop_collection) -> np.ndarray:
    selected = np.empty(len(part), bool)
    part.foreach_get("select", selected)
    return selected
