"""Tell how many texels of a texture lie on a metre of the object that is meant.

The texels of a square metre are those of the image, times the area of the object's faces in the UV
map, times what the Mapping nodes scale that by, over the area of the faces in the world. Drawing
may not go over a mesh: it asks for what is known, and a timer measures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput
from ..engine.redrawing import redraw
from ..images import marks
from . import places, untiling_taps
from .targets import Target
from .walker import Entries, WalkStep, walk_back

LOOK_SECONDS = 0.2
#: Of a larger mesh every second triangle is measured, or every third…
_MOST_TRIANGLES = 200_000
_FACTORS = {"POINT": 1, "VECTOR": 1, "TEXTURE": -1}  # of a kind of Mapping: its scale's exponent

_Key = tuple[object, ...]


@dataclass(frozen=True)
class Coordinates:
    """Where an Image Texture node takes its coordinates from.

    Attributes:
        uv_map: Name of the UV map; empty for the one that is rendered with.
        area: What their areas are multiplied by on the way.
    """

    uv_map: str
    area: float


@dataclass(frozen=True)
class _Asked:
    """What is to be measured: an object, its faces with a material, in a UV map."""

    thing: int
    material: int
    uv_map: str


# By what was asked for: what the object was like, and UV area over world area, in 1 / m².
_known: dict[_Asked, tuple[_Key, float | None]] = {}
_asked: dict[_Asked, _Key] = {}
# How often each mesh has been changed since the add-on was enabled.
_changes: dict[int, int] = {}


def find_density(context: bpy.types.Context, target: Target) -> float | None:
    """Return how many texels a metre the texture in a node has on the active object.

    Args:
        context: Where the user is.
        target: The image and node that are meant.

    Returns:
        None where nobody can say, as of an object without UVs or an image whose file is missing, or
        has measured it yet.
    """
    thing = context.view_layer.objects.active if context.view_layer else None
    node = target.place.find() if target.place else None
    if thing is None or thing.type != "MESH" or node is None or node.image is None:
        return None
    coordinates = find_coordinates(node)
    if coordinates is None or target.material_uid is None:
        return None
    asked = _Asked(thing.session_uid, target.material_uid, coordinates.uv_map)
    key, ratio = _known.get(asked, ((), None))
    now = _describe(thing)
    if key != now:
        _look_soon(asked, now)
    if ratio is None:
        return None
    width, height = marks.measure_extent(node.image)
    if not width * height:
        return None
    metre = context.scene.unit_settings.scale_length
    return math.sqrt(ratio * coordinates.area * width * height) / metre


def find_coordinates(node: bpy.types.ShaderNodeTexImage) -> Coordinates | None:
    """Return where a node takes its coordinates from; None if that is no UV map alone."""
    entry = untiling_taps.get_entry(node)
    if not entry.links:
        return Coordinates("", 1.0)
    try:
        steps = list(walk_back([(entry, 1.0)], _enter_mapping))
    except BadInput:
        return None
    last = steps[-1] if steps else None
    if last is None:
        return None
    if isinstance(last.node, bpy.types.ShaderNodeUVMap) and not last.node.from_instancer:
        return Coordinates(last.node.uv_map, last.carried)
    if isinstance(last.node, bpy.types.ShaderNodeTexCoord) and last.output.name == "UV":
        return Coordinates("", last.carried)
    return None


def _enter_mapping(step: WalkStep[float]) -> Entries[float]:
    """Go on behind a Mapping node whose scale is known, with what it makes of areas."""
    node = step.node
    if not isinstance(node, bpy.types.ShaderNodeMapping) or node.inputs["Scale"].links:
        return []
    exponent = _FACTORS.get(node.vector_type)
    x, y, _ = node.inputs["Scale"].default_value
    if exponent is None or x * y == 0:
        return []
    return [(node.inputs["Vector"], step.carried * abs(x * y) ** exponent)]


def look() -> None:
    """Measure what was asked for, and let the panels draw again if there is news."""
    news = False
    for asked, key in _asked.items():
        ratio = _measure(asked)
        news |= ratio != _known.get(asked, ((), None))[1]
        _known[asked] = key, ratio
    _asked.clear()
    if news:
        redraw()


def _look_soon(asked: _Asked, key: _Key) -> None:
    _asked[asked] = key
    if not bpy.app.background and not bpy.app.timers.is_registered(look):
        bpy.app.timers.register(look, first_interval=LOOK_SECONDS, persistent=True)


def _describe(thing: bpy.types.Object) -> _Key:
    """Return what has changed when an object has to be measured again."""
    mesh = thing.data
    turned = tuple(round(value, 6) for row in thing.matrix_world.to_3x3() for value in row)
    slots = tuple(slot.material and slot.material.session_uid for slot in thing.material_slots)
    uid = mesh.session_uid
    counts = len(mesh.polygons), len(mesh.uv_layers)
    return uid, counts, turned, slots, _changes.get(uid, 0)


def _measure(asked: _Asked) -> float | None:
    """Return the area in the UV map over that in the world; None if there is no such area."""
    thing = next((each for each in bpy.data.objects if each.session_uid == asked.thing), None)
    material = places.find_material(asked.material)
    if thing is None or material is None or not isinstance(thing.data, bpy.types.Mesh):
        return None
    mesh = thing.data
    layer = _find_layer(mesh, asked.uv_map)
    slots = [n for n, slot in enumerate(thing.material_slots) if slot.material == material]
    if layer is None or not slots:
        return None
    mesh.calc_loop_triangles()
    triangles = mesh.loop_triangles
    of_slot = _read(triangles, "material_index", 1, np.int32)
    step = max(1, len(triangles) // _MOST_TRIANGLES)
    chosen = np.flatnonzero(np.isin(of_slot[:, 0], slots))[::step]
    corners = _read(triangles, "loops", 3, np.int32)[chosen]
    vertices = _read(mesh.loops, "vertex_index", 1, np.int32)[:, 0]
    places_ = _read(mesh.vertices, "co", 3, np.float32) @ np.array(thing.matrix_world.to_3x3()).T
    inside, outside = places_[vertices[corners]], _read(layer.uv, "vector", 2, np.float32)[corners]
    world = np.linalg.norm(
        np.cross(inside[:, 1] - inside[:, 0], inside[:, 2] - inside[:, 0]), axis=1
    ).sum()
    first, second = outside[:, 1] - outside[:, 0], outside[:, 2] - outside[:, 0]
    flat = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]).sum()
    return float(flat / world) if world > 0 and flat > 0 else None


def _find_layer(mesh: bpy.types.Mesh, name: str) -> bpy.types.MeshUVLoopLayer | None:
    """Return a UV map of a name; without one, the one that is rendered with."""
    if name:
        return mesh.uv_layers.get(name)
    return next((layer for layer in mesh.uv_layers if layer.active_render), None)


def _read(
    collection: bpy.types.bpy_prop_collection, name: str, width: int, kind: type[np.generic]
) -> np.ndarray:
    """Read one property of all members, shape (count, width)."""
    flat = np.empty(len(collection) * width, kind)
    collection.foreach_get(name, flat)
    return flat.reshape(-1, width)


@bpy.app.handlers.persistent
def _on_change(scene: bpy.types.Scene, graph: bpy.types.Depsgraph) -> None:
    """Note which meshes have changed."""
    if not _known or not graph.id_type_updated("MESH"):  # as on every frame that only moves
        return
    for update in graph.updates:
        block = update.id.original
        if update.is_updated_geometry and isinstance(block, bpy.types.Mesh):
            _changes[block.session_uid] = _changes.get(block.session_uid, 0) + 1


def _forget() -> None:
    _known.clear()
    _asked.clear()
    _changes.clear()


def register() -> None:
    """Notice changes of meshes from now on."""
    _forget()
    bpy.app.handlers.depsgraph_update_post.append(_on_change)


def unregister() -> None:
    """Measure no more."""
    bpy.app.handlers.depsgraph_update_post.remove(_on_change)
    if bpy.app.timers.is_registered(look):
        bpy.app.timers.unregister(look)
    _forget()
