"""Draw cuts through solid textures, a row for each: the photo, two upright, a level, an oblique.

.venv/bin/python -m texcore solid demo/exemplar.png -o stones.png --seed 1
.venv/bin/python -m demo.solid OUT.jpg demo/exemplar.png stones.png ...
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from texcore import pictures
from texcore.solids.cube import read_atlas

# Side of a picture in pixels, between them, and how often the cube goes into a cut.
_SIDE, _GAP, _TIMES = 240, 8, 1.5


def main() -> None:
    """Draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("pairs", type=Path, nargs="+", help="a photo, its solid texture, and so on")
    given = parser.parse_args()
    pairs = list(zip(given.pairs[::2], given.pairs[1::2], strict=True))
    step = _SIDE + _GAP
    sheet = Image.new("RGB", (5 * step - _GAP, len(pairs) * step - _GAP), "white")
    for row, (photo, atlas) in enumerate(pairs):
        for column, picture in enumerate(draw_row(photo, atlas)):
            sheet.paste(picture, (column * step, row * step))
    sheet.save(given.output, quality=82)


def draw_row(photo: Path, atlas: Path) -> list[Image.Image]:
    """Draw the photo at the cube's scale, and four cuts through the cube.

    Args:
        photo: Of the texture.
        atlas: The picture of the cube's slices, with its recipe.
    """
    recipe = pictures.read_recipe(atlas)
    slices = torch.from_numpy(pictures.read(atlas).pixels[:3])
    cube = read_atlas(slices, int(recipe.voxels)).numpy()
    shown = Image.open(photo).convert("RGB")
    side = round(min(1.0, _TIMES * recipe.span) * min(shown.size))
    tilt = math.sqrt(0.5), math.sqrt(1 / 3), math.sqrt(1 / 6)
    cuts = (
        ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
        ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        ((2 * tilt[2], -tilt[2], -tilt[2]), (0.0, tilt[0], -tilt[0])),
    )
    whole = shown.crop((0, 0, side, side)).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return [whole, *(cut(cube, *axes) for axes in cuts)]


def cut(
    cube: np.ndarray, down: tuple[float, float, float], right: tuple[float, float, float]
) -> Image.Image:
    """Draw a plane cut through a cube (3, n, n, n) that repeats.

    Args:
        cube: Counted downwards, towards the viewer, to the right.
        down, right: Where a step down and to the right in the picture leads, in these.
    """
    n = cube.shape[-1]
    steps = np.arange(_SIDE) * _TIMES * n / _SIDE
    rows, columns = np.meshgrid(steps, steps, indexing="ij")
    place = [n / 3 + rows * a + columns * b for a, b in zip(down, right, strict=True)]
    colours = [
        ndimage.map_coordinates(channel, place, order=1, mode="grid-wrap") for channel in cube
    ]
    return Image.fromarray((np.stack(colours, -1).clip(0, 1) * 255).round().astype(np.uint8))


if __name__ == "__main__":
    main()
