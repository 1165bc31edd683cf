"""Write an object's surface as the artist sees it to a file for the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput, BadUnwrapping
from ..bundled.texcore.contract.jobs import MAX_TRIANGLES

_CORNER = np.dtype([(name, "<f4") for name in ("x", "y", "z", "s", "t")])
_FACE = np.dtype([("count", "u1"), ("corners", "<i4", 3)])
_HEAD = """ply
format binary_little_endian 1.0
element vertex {corners}
property float x
property float y
property float z
property float s
property float t
element face {faces}
property list uchar int vertex_indices
end_header
"""


def write_object(
    context: bpy.types.Context, thing: bpy.types.Object, material: bpy.types.Material, folder: Path
) -> tuple[Path, str]:
    """Write those triangles of an object that have a material, as a PLY file.

    Modifiers are applied as the viewport shows them, and so is the object's place in the world: its
    size is true, and its upper side is where it is.

    Args:
        context: Where the user is.
        thing: A mesh object.
        material: Of it.
        folder: Where the file goes.

    Returns:
        The file, and the name of the UV map that is in it: the object's active one.

    Raises:
        BadUnwrapping: There is no UV map.
        BadInput: There is no such triangle, or there are too many.
        OSError: The file cannot be written.
    """
    if thing.mode == "EDIT":
        thing.update_from_editmode()
    with _evaluate(context, thing) as (evaluated, mesh):
        uv_map = _find_uv_map(thing, mesh)
        triangles = _find_triangles(thing, evaluated, mesh, material)
        positions = _read(mesh.vertices, "co", 3)[_read(mesh.loops, "vertex_index", 1, np.int32)]
        corners = np.empty(3 * len(triangles), _CORNER)
        to_world = np.array(evaluated.matrix_world, np.float64)
        moved = positions[triangles.ravel()].astype(np.float64) @ to_world[:3, :3].T
        corners["x"], corners["y"], corners["z"] = (moved + to_world[:3, 3]).T
        places = _read(mesh.uv_layers[uv_map].uv, "vector", 2)[triangles.ravel()]
        corners["s"], corners["t"] = places.T
    faces = np.empty(len(triangles), _FACE)
    faces["count"] = 3
    faces["corners"] = np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3)
    if np.linalg.det(to_world[:3, :3]) < 0:  # a negative scale turns it inside out
        faces["corners"] = faces["corners"][:, ::-1]
    path = folder / f"{bpy.path.clean_name(thing.name)[:40] or 'object'}.ply"
    head = _HEAD.format(corners=len(corners), faces=len(faces)).encode("ascii")
    path.write_bytes(head + corners.tobytes() + faces.tobytes())
    return path, uv_map


@contextmanager
def _evaluate(
    context: bpy.types.Context, thing: bpy.types.Object
) -> Iterator[tuple[bpy.types.Object, bpy.types.Mesh]]:
    """Give the object with its modifiers, and its mesh, for as long as the block lasts."""
    graph = context.evaluated_depsgraph_get()
    evaluated = thing.evaluated_get(graph)
    mesh = evaluated.to_mesh(preserve_all_data_layers=True, depsgraph=graph)
    try:
        yield evaluated, mesh
    finally:
        evaluated.to_mesh_clear()


def _find_uv_map(thing: bpy.types.Object, mesh: bpy.types.Mesh) -> str:
    """Return the name of an object's active UV map, as its evaluated mesh has it.

    Raises:
        BadUnwrapping: There is none.
    """
    wanted = thing.data.uv_layers.active
    found = mesh.uv_layers.get(wanted.name) if wanted is not None else mesh.uv_layers.active
    if found is None:
        raise BadUnwrapping(f"“{thing.name}” has no UV map: unwrap it first.")
    return str(found.name)


def _find_triangles(
    thing: bpy.types.Object,
    evaluated: bpy.types.Object,
    mesh: bpy.types.Mesh,
    material: bpy.types.Material,
) -> np.ndarray:
    """Return the corners of those triangles that have a material, shape (n, 3).

    Raises:
        BadInput: There are none, or too many.
    """
    mesh.calc_loop_triangles()
    triangles = _read(mesh.loop_triangles, "loops", 3, np.int32)
    if not len(triangles):
        raise BadInput(f"“{thing.name}” has no faces: there is no surface for a texture.")
    slots = [slot.material for slot in evaluated.material_slots]
    has = np.array([each is not None and each.original == material for each in slots], bool)
    if not has.all():
        which = _read(mesh.loop_triangles, "material_index", 1, np.int32)
        triangles = triangles[has[which.clip(0, len(has) - 1)]]
    if not len(triangles):
        raise BadInput(f"No face of “{thing.name}” has the material “{material.name}”.")
    if len(triangles) > MAX_TRIANGLES:
        raise BadInput(
            f"“{thing.name}” has {len(triangles):,} triangles, and {MAX_TRIANGLES:,} are the most: "
            "make it simpler by a Decimate modifier, or by fewer subdivisions."
        )
    return triangles


def _read(
    collection: bpy.types.bpy_prop_collection, name: str, width: int, kind: type = np.float32
) -> np.ndarray:
    """Read a number, or several, of each thing in a collection; shape (n, width), or (n)."""
    flat: np.ndarray = np.empty(len(collection) * width, kind)
    collection.foreach_get(name, flat)
    return flat.reshape(-1, width) if width > 1 else flat
