"""Four objects to try textures on, seen from all sides; with the bpy wheel.

python demo/objects.py write DIR                           head, torus, rock and chair, as OBJ
python demo/objects.py sides OBJECT.obj TEXTURE OUT.png    an object from four sides
python demo/objects.py borders OBJECT.obj TEXTURE OUT.png  so, with borders of UV islands in red
python demo/objects.py sheet DIR PHOTO REPEATS OUT.png     all four from two sides: above PHOTO,
    so many times across the plain unwrapping, below the textures in DIR, named as the objects are
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bpy
import numpy as np
from mathutils import Vector, noise

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # Blender does not

import on_object  # noqa: E402

SIDE, SHEET_SIDE, SAMPLES = 420, 260, 16
# Degrees from which an object is seen, about the upright axis.
FOUR_SIDES, TWO_SIDES = (-30, 60, 150, 240), (-30, 150)
# Of the camera: in the object's radius, so far away that all of it is seen.
DISTANCE = 3.75
# A red line's thickness in the object's radius.
LINE_SHARE = 0.006
# Hills of the rock, of its radius, from large ones to small.
HILLS = ((0.9, 0.45), (2.1, 0.16), (5.0, 0.06))
SMOOTH = 40.0  #: degrees up to which an edge looks smooth


def main() -> None:
    """Read the words, and do what they say."""
    verb, *words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    if verb == "write":
        folder = Path(words[0]).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for name, add in OBJECTS.items():
            bpy.ops.wm.read_factory_settings(use_empty=True)
            add()
            on_object.write_object(folder / f"{name}.obj")
    elif verb == "sheet":
        folder, photo, out = Path(words[0]), Path(words[1]).resolve(), Path(words[3]).resolve()
        write_sheet(folder.resolve(), photo, float(words[2]), out)
    else:
        path, texture, out = (Path(word).resolve() for word in words)
        load(path, SIDE, marked=verb == "borders")
        shots = shoot(FOUR_SIDES, on_object.make_material(texture))
        on_object.write_pixels(out, np.concatenate(shots, 1))


def write_sheet(folder: Path, photo: Path, repeats: float, out: Path) -> None:
    """Show the objects of a folder, above with the photo, below with their textures."""
    columns = []
    for name in OBJECTS:
        load(folder / f"{name}.obj", SHEET_SIDE, marked=False)
        plain = on_object.make_material(photo, repeats)
        made = on_object.make_material(folder / f"{name}.png")
        # The lowest row comes first.
        shots = [shot for material in (made, plain) for shot in shoot(TWO_SIDES, material)[::-1]]
        columns.append(np.concatenate(shots, 0))
    on_object.write_pixels(out, np.concatenate(columns, 1))


def add_torus() -> None:
    """Add a ring in Blender's own unwrapping: one island, small within and large without."""
    bpy.ops.mesh.primitive_torus_add(
        major_segments=64, minor_segments=32, major_radius=1, minor_radius=0.45
    )


