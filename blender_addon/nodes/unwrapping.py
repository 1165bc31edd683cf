"""Unwrap a mesh into a UV map of its own, without a change to those that the artist has made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput

UV_MAP = "Texcore"  #: name of the new UV map
_ANGLE = math.radians(66)
# Between islands, in the texture's width: there the filling beyond them has its place.
_MARGIN = 0.01
_MOST_UV_MAPS = 8  # of a mesh in Blender
_FLAGS = ("select", "hide")


def unwrap_all(context: bpy.types.Context, things: Iterable[bpy.types.Object]) -> None:
    """Unwrap meshes by Smart UV Project into a new UV map each, which is the active one then.

    Args:
        context: Where the user is.
        things: The objects; a mesh that several share is unwrapped once.

    Raises:
        BadInput: One is no mesh of this file with faces that can be shown, or has as many UV maps
            as it can have. Nothing has been changed then.
    """
    by_mesh = {thing.data: thing for thing in things}
    for thing in by_mesh.values():
        _check(context, thing)
    for thing in by_mesh.values():
        _unwrap(context, thing)


def _check(context: bpy.types.Context, thing: bpy.types.Object) -> None:
    """Check that an object can be unwrapped.

    Raises:
        BadInput: It has no faces, cannot be edited or shown, or has no room for a UV map.
    """
    if thing.type != "MESH" or not len(thing.data.polygons):
        raise BadInput(f"“{thing.name}” has no faces of a mesh that could be unwrapped.")
    if not thing.data.is_editable or thing.name not in context.view_layer.objects:
        raise BadInput(f"“{thing.name}” cannot be edited here: make it local, and show it.")
    with _showing(thing):
        if not thing.visible_get():  # its collection is hidden
            raise BadInput(f"“{thing.name}” cannot be edited here: make it local, and show it.")
    if len(thing.data.uv_layers) >= _MOST_UV_MAPS:
        raise BadInput(f"“{thing.name}” has as many UV maps as it can have: remove one.")


def _unwrap(context: bpy.types.Context, thing: bpy.types.Object) -> None:
    """Unwrap a mesh, its hidden faces too."""
    with _showing(thing), _edit_alone(context, thing):
        layers = thing.data.uv_layers
        rendered = next((layer.name for layer in layers if layer.active_render), "")
        new = layers.new(name=UV_MAP, do_init=False)
        new.active = True
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.mesh.reveal()
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.uv.smart_project(angle_limit=_ANGLE, island_margin=_MARGIN)
        bpy.ops.object.mode_set(mode="OBJECT")
        if rendered:
            thing.data.uv_layers[rendered].active_render = True


@contextmanager
def _showing(thing: bpy.types.Object) -> Iterator[None]:
    """Let an object be seen, and hide it again then, by whatever it was hidden."""
    hidden, disabled = thing.hide_get(), thing.hide_viewport
    thing.hide_viewport = False
    thing.hide_set(False)
    try:
        yield
    finally:
        thing.hide_set(hidden)
        thing.hide_viewport = disabled


@contextmanager
def _edit_alone(context: bpy.types.Context, thing: bpy.types.Object) -> Iterator[None]:
    """Let an object be the only one selected and in Object Mode, and put everything back then."""
    objects = context.view_layer.objects
    active, mode = objects.active, objects.active.mode if objects.active else "OBJECT"
    selected = [each.name for each in objects if each.select_get()]
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    for each in objects:
        each.select_set(each == thing)
    objects.active = thing
    kept = [_read_flags(part) for part in _list_parts(thing)]
    try:
        yield
    finally:
        if thing.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        for part, before in zip(_list_parts(thing), kept, strict=True):
            _write_flags(part, before)
        for each in objects:
            each.select_set(each.name in selected)
        objects.active = active
        if active is not None and mode != "OBJECT":
            bpy.ops.object.mode_set(mode=mode)


def _list_parts(thing: bpy.types.Object) -> list[bpy.types.bpy_prop_collection]:
    return [thing.data.vertices, thing.data.edges, thing.data.polygons]


def _read_flags(part: bpy.types.bpy_prop_collection) -> dict[str, np.ndarray]:
    """Return what is selected and what is hidden in Edit Mode."""
    flags = {name: np.empty(len(part), bool) for name in _FLAGS}
    for name, values in flags.items():
        part.foreach_get(name, values)
    return flags


def _write_flags(part: bpy.types.bpy_prop_collection, flags: dict[str, np.ndarray]) -> None:
    now = _read_flags(part)
    for name, values in flags.items():
        if not np.array_equal(values, now[name]):  # what nothing is hidden in needs no attribute
            part.foreach_set(name, values)
