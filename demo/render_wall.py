"""Render a brick wall as one stands before it and looks up: its courses converge.

Bricks are boxes with worn edges in a running bond, each a little out of line and of its own colour,
in sandy mortar under a low sun. What a photo of a wall is before it is made a texture.

    python demo/render_wall.py OUT.png [SIZE [SAMPLES]]     with the bpy wheel

The same seed renders the same picture.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import bpy
import numpy as np

SEED = 11
LENGTH, HEIGHT, DEPTH, JOINT = 0.24, 0.071, 0.11, 0.012  #: in metres, as bricks are
COURSES, ACROSS = 64, 26
EYE, DISTANCE = 1.1, 1.35  #: height of the camera, and how far it stands from the wall
LOOKS_UP, LOOKS_ASIDE = math.radians(24), math.radians(3)


def main() -> None:
    """Read the words, build the wall, render."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    size, samples = (int(w) for w in (words[1:] + ["512", "64"][len(words[1:]) :]))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    build(np.random.default_rng(SEED))
    light_and_camera()
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.seed = "CPU", samples, SEED
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "AgX"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.filepath = str(Path(words[0]).resolve())
    bpy.ops.render.render(write_still=True)


def build(rng: np.random.Generator) -> None:
    """The wall: x to the right, z up, its face at y = 0."""
    bpy.ops.mesh.primitive_cube_add(size=1)
    brick = bpy.context.object
    brick.data.transform(((LENGTH, 0, 0, 0), (0, DEPTH, 0, 0), (0, 0, HEIGHT, 0), (0, 0, 0, 1)))
    bevel = brick.modifiers.new("worn", "BEVEL")
    bevel.width, bevel.segments = 0.005, 3
    brick.data.materials.append(fired_clay())
    pitch, rise = LENGTH + JOINT, HEIGHT + JOINT
    for course in range(COURSES):
        for column in range(ACROSS):
            piece = brick.copy()  # the mesh is shared
            bpy.context.collection.objects.link(piece)
            shift = 0.5 * (course % 2)
            piece.location = (
                (column + shift - ACROSS / 2) * pitch + rng.normal(0, 0.0012),
                DEPTH / 2 + rng.normal(0, 0.0018),
                course * rise + rng.normal(0, 0.0009),
            )
            piece.rotation_euler = rng.normal(0, 0.006, 3)
            piece.scale = 1 + rng.normal(0, 0.008, 3)
    bpy.data.objects.remove(brick)
    bpy.ops.mesh.primitive_plane_add(size=ACROSS * pitch, rotation=(math.pi / 2, 0, 0))
    bed = bpy.context.object
    bed.location = (0, 0.011, ACROSS * pitch / 2)
    bed.data.materials.append(mortar())


def fired_clay() -> bpy.types.Material:
    """Red to brown, each brick its own, with darker burnt ones, pores and grain."""
    material, nodes, link, shader = surface("Brick")
    random = nodes.new("ShaderNodeObjectInfo").outputs["Random"]
    own = nodes.new("ShaderNodeValToRGB")
    own.color_ramp.elements[0].color = (0.055, 0.022, 0.018, 1)
    own.color_ramp.elements[1].color = (0.36, 0.135, 0.07, 1)
    for place, colour in ((0.14, (0.17, 0.045, 0.028, 1)), (0.6, (0.27, 0.075, 0.04, 1))):
        own.color_ramp.elements.new(place).color = colour
    link(random, own.inputs["Fac"])
    grain = noise(nodes, 38, 9)
    mixed = nodes.new("ShaderNodeMixRGB")
    mixed.blend_type, mixed.inputs["Fac"].default_value = "OVERLAY", 0.75
    link(own.outputs["Color"], mixed.inputs["Color1"])
    link(grain, mixed.inputs["Color2"])
    link(mixed.outputs["Color"], shader.inputs["Base Color"])
    rough(nodes, link, shader, grain, 0.0035)
    return material


def mortar() -> bpy.types.Material:
    """Pale and sandy."""
    material, nodes, link, shader = surface("Mortar")
    grain = noise(nodes, 150, 6)
    ramp = nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color = (0.30, 0.27, 0.23, 1)
    ramp.color_ramp.elements[1].color = (0.68, 0.64, 0.57, 1)
    link(grain, ramp.inputs["Fac"])
    link(ramp.outputs["Color"], shader.inputs["Base Color"])
    rough(nodes, link, shader, grain, 0.004)
    return material


def surface(name: str):  # type: ignore[no-untyped-def] # noqa: ANN201 – Blender's, all of them
    """A material, its nodes, how to link two sockets, and its shader."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = 0.85
    return material, tree.nodes, tree.links.new, shader


def noise(nodes: bpy.types.Nodes, scale: float, detail: float) -> bpy.types.NodeSocket:
    """Fractal noise in the world's metres."""
    place = nodes.new("ShaderNodeNewGeometry")
    texture = nodes.new("ShaderNodeTexNoise")
    texture.inputs["Scale"].default_value, texture.inputs["Detail"].default_value = scale, detail
    texture.inputs["Roughness"].default_value = 0.62
    place.id_data.links.new(place.outputs["Position"], texture.inputs["Vector"])
    return next(socket for socket in texture.outputs if socket.type == "VALUE")


def rough(nodes, link, shader, height, depth: float) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Bump a surface by a height."""
    bump = nodes.new("ShaderNodeBump")
    bump.inputs["Distance"].default_value = depth
    link(height, bump.inputs["Height"])
    link(bump.outputs["Normal"], shader.inputs["Normal"])


def light_and_camera() -> None:
    """A low sun from the left, a bright sky, and someone who looks up."""
    bpy.ops.object.light_add(type="SUN", rotation=(math.radians(48), 0, math.radians(-52)))
    sun = bpy.context.object.data
    sun.energy, sun.angle = 5.5, math.radians(1.5)
    world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    sky = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    sky.inputs["Color"].default_value, sky.inputs["Strength"].default_value = (0.8, 0.88, 1, 1), 0.7
    bpy.context.scene.world = world
    bpy.ops.object.camera_add(location=(0.1, -DISTANCE, EYE))
    camera = bpy.context.object
    camera.rotation_euler = (math.pi / 2 + LOOKS_UP, 0, LOOKS_ASIDE)
    camera.data.lens = 50
    bpy.context.scene.camera = camera


if __name__ == "__main__":
    main()
