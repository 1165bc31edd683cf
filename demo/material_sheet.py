"""Put a material's maps, the new ones and renders of both on one sheet.

    python demo/material_sheet.py MAPS NEW BEFORE.png AFTER.png OUT.jpg

MAPS and NEW are folders of maps of the same names. Each map stands beside the new one, both at one
scale; below are the renders, as `demo/raking_light.py` makes them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ("base_color", "normal", "roughness", "height")
WIDTH, GAP = 1000, 6
PAPER = "white"


def main() -> None:
    """Read the words, lay the pictures out, write the sheet."""
    maps, new, before, after, out = (Path(word) for word in sys.argv[1:])
    column = (WIDTH + GAP) // len(KINDS) - GAP
    widths = [Image.open(folder / f"{KINDS[0]}.png").width for folder in (maps, new)]
    sides = [(column - GAP) * width // sum(widths) for width in widths]
    render = (WIDTH - GAP) // 2
    sheet = Image.new("RGB", (WIDTH, sides[1] + GAP + render), PAPER)
    for number, kind in enumerate(KINDS):
        left = number * (column + GAP)
        for folder, side in zip((maps, new), sides, strict=True):
            sheet.paste(read(folder / f"{kind}.png", side), (left, sides[1] - side))
            left += side + GAP
    for left, path in ((0, before), (WIDTH - render, after)):
        sheet.paste(read(path, render), (left, sides[1] + GAP))
    sheet.save(out, quality=88, optimize=True)


def read(path: Path, side: int) -> Image.Image:
    """Read a picture at a size; of 16 bits the upper eight."""
    with Image.open(path) as file:
        values = np.asarray(file if file.mode.startswith("I") else file.convert("RGB"))
    if values.ndim == 2:
        values = (values // 257).astype(np.uint8)
    picture = Image.fromarray(values).convert("RGB")
    return picture.resize((side, side), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
