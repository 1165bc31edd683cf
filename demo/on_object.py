"""A photo over an unwrapped object, as it is and as Texcore makes it; with the bpy wheel.

python demo/on_object.py object OBJECT.obj               a monkey's head, unwrapped
python demo/on_object.py render OBJECT.obj OUT.png TEXTURE...    each on the object, side by side
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import numpy as np
from mathutils import Vector

SIDE, SAMPLES = 480, 24
# Of the camera: how far away, degrees to the left and up.
DISTANCE, LEFT, UP = 5.2, 28, 12


def main() -> None:
    """Read the words, and do what they say."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    paths = [Path(word).resolve() for word in words[1:]]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if words[0] == "object":
        add_head()
        write_object(paths[0])
    else:
        render(paths[0], paths[1], paths[2:])


def add_head() -> None:
    """Add a smooth monkey's head in a good many islands."""
    bpy.ops.mesh.primitive_monkey_add()
    bpy.context.object.modifiers.new("Smooth", "SUBSURF").levels = 2
    bpy.ops.object.modifier_apply(modifier="Smooth")
    unwrap()


def unwrap() -> None:
    """Unwrap the active object with Smart UV Project."""
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.uv.smart_project(angle_limit=math.radians(66), island_margin=0.01)
    bpy.ops.object.mode_set(mode="OBJECT")


def write_object(path: Path) -> None:
    """Write the scene's object."""
    bpy.ops.wm.obj_export(filepath=str(path), export_materials=False, export_triangulated_mesh=True)


def render(path: Path, out: Path, textures: list[Path]) -> None:
    """Render the object once with each texture."""
    bpy.ops.wm.obj_import(filepath=str(path))
    head = bpy.context.selected_objects[0]
    for polygon in head.data.polygons:
        polygon.use_smooth = True
    set_scene()
    shots = []
    with TemporaryDirectory() as folder:
        for number, texture in enumerate(textures):
            head.data.materials.clear()
            head.data.materials.append(make_material(texture))
            shot = Path(folder) / f"{number}.png"
            bpy.context.scene.render.filepath = str(shot)
            bpy.ops.render.render(write_still=True)
            shots.append(read_pixels(shot))
    write_pixels(out, np.concatenate(shots, 1))


def make_material(texture: Path, repeats: float = 1.0) -> bpy.types.Material:
    """Make a rough material of a texture, so many times across the unwrapping."""
    material = bpy.data.materials.new(texture.stem)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = 0.9
    image = nodes.new("ShaderNodeTexImage")
    image.image = bpy.data.images.load(str(texture))
    links.new(image.outputs["Color"], shader.inputs["Base Color"])
    if repeats != 1:
        mapping = nodes.new("ShaderNodeMapping")
        mapping.inputs["Scale"].default_value = (repeats,) * 3
        links.new(nodes.new("ShaderNodeTexCoord").outputs["UV"], mapping.inputs["Vector"])
        links.new(mapping.outputs["Vector"], image.inputs["Vector"])
    return material


def set_scene() -> None:
    """Put up camera, sun and sky."""
    scene = bpy.context.scene
    left, up = math.radians(LEFT), math.radians(UP)
    place = Vector((-math.sin(left) * math.cos(up), -math.cos(left) * math.cos(up), math.sin(up)))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens = 62
    camera.location = DISTANCE * place
    camera.rotation_euler = (-place).to_track_quat("-Z", "Y").to_euler()
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy, sun.data.angle = 2.5, math.radians(5)
    sun.rotation_euler = (math.radians(50), 0, math.radians(-50))
    for thing in (camera, sun):
        scene.collection.objects.link(thing)
    scene.camera = camera
    scene.world = bpy.data.worlds.new("Sky")
    scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.8, 0.85, 0.9, 1)
    scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.6
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples = "CPU", SAMPLES
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x = scene.render.resolution_y = SIDE


def read_pixels(path: Path) -> np.ndarray:
    """Read a picture: (rows, columns, 4), the lowest row first."""
    image = bpy.data.images.load(str(path))
    pixels = np.array(image.pixels, np.float32).reshape(image.size[1], image.size[0], 4)
    bpy.data.images.remove(image)
    return pixels


def write_pixels(path: Path, pixels: np.ndarray) -> None:
    """Write such a picture."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new("Shots", width, height)
    image.pixels.foreach_set(np.ascontiguousarray(pixels, np.float32).ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()


if __name__ == "__main__":
    main()
