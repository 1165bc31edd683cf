"""Inside Blender: what handing images over to the engine and back costs.

Run by ``build.py bench`` with the extension's zip, a folder and sides; prints a line of JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np


def main() -> None:
    """Measure each side."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    zip_, folder, *sides = words
    begun = time.perf_counter()
    bpy.ops.extensions.package_install_files(
        filepath=zip_, repo="user_default", enable_on_install=True
    )
    installed = time.perf_counter() - begun
    images = importlib.import_module("bl_ext.user_default.texcore.images.exchange")
    rows = [measured(images, int(side), Path(folder)) for side in sides]
    answer = {"blender": bpy.app.version_string, "install s": installed, "images": rows}
    print("bench: " + json.dumps(answer), flush=True)


def measured(images: Any, side: int, folder: Path) -> dict[str, float]:
    """Seconds to give an image as a file and as pixels, and to bring one in."""
    path = folder / f"{side}.png"
    image = bpy.data.images.new(f"bench {side}", side, side, alpha=False)
    pixels = np.random.default_rng(0).random(side * side * 4, dtype=np.float32)
    image.pixels.foreach_set(pixels)
    image.file_format = "PNG"
    image.filepath_raw = str(path)
    image.save()
    start = time.perf_counter()
    exemplar = images.export_image(image, folder)
    as_file = time.perf_counter() - start
    image.pixels.foreach_set(pixels)
    start = time.perf_counter()
    images.export_image(image, folder)
    as_pixels = time.perf_counter() - start
    start = time.perf_counter()
    result = images.bring_in(path, exemplar, "result", image, "{}")
    brought = time.perf_counter() - start
    bpy.data.images.remove(result)
    bpy.data.images.remove(image)
    return {
        "side": side,
        "give a file ms": as_file * 1e3,
        "give changed pixels ms": as_pixels * 1e3,
        "bring in ms": brought * 1e3,
    }


if __name__ == "__main__":
    main()
    os._exit(0)  # some versions of the wheel hang or crash on their way out
