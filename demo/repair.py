"""Show a photo with a stain and a mark, its mask, and the photo repaired: ``repair.py OUT``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

PHOTO = Path(__file__).parent / "exemplar.png"
GAP = 12
# Shares of the picture's sides, and what is painted there.
STAIN, MARK = (0.35, 0.4, 0.6, 0.62), (0.1, 0.8, 0.55, 0.86)
COLOURS = ("#3c2415", "#e8e8e8")
BYTES = 120_000  # of the file, at most


def damage(photo: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Return a photo with a stain and a mark on it, and the mask of the two."""
    spoilt, mask = photo.copy(), Image.new("L", photo.size)
    for number, (shares, colour) in enumerate(zip((STAIN, MARK), COLOURS, strict=True)):
        box = [share * side for share, side in zip(shares, photo.size * 2, strict=True)]
        for picture, fill in ((spoilt, colour), (mask, 255)):
            draw = ImageDraw.Draw(picture)
            (draw.rectangle if number else draw.ellipse)(box, fill=fill)
    return spoilt, mask


def repair(spoilt: Image.Image, mask: Image.Image) -> Image.Image:
    """Return a photo of which the engine has made anew what a mask marks."""
    with tempfile.TemporaryDirectory() as folder:
        before, marked, after = (Path(folder) / name for name in ("in.png", "mask.png", "out.png"))
        spoilt.save(before)
        mask.save(marked)
        command: list[str | Path] = [sys.executable, "-m", "texcore", "synthesize", before]
        command += ["--repair", marked, "-o", after, *sys.argv[2:]]
        subprocess.run(command, check=True)
        return Image.open(after).convert("RGB")


def compose(pictures: list[Image.Image]) -> Image.Image:
    """Return pictures of one size in a row."""
    width, height = pictures[0].size
    sheet = Image.new("RGB", ((width + GAP) * len(pictures) - GAP, height), "white")
    for n, picture in enumerate(pictures):
        sheet.paste(picture, (n * (width + GAP), 0))
    return sheet


if __name__ == "__main__":
    spoilt, mask = damage(Image.open(PHOTO).convert("RGB"))
    sheet = compose([spoilt, mask.convert("RGB"), repair(spoilt, mask)])
    sheet = sheet.resize((sheet.width * 2 // 3, sheet.height * 2 // 3), Image.Resampling.LANCZOS)
    quality = 90
    while True:
        sheet.save(sys.argv[1], quality=quality, optimize=True)
        if Path(sys.argv[1]).stat().st_size <= BYTES:
            break
        quality -= 5
