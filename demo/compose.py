"""Put two renders side by side, each with a caption: ``compose.py BEFORE AFTER OUT [WORDS…]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CAPTIONS = ("The photo, repeated 3 by 3", "The new texture, repeated 3 by 3")
GAP, STRIP = 12, 34
PAPER, INK = "white", "#303030"


def compose(pictures: list[Image.Image], captions: Sequence[str] = CAPTIONS) -> Image.Image:
    """Pictures of one size in a row, captions below."""
    width, height = pictures[0].size
    sheet = Image.new(
        "RGB", (width * len(pictures) + GAP * (len(pictures) - 1), height + STRIP), PAPER
    )
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=17)
    for n, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        left = n * (width + GAP)
        sheet.paste(picture.convert("RGB"), (left, 0))
        draw.text((left + width / 2, height + STRIP / 2), caption, INK, font, anchor="mm")
    return sheet


if __name__ == "__main__":
    before, after, out = (Path(word) for word in sys.argv[1:4])
    words = sys.argv[4:] or CAPTIONS
    compose([Image.open(before), Image.open(after)], words).save(out, optimize=True)
