"""Render a texture, or a material's maps, on a large surface: repeated, and un-tiled.

    python demo/untile.py EXTENSION.zip TEXTURE BEFORE.png AFTER.png     with the bpy wheel

TEXTURE is a picture, or a folder of maps as `raking_light.py` takes it, on which a low sun shines.
``--help`` lists what else can be said, such as how often a wall's pattern goes round the picture.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import before_after
import bpy
from raking_light import ELEVATION, plug_in


def main() -> None:
    """Read the words, build the surface, render it twice."""
    given = arguments()
    before_after.install(given.zip)
    before_after.REPEATS, before_after.SIDE = given.repeats, given.size
    before_after.SAMPLES = given.samples
    is_folder = given.texture.is_dir()
    picture = given.texture / "base_color.png" if is_folder else given.texture
    material = before_after.make_scene(picture)
    if is_folder:
        plug_in(material, given.texture)
        sun = bpy.context.scene.objects["Sun"]
        sun.rotation_euler = (math.pi / 2 - ELEVATION, 0, math.radians(-120))
        sun.data.energy = math.pi / math.sin(ELEVATION)
    before_after.render(given.before.resolve())
    bpy.ops.texcore.untile(
        material=material.name, method=given.method, across=given.across, up=given.up
    )
    before_after.render(given.after.resolve())


def arguments() -> argparse.Namespace:
    """The words behind ``--``, or all of them under the bpy wheel."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    parser = argparse.ArgumentParser(prog="untile.py")
    parser.add_argument("zip", type=Path, help="the extension")
    parser.add_argument("texture", type=Path, help="a picture, or a folder of maps")
    parser.add_argument("before", type=Path, help="file for the repeated surface")
    parser.add_argument("after", type=Path, help="file for the un-tiled one")
    parser.add_argument("--repeats", type=int, default=8, help="of the texture, a side")
    parser.add_argument("--size", type=int, default=560, help="of a render, in pixels")
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--method", default="AUTO", help="AUTO, TURNED, SHIFTED or LATTICE")
    parser.add_argument("--across", type=int, default=0, help="patterns side by side")
    parser.add_argument("--up", type=int, default=0, help="patterns one above the other")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
