"""Inside Blender: install the extension, texture a material with it, render before and after.

Run by ``build.py demo``, in Blender or with the bpy wheel; see `main` for the words it takes.
Lines that begin with `MARKER` are for the terminal.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

MARKER = "demo: "
REPEATS = 3  #: of the texture along each side of the surface
SIDE = 480  #: longer side of a render, in pixels
SAMPLES = 24


def main() -> None:
    """Do it all: extension, scene, before, synthesis, after, saved file."""
    given = arguments()
    given.output.mkdir(parents=True, exist_ok=True)
    timed("extension installed in a throwaway profile", lambda: install(given.zip))
    material = make_scene(given.picture)
    timed("rendered with the photo", lambda: render(given.output / "before.png"))
    timed("texture synthesised", lambda: synthesise(material, given.size, given.quality))
    timed("rendered with the new texture", lambda: render(given.output / "after.png"))
    bpy.ops.wm.save_as_mainfile(filepath=str(given.output / "demo.blend"), compress=True)


def arguments() -> argparse.Namespace:
    """The words behind ``--``, or all of them under the bpy wheel."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    parser = argparse.ArgumentParser(prog="before_after.py")
    parser.add_argument("zip", type=Path, help="the extension")
    parser.add_argument("picture", type=Path, help="the exemplar")
    parser.add_argument("output", type=Path, help="folder for the results")
    parser.add_argument("--size", type=int, default=0, help="longer side in pixels; 0: the photo's")
    parser.add_argument("--quality", default="standard")
    return parser.parse_args(words)


def timed(done: str, work: Callable[[], Any]) -> None:
    """Do some work; say that it is done and how long it took."""
    start = time.perf_counter()
    work()
    print(f"{MARKER}    {done}: {time.perf_counter() - start:.1f} s", flush=True)


def install(path: Path) -> None:
    """Install the extension from its zip into this profile, as an artist would from disk."""
    bpy.ops.extensions.package_install_files(
        filepath=str(path), repo="user_default", enable_on_install=True
    )
    if not hasattr(bpy.types, "TEXCORE_OT_synthesize"):
        sys.exit("The extension was installed but is not enabled.")


def make_scene(picture: Path) -> bpy.types.Material:
    """A surface that repeats the picture, seen square on in plain white light."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    image = bpy.data.images.load(str(picture))
    width, height = (side / max(image.size) for side in image.size)
    material = bpy.data.materials.new("Ground")
    if bpy.app.version < (5, 0):  # from then on every material has nodes
        material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = 1.0
    shader.inputs["Specular IOR Level"].default_value = 0.0
    links.new(texture.outputs["Color"], shader.inputs["Base Color"])

    bpy.ops.mesh.primitive_plane_add(size=1)
    surface = bpy.context.object
    surface.scale = (width, height, 1)
    surface.data.materials.append(material)
    for corner in surface.data.uv_layers.active.data:
        corner.uv = corner.uv * REPEATS

    # A sun of strength π from straight above lights a white surface to exactly 1.
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy = math.pi
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", 1
    for name, data in (("Sun", sun), ("Camera", camera)):
        thing = bpy.data.objects.new(name, data)
        thing.location = (0, 0, 2)
        bpy.context.scene.collection.objects.link(thing)
    scene = bpy.context.scene
    scene.camera = scene.objects["Camera"]
    scene.render.resolution_x, scene.render.resolution_y = (
        round(SIDE * width),
        round(SIDE * height),
    )
    return material


def render(path: Path) -> None:
    """Render the scene with Cycles on the CPU."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples = "CPU", SAMPLES
    scene.cycles.use_denoising = False  # nothing here is noisy, and a denoiser would smear
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def synthesise(material: bpy.types.Material, size: int, quality: str) -> None:
    """Have the extension make a texture out of the material's picture, and put it in its place."""
    picture = next(node.image for node in material.node_tree.nodes if node.type == "TEX_IMAGE")
    scale = size / max(picture.size) if size else 1
    width, height = (round(side * scale) for side in picture.size)
    try:
        bpy.ops.texcore.synthesize(
            material=material.name, width=width, height=height, quality=quality
        )
    except RuntimeError:  # Blender has printed the sentence that the artist would read
        sys.exit(1)


if __name__ == "__main__":
    main()
