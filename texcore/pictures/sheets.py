"""Pictures side by side in one picture, each with a line of words below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from . import Picture, Pixels

_GAP, _STRIP = 8, 24
_PAPER, _INK = "white", "#303030"
_LARGEST_LETTERS, _SMALLEST_LETTERS = 15, 7


def row(pictures: Sequence[Picture], words: Sequence[str]) -> Picture:
    """A row of pictures of any sizes with words below, 8 bits RGB.

    Args:
        pictures: As displayed; what is transparent is left so.
        words: One for each; letters shrink until they fit below their picture.
    """
    tiles = [Image.fromarray(_bytes(picture.pixels)) for picture in pictures]
    height = max(tile.height for tile in tiles)
    width = sum(tile.width for tile in tiles) + _GAP * (len(tiles) - 1)
    sheet = Image.new("RGB", (width, height + _STRIP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    left = 0
    for tile, label in zip(tiles, words, strict=True):
        sheet.paste(tile, (left, 0), tile if tile.mode == "RGBA" else None)
        middle = left + tile.width / 2, height + _STRIP / 2
        draw.text(middle, label, _INK, _fitting(draw, label, tile.width), anchor="mm")
        left += tile.width + _GAP
    pixels = np.asarray(sheet, np.float32).transpose(2, 0, 1) / 255
    return Picture(np.ascontiguousarray(pixels), "uint8")


def _fitting(
    draw: ImageDraw.ImageDraw, words: str, width: int
) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's default font in the largest size in which words fit into a width."""
    size = _LARGEST_LETTERS
    while size > _SMALLEST_LETTERS and draw.textlength(words, ImageFont.load_default(size)) > width:
        size -= 1
    return ImageFont.load_default(size)


def _bytes(pixels: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture of 1 to 4 channels, (c, h, w), as bytes of RGB or RGBA, (h, w, 3 or 4)."""
    colour, alpha = (pixels[:-1], pixels[-1:]) if len(pixels) in (2, 4) else (pixels, pixels[:0])
    colour = np.broadcast_to(colour, (3, *colour.shape[1:]))
    rows = np.concatenate([colour, alpha]).transpose(1, 2, 0)
    return np.ascontiguousarray(np.round(rows.clip(0, 1) * 255).astype(np.uint8))
