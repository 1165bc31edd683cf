"""Lay pictures out in a figure that knows where they are, so that they can be taken from it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .experiment import TILE

LARGEST_BYTES = 150_000  #: of a figure
WIDTH = 1000  #: in pixels
_GAP, _STRIP = 6, 18
_PAPER, _INK = "white", "#303030"


@dataclass(frozen=True)
class Tile:
    """A picture in a figure.

    Attributes:
        name: Of the source or the experiment.
        picture: Of any size.
        label: Stands below it.
    """

    name: str
    picture: Image.Image
    label: str


def lay_out(rows: Sequence[Sequence[Tile]], largest: int = TILE) -> tuple[Image.Image, bytes]:
    """Lay pictures out in rows, each above its label; returns where they are as JSON, too."""
    widest = max(len(row) for row in rows)
    side = min(largest, (WIDTH + _GAP) // widest - _GAP)
    size = (widest * (side + _GAP) - _GAP, len(rows) * (side + _STRIP + _GAP))
    sheet = Image.new("RGB", size, _PAPER)
    pen, top, places = ImageDraw.Draw(sheet), 0, {}
    for row in rows:
        for number, tile in enumerate(row):
            left = number * (side + _GAP)
            picture = tile.picture.resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(picture, (left, top))
            middle = (left + side / 2, top + side + _STRIP / 2)
            pen.text(middle, tile.label, _INK, _fitting(pen, tile.label, side), anchor="mm")
            places[tile.name] = left, top, side, tile.label
        top += side + _STRIP + _GAP
    return sheet, json.dumps(places).encode()


def compress(sheet: Image.Image, comment: bytes = b"") -> bytes:
    """Give a JPEG as good as fits into a figure's size, with a comment in it."""
    for quality in range(90, 20, -5):
        file = io.BytesIO()
        sheet.save(file, "JPEG", quality=quality, optimize=True, comment=comment)
        if file.tell() <= LARGEST_BYTES:
            break
    return file.getvalue()


def read_tiles(path: Path) -> dict[str, Tile]:
    """Cut the pictures out of a figure that says in a comment where they are."""
    if not path.exists():
        return {}
    with Image.open(path) as sheet:
        places = json.loads(sheet.info.get("comment", b"{}"))
        return {
            name: Tile(name, sheet.crop((left, top, left + side, top + side)), label)
            for name, (left, top, side, label) in places.items()
        }


def _fitting(pen: ImageDraw.ImageDraw, words: str, width: int) -> ImageFont.FreeTypeFont:
    """The default font, as large as fits."""
    size = 13
    while size > 6 and pen.textlength(words, ImageFont.load_default(size)) > width:
        size -= 1
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
