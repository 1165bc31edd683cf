"""A sheet of textures over an editor: where each lies, how it is drawn, what is under the pointer.

It is drawn over the editor and is no image of the file. What it shows is in memory from the moment
it is opened, so drawing it is quick.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ..images import marks
from ..images.srgb import encode_srgb
from . import overlay
from .overlay import Cell, Overlay

_GAP, _LINE = 12, 22  # pixels at a resolution scale of 1
_BORDER = 3
_GROUND, _PLAIN, _UNDER = (0.05, 0.05, 0.05, 0.92), (0.25, 0.25, 0.25, 1), (1, 0.6, 0.15, 1)
#: Of a larger image the preview is shown: reading all pixels would hold Blender up.
_FEW_PIXELS = 1 << 22
_SIDE = 512  # of what is shown of an image, at most


@dataclass(frozen=True)
class Shown:
    """A texture on the sheet.

    Attributes:
        name: Of its image.
        words: Below it.
        aspect: Its width over its height.
        pixels: As they are shown, (height, width, 4), bottom row first; None for nothing.
    """

    name: str
    words: str
    aspect: float
    pixels: np.ndarray | None = None


def lay_out(
    aspects: Sequence[float], width: float, height: float, scale: float = 1.0
) -> list[Cell]:
    """Lay textures out in rows, as large as there is room for, the first at the top left.

    Args:
        aspects: Width over height of each.
        width, height: Of the editor, in pixels.
        scale: Of the interface.
    """
    gap, line = min(_GAP * scale, height / 16), min(_LINE * scale, height / 8)
    best = (0.0, 1)
    for columns in range(1, len(aspects) + 1):
        rows = math.ceil(len(aspects) / columns)
        room = (width - gap) / columns - gap, (height - gap) / rows - gap - line
        side = min(min(room[0] / max(aspect, 1), room[1] * max(aspect, 1)) for aspect in aspects)
        best = max(best, (side, columns))
    columns = best[1]
    rows = math.ceil(len(aspects) / columns)
    wide, high = (width - gap) / columns, (height - gap) / rows
    cells = []
    for number, aspect in enumerate(aspects):
        row, column = divmod(number, columns)
        room = max(wide - gap, 1), max(high - gap - line, 1)
        size = min(room[0], room[1] * aspect)
        x = gap + column * wide + (wide - gap - size) / 2
        y = height - gap - row * high - size / aspect
        cells.append(Cell(x, y, size, size / aspect))
    return cells


def shrink(image: bpy.types.Image, side: int = _SIDE) -> np.ndarray | None:
    """Return an image as an editor shows it, made smaller; None if there is nothing to show.

    Returns:
        Values in 0...1 of shape (height, width, 4), the bottom row first.
    """
    width, height = image.size
    source: Any = image
    encoded = not image.is_float or image.colorspace_settings.is_data
    name = "pixels"
    preview = image.preview_ensure() if width * height > _FEW_PIXELS else None
    if preview is not None and min(preview.image_size) > 0:  # it has been drawn
        source, name, encoded = preview, "image_pixels_float", True
        width, height = preview.image_size
    if not width or not height:
        return None
    flat = np.empty(width * height * 4, np.float32)
    getattr(source, name).foreach_get(flat)
    step = max(1, math.ceil(max(width, height) / side))
    height, wide = height // step * step, width // step * step
    pixels = flat.reshape(-1, width, 4)[:height, :wide]
    small = pixels.reshape(height // step, step, wide // step, step, 4).mean((1, 3))
    if not encoded:
        small[..., :3] = encode_srgb(small[..., :3])
    return small.clip(0, 1)


def show(image: bpy.types.Image, words: str) -> Shown:
    """Make ready what a sheet shows of an image."""
    width, height = marks.measure_extent(image)
    aspect = min(max(width / height, 1 / 8), 8.0) if width and height else 1.0
    return Shown(image.name, words, aspect, shrink(image))


class Sheet(Overlay):
    """Textures over an editor.

    Attributes:
        shown: The textures.
        under: Number of the one under the pointer; None for none.
    """

    def __init__(self, shown: Sequence[Shown], area: bpy.types.Area) -> None:
        super().__init__(area)
        self.shown = list(shown)
        self.under: int | None = None
        self._textures: list[Any] = []

    def cells(self) -> list[Cell]:
        """Return where the textures lie, in pixels of the window."""
        scale = bpy.context.preferences.system.ui_scale
        room = overlay.measure_room(self.area)
        cells = lay_out([each.aspect for each in self.shown], room.width, room.height, scale)
        return [cell._replace(x=cell.x + room.x, y=cell.y + room.y) for cell in cells]

    def point(self, x: int, y: int) -> bool:
        """Note what is under the pointer, at a place of the window; say whether that is new."""
        before, self.under = self.under, overlay.find_cell(self.cells(), x, y)
        return self.under != before

    def draw_in(self, region: bpy.types.Region) -> None:
        """Draw the textures with their words, and a border around the one under the pointer."""
        if not self._textures:
            self._textures = [overlay.make_texture(each.pixels) for each in self.shown]
        scale = bpy.context.preferences.system.ui_scale
        edge = _BORDER * scale
        overlay.fill(Cell(0, 0, region.width, region.height), _GROUND)
        for number, cell in enumerate(self.cells()):
            x, y = cell.x - region.x, cell.y - region.y
            around = Cell(x - edge, y - edge, cell.width + 2 * edge, cell.height + 2 * edge)
            overlay.fill(around, _UNDER if number == self.under else _PLAIN)
            if self._textures[number] is not None:
                overlay.paint(cell._replace(x=x, y=y), self._textures[number])
            overlay.write(self.shown[number].words, x, y - 0.8 * _LINE * scale, scale)
