"""Draw over an editor: rectangles, pictures and words; and find out where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

POINTS = 13  #: of letters, at a resolution scale of 1
Colour = tuple[float, float, float, float]
_LETTERS = (0.9, 0.9, 0.9, 1)


class Cell(NamedTuple):
    """Where something lies, in pixels from the lower left corner."""

    x: float
    y: float
    width: float
    height: float


def find_cell(cells: Sequence[Cell], x: float, y: float) -> int | None:
    """Return the number of the cell at a place; None between and beside them."""
    for number, cell in enumerate(cells):
        if 0 <= x - cell.x < cell.width and 0 <= y - cell.y < cell.height:
            return number
    return None


def measure_room(area: bpy.types.Area) -> Cell:
    """Return what of an editor's main region no other one lies over, in pixels of the window."""
    main = find_main(area)
    left, low, right, high = main.x, main.y, main.x + main.width, main.y + main.height
    for region in area.regions:
        if min(region.width, region.height) <= 1:  # it is hidden
            continue
        if region.alignment == "LEFT":
            left = max(left, region.x + region.width)
        elif region.alignment == "RIGHT":
            right = min(right, region.x)
        elif region.alignment == "BOTTOM":
            low = max(low, region.y + region.height)
        elif region.alignment == "TOP":
            high = min(high, region.y)
    return Cell(left, low, max(right - left, 1), max(high - low, 1))


def find_main(area: bpy.types.Area) -> bpy.types.Region:
    """Return the main region of an editor."""
    return next(region for region in area.regions if region.type == "WINDOW")


def make_texture(pixels: np.ndarray | None) -> Any:
    """Bring pixels to the graphics card; None for nothing."""
    if pixels is None:
        return None
    values = np.ascontiguousarray(pixels, np.float32)
    buffer = gpu.types.Buffer("FLOAT", values.size, values.ravel())
    size = pixels.shape[1], pixels.shape[0]
    return gpu.types.GPUTexture(size, format="RGBA16F", data=buffer)


def _corners(cell: Cell) -> list[tuple[float, float]]:
    """Return the corners of two triangles that fill a cell."""
    left, low, right, high = cell.x, cell.y, cell.x + cell.width, cell.y + cell.height
    return [(left, low), (right, low), (right, high), (left, low), (right, high), (left, high)]


def fill(cell: Cell, colour: Colour) -> None:
    """Fill a rectangle of the region that is being drawn."""
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    batch = batch_for_shader(shader, "TRIS", {"pos": _corners(cell)})
    shader.uniform_float("color", colour)
    batch.draw(shader)


def paint(cell: Cell, texture: Any) -> None:
    """Draw a picture over a rectangle of the region that is being drawn."""
    shader = gpu.shader.from_builtin("IMAGE")
    places = {"pos": _corners(cell), "texCoord": _corners(Cell(0, 0, 1, 1))}
    batch = batch_for_shader(shader, "TRIS", places)
    shader.uniform_sampler("image", texture)
    batch.draw(shader)


def write(words: str, x: float, y: float, scale: float) -> None:
    """Write words from a place on, at a scale of the interface."""
    blf.size(0, POINTS * scale)
    blf.position(0, x, y, 0)
    blf.color(0, *_LETTERS)
    blf.draw(0, words)
