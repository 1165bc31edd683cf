"""A picture that is no texture: a carved head on old boards, and a mask of what is the head."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from . import studio, timber

SUN = (36.0, 140.0)
SEED = 5


def shoot(folder: Path, samples: int) -> None:
    """Write ``photo.jpg`` and ``mask.png``, white where the head is."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    studio.lay_out(timber.make(np.random.default_rng(SEED)))
    boards = bpy.context.scene.collection.objects[0]
    head = _put_head()
    studio.light(*SUN)
    studio.look_down()
    studio.render(folder / "photo.jpg", samples)
    for thing, level in ((boards, 0.0), (head, 1.0)):
        thing.data.materials.clear()
        thing.data.materials.append(_plain(level))
    scene = bpy.context.scene
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01
    scene.render.dither_intensity = 0  # or black is not all black
    scene.view_settings.view_transform, scene.view_settings.look = "Raw", "None"
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "BW"
    scene.render.filepath = str(folder / "mask.png")
    bpy.ops.render.render(write_still=True)


def _put_head() -> bpy.types.Object:
    """Blender's monkey, in a reddish clay, its face to the sky."""
    bpy.ops.mesh.primitive_monkey_add(
        size=0.5, location=(0.5, 0.5, 0.1), rotation=(-1.4, 0.12, 0.25)
    )
    head: bpy.types.Object = bpy.context.object
    smooth = head.modifiers.new("smooth", "SUBSURF")
    smooth.render_levels = 3
    head.data.shade_smooth()
    clay = bpy.data.materials.new("Clay")
    clay.use_nodes = True
    nodes, link = clay.node_tree.nodes, clay.node_tree.links.new
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = 0.55
    noise, ramp = nodes.new("ShaderNodeTexNoise"), nodes.new("ShaderNodeValToRGB")
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 9.0, 8.0
    ramp.color_ramp.elements[0].color = (0.26, 0.085, 0.045, 1)
    ramp.color_ramp.elements[1].color = (0.52, 0.24, 0.14, 1)
    value = next(socket for socket in noise.outputs if socket.type == "VALUE")
    link(value, ramp.inputs["Fac"])
    link(ramp.outputs["Color"], shader.inputs["Base Color"])
    head.data.materials.append(clay)
    return head


def _plain(level: float) -> bpy.types.Material:
    """A material that shines of its own, so much."""
    material = bpy.data.materials.new("Plain")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    shine = nodes.new("ShaderNodeEmission")
    shine.inputs["Color"].default_value = (level, level, level, 1)
    output = next(node for node in nodes if node.type == "OUTPUT_MATERIAL")
    material.node_tree.links.new(shine.outputs["Emission"], output.inputs["Surface"])
    return material