def add_rock() -> None:
    """Add a rock as a scan of one is: many uneven triangles, and many islands."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=6)
    rock = bpy.context.object
    for vertex in rock.data.vertices:
        place = vertex.co.normalized()
        hills = sum(height * noise.noise(rate * place) for rate, height in HILLS)
        vertex.co = place * (1 + hills) * Vector((1.15, 0.9, 0.8))
    rock.modifiers.new("Fewer", "DECIMATE").ratio = 0.25
    bpy.ops.object.modifier_apply(modifier="Fewer")
    on_object.unwrap()


def add_chair() -> None:
    """Add a chair: round legs and rungs, a seat with round edges, sharp posts and slats."""
    add_box((0, 0, 0.9), (1.0, 1.0, 0.12), rounded=0.05)
    for x in (-0.4, 0.4):
        add_rod((x, -0.4, 0), (x, -0.4, 0.84))
        add_box((x, 0.42, 0.95), (0.1, 0.1, 1.9))
        add_rod((x, -0.34, 0.4), (x, 0.38, 0.4), 0.045)
    add_rod((-0.34, -0.4, 0.5), (0.34, -0.4, 0.5), 0.045)
    for z in (1.2, 1.47, 1.74):
        add_box((0, 0.42, z), (0.72, 0.05, 0.17))
    bpy.ops.object.select_all(action="SELECT")
    bpy.ops.object.join()
    on_object.unwrap()


def add_box(place: Sequence[float], size: Sequence[float], rounded: float = 0) -> None:
    """Add a box, with round edges if their radius is given."""
    bpy.ops.mesh.primitive_cube_add(size=1, location=place, scale=size)
    bpy.ops.object.transform_apply(location=True, rotation=True, scale=True)
    if rounded:
        bevel = bpy.context.object.modifiers.new("Round", "BEVEL")
        bevel.width, bevel.segments = rounded, 4
        bpy.ops.object.modifier_apply(modifier="Round")


def add_rod(start: Sequence[float], end: Sequence[float], radius: float = 0.065) -> None:
    """Add a round rod from one place to another."""
    along = Vector(end) - Vector(start)
    bpy.ops.mesh.primitive_cylinder_add(
        vertices=24,
        radius=radius,
        depth=along.length,
        location=(Vector(start) + Vector(end)) / 2,
        rotation=along.to_track_quat("Z", "Y").to_euler(),
    )
    bpy.ops.object.transform_apply(location=True, rotation=True, scale=True)


#: By name, each with a function that adds it to the scene and leaves it active.
OBJECTS: dict[str, Callable[[], None]] = {
    "head": on_object.add_head,
    "torus": add_torus,
    "rock": add_rock,
    "chair": add_chair,
}


def load(path: Path, side: int, marked: bool) -> None:
    """Load an object into an empty scene, in the middle and of radius 1, under sun and sky."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.obj_import(filepath=str(path))
    thing = bpy.context.selected_objects[0]
    bpy.context.view_layer.objects.active = thing
    bpy.ops.object.transform_apply(location=True, rotation=True, scale=True)
    corners = np.array([vertex.co for vertex in thing.data.vertices])
    middle = (corners.min(0) + corners.max(0)) / 2
    radius = np.linalg.norm(corners - middle, axis=1).max()
    for vertex in thing.data.vertices:
        vertex.co = (vertex.co - Vector(middle)) / radius
    bpy.ops.object.shade_smooth_by_angle(angle=math.radians(SMOOTH))
    if marked:
        mark_borders(thing)
    on_object.set_scene()
    scene = bpy.context.scene
    scene.cycles.samples = SAMPLES
    scene.render.resolution_x = scene.render.resolution_y = side


def mark_borders(thing: Any) -> None:
    """Lay red lines along the edges whose two faces lie apart in the unwrapping."""
    mesh = thing.data
    places = mesh.uv_layers.active.data
    seen: dict[tuple[int, int], tuple[Vector, Vector]] = {}
    curve = bpy.data.curves.new("Borders", "CURVE")
    curve.dimensions, curve.bevel_depth, curve.bevel_resolution = "3D", LINE_SHARE, 1
    for polygon in mesh.polygons:
        loops = list(polygon.loop_indices)
        for this, that in zip(loops, loops[1:] + loops[:1], strict=True):
            start, end = (mesh.loops[loop].vertex_index for loop in (this, that))
            here, there = places[this].uv, places[that].uv
            if start > end:
                start, end, here, there = end, start, there, here
            before = seen.setdefault((start, end), (here, there))
            if (before[0] - here).length + (before[1] - there).length > 1e-4:
                spline = curve.splines.new("POLY")
                spline.points.add(1)
                for point, number in zip(spline.points, (start, end), strict=True):
                    point.co = (*mesh.vertices[number].co, 1)
    red = bpy.data.materials.new("Red")
    red.use_nodes = True
    nodes = red.node_tree.nodes
    glow = nodes.new("ShaderNodeEmission")
    glow.inputs["Color"].default_value = (1, 0, 0, 1)
    output = next(node for node in nodes if node.type == "OUTPUT_MATERIAL")
    red.node_tree.links.new(glow.outputs["Emission"], output.inputs["Surface"])
    curve.materials.append(red)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Borders", curve))


def shoot(sides: Sequence[float], material: Any) -> list[Any]:
    """Render the object in a material from some sides, as `on_object.read_pixels` reads it."""
    scene = bpy.context.scene
    thing = next(o for o in scene.objects if o.type == "MESH")
    thing.data.materials.clear()
    thing.data.materials.append(material)
    sun = next(o for o in scene.objects if o.type == "LIGHT")
    shots = []
    with TemporaryDirectory() as folder:
        for side in sides:
            turn, up = math.radians(side), math.radians(on_object.UP)
            place = Vector(
                (math.sin(turn) * math.cos(up), -math.cos(turn) * math.cos(up), math.sin(up))
            )
            scene.camera.location = DISTANCE * place
            scene.camera.rotation_euler = (-place).to_track_quat("-Z", "Y").to_euler()
            # The sun stands to the left of whoever looks.
            sun.rotation_euler = (math.radians(50), 0, turn - math.radians(30))
            shot = Path(folder) / f"{side}.png"
            scene.render.filepath = str(shot)
            bpy.ops.render.render(write_still=True)
            shots.append(on_object.read_pixels(shot))
    return shots


if __name__ == "__main__":
    main()
