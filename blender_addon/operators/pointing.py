"""Find the object under the pointer, as Blender's own drop of a material does."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
from bpy_extras import view3d_utils
from mathutils import Vector


@dataclass(frozen=True)
class Pointed:
    """A part of an object.

    Attributes:
        thing: The object.
        slot: Index of the material slot of what is pointed at; 0 for an object without slots.
    """

    thing: bpy.types.Object
    slot: int


def find_under_pointer(context: bpy.types.Context, event: bpy.types.Event) -> Pointed | None:
    """Return what is under the pointer in the 3D View that it is over; None for nothing."""
    space = context.space_data
    if context.area is None or not isinstance(space, bpy.types.SpaceView3D):
        return None
    for region in context.area.regions:
        x, y = event.mouse_x - region.x, event.mouse_y - region.y
        if region.type == "WINDOW" and 0 <= x < region.width and 0 <= y < region.height:
            view = context.region_data if context.region == region else space.region_3d
            origin = view3d_utils.region_2d_to_origin_3d(region, view, (x, y))
            direction = view3d_utils.region_2d_to_vector_3d(region, view, (x, y))
            return find_along(context, origin, direction)
    return None


def find_along(context: bpy.types.Context, origin: Vector, direction: Vector) -> Pointed | None:
    """Return the first visible object that a ray from a point meets; None if it meets none."""
    graph = context.evaluated_depsgraph_get()
    hit, _, _, face, thing, _ = context.scene.ray_cast(graph, origin, direction)
    if not hit or thing is None:
        return None
    shape = thing.evaluated_get(graph).data
    faces = shape.polygons if isinstance(shape, bpy.types.Mesh) else ()
    slot = faces[face].material_index if 0 <= face < len(faces) else 0
    return Pointed(thing.original, slot)
