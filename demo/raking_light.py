"""Render a material's maps, repeated, under a light that rakes across.

    python demo/raking_light.py MAPS OUT.png [SIZE [SAMPLES [REPEATS]]]     with the bpy wheel

MAPS is a folder with base_color.png, normal.png (OpenGL) and roughness.png or gloss.png.
Where relief and colour do not belong together, it shows: shadows fall where nothing stands.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import before_after
import bpy

ELEVATION = math.radians(14)  # of the sun above the surface
DATA = {"normal", "roughness", "gloss"}


def main() -> None:
    """Read the words, build the surface, render."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    folder, out = Path(words[0]), Path(words[1]).resolve()
    given, usual = words[2:], ["480", "16", "3"]
    size, samples, before_after.REPEATS = (int(w) for w in given + usual[len(given) :])
    material = before_after.make_scene(folder / "base_color.png")
    plug_in(material, folder)
    scene = bpy.context.scene
    sun = scene.objects["Sun"]
    sun.rotation_euler = (math.pi / 2 - ELEVATION, 0, math.radians(-120))
    sun.data.energy = math.pi / math.sin(ELEVATION)  # a flat surface is as light as by day
    sun.data.angle = math.radians(2)
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples = "CPU", samples
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "AgX"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.filepath = str(out)
    bpy.ops.render.render(write_still=True)


def plug_in(material: bpy.types.Material, folder: Path) -> None:
    """Put normals and roughness into the tree that has the base color."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Specular IOR Level"].default_value = 0.5
    for path in sorted(folder.glob("*.png")):
        if path.stem not in DATA:
            continue
        texture = nodes.new("ShaderNodeTexImage")
        texture.image = bpy.data.images.load(str(path))
        texture.image.colorspace_settings.name = "Non-Color"
        out = texture.outputs["Color"]
        if path.stem == "normal":
            between = nodes.new("ShaderNodeNormalMap")
            links.new(out, between.inputs["Color"])
            links.new(between.outputs[0], shader.inputs["Normal"])
        elif path.stem == "gloss":
            between = nodes.new("ShaderNodeInvert")
            links.new(out, between.inputs["Color"])
            links.new(between.outputs[0], shader.inputs["Roughness"])
        elif path.stem == "roughness":
            links.new(out, shader.inputs["Roughness"])


if __name__ == "__main__":
    main()
