"""Repeat textures four by four, as they are and with what stands out evened out, on one sheet.

    .venv/bin/python benchmarks/evening.py OUT.jpg PICTURE...

Each picture is scaled to 256 × 256 pixels; its texture is a sketch, laid out anew, of that size.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

import texcore

SIDE = 256  #: of a texture, in pixels
REPEATS = 4
SHOWN, GAP = 264, 6  #: of a repeated texture on the sheet, and between two, in pixels
SHARES = (0.0, 1.0)
QUALITY = 70  #: of the JPEG


def main() -> None:
    """Make the textures and the sheet."""
    out, *pictures = map(Path, sys.argv[1:])
    step = SHOWN + GAP
    sheet = Image.new("RGB", (step * len(pictures) - GAP, step * len(SHARES) - GAP), "white")
    for column, picture in enumerate(pictures):
        for row, share in enumerate(SHARES):
            sheet.paste(repeat(make(picture, share)), (column * step, row * step))
    sheet.save(out, quality=QUALITY, optimize=True, progressive=True)


def make(picture: Path, share: float) -> Image.Image:
    """Make the texture of a picture."""
    with TemporaryDirectory() as folder:
        exemplar, made = Path(folder) / "exemplar.png", Path(folder) / "made.png"
        with Image.open(picture) as opened:
            side = min(opened.size)
            square = opened.convert("RGB").crop((0, 0, side, side))
        square.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(exemplar)
        words = {"quality": "sketch", "arrangement": "new", "seed": 3}
        texcore.synthesize(exemplar, made, size=SIDE, even=share, **words)
        with Image.open(made) as opened:
            return opened.convert("RGB")


def repeat(texture: Image.Image) -> Image.Image:
    """Lay a texture side by side with itself."""
    whole = Image.new("RGB", (SIDE * REPEATS, SIDE * REPEATS))
    for place in range(REPEATS**2):
        row, column = divmod(place, REPEATS)
        whole.paste(texture, (SIDE * column, SIDE * row))
    return whole.resize((SHOWN, SHOWN), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
