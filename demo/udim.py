"""Render a plane over 2 × 2 UDIM tiles: each the same picture, and one new texture over all.

    python demo/udim.py EXTENSION.zip PICTURE BEFORE.png AFTER.png [SIDE]     with the bpy wheel

The tiles are SIDE pixels wide and high, 256 unless it is said, the picture is scaled to that.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import before_after
import bpy

TILES = 2  #: along each side


def main() -> None:
    """Build the plane, render it, have the extension make the tiles anew, render it again."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    extension, picture, before, after = (Path(word).resolve() for word in words[:4])
    side = int(words[4]) if len(words) > 4 else 256
    before_after.install(extension)
    before_after.REPEATS, before_after.SIDE = TILES, 440
    material = before_after.make_scene(picture)
    with tempfile.TemporaryDirectory() as folder:
        texture = next(node for node in material.node_tree.nodes if node.type == "TEX_IMAGE")
        texture.image = make_tiles(texture.image, Path(folder), side)
        before_after.render(before)
        before_after.synthesise(material, side, "standard")
    before_after.render(after)


def make_tiles(image: bpy.types.Image, folder: Path, side: int) -> bpy.types.Image:
    """Write a picture as every tile, and return the image of these tiles."""
    image.scale(side, side)
    image.file_format = "PNG"
    for number in (1001, 1002, 1011, 1012):
        image.filepath_raw = str(folder / f"ground.{number}.png")
        image.save()
    tiled = bpy.data.images.load(str(folder / "ground.1001.png"))
    tiled.source = "TILED"
    tiled.filepath = str(folder / "ground.<UDIM>.png")
    return tiled


if __name__ == "__main__":
    main()
