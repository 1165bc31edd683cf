"""What is drawn over an editor until it is closed, and the verbs that show it.

An `Overlay` is drawn after everything else that its editor shows, and changes nothing of it. Those
that draw one find here where there is room, and how rectangles, pictures and words are drawn.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

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


class Overlay(ABC):
    """Something over an editor, see `show`.

    Attributes:
        area: The editor.
    """

    def __init__(self, area: bpy.types.Area) -> None:
        self.area = area

    def covers(self, x: int, y: int) -> bool:
        """Return whether a place of the window is in the editor, and on none of its bars."""
        return find_cell([measure_room(self.area)], x, y) is not None

    def tag_redraw(self) -> None:
        """Have the editor drawn again."""
        find_main(self.area).tag_redraw()

    def draw(self) -> None:
        """Draw it; for a handler of the editor, after everything else."""
        region = bpy.context.region
        if bpy.context.area != self.area or region.type != "WINDOW":
            return
        gpu.state.blend_set("ALPHA")
        self.draw_in(region)
        gpu.state.blend_set("NONE")

    @abstractmethod
    def draw_in(self, region: bpy.types.Region) -> None:
        """Draw it in the main region of its editor; see `fill`, `paint` and `write`."""


class _Open(NamedTuple):
    """An overlay that is open, with the kind of editor and the handler that draws it."""

    overlay: Overlay
    space: type[bpy.types.Space]
    handler: Any


#: Those that are open; of a kind there is one at most.
_open: list[_Open] = []


def show(overlay: Overlay) -> None:
    """Draw an overlay from now on, in the place of another one of its kind."""
    close_all(type(overlay))
    space = type(overlay.area.spaces.active)
    handler = space.draw_handler_add(overlay.draw, (), "WINDOW", "POST_PIXEL")
    _open.append(_Open(overlay, space, handler))
    overlay.tag_redraw()


def list_open(kind: type[Overlay]) -> list[Overlay]:
    """Return the overlays of a kind that are open."""
    return [each.overlay for each in _open if type(each.overlay) is kind]


def close_all(kind: type[Overlay]) -> None:
    """Take away the overlay of a kind, if one is open."""
    for each in [each for each in _open if type(each.overlay) is kind]:
        _open.remove(each)
        each.space.draw_handler_remove(each.handler, "WINDOW")


class ShowsOverlay:
    """An operator with an overlay, which it follows the pointer over until it is closed.

    What an event over the editor is for its method ``follow`` does, called as `modal` is.

    Attributes:
        overlay: What it shows.
        pointer: Of what shape the pointer is meanwhile; empty for its own.
    """

    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    overlay: Any
    pointer: ClassVar[str] = ""

    def open(self: Any, context: bpy.types.Context, overlay: Overlay, said: str) -> set[str]:
        """Show an overlay, and wait for the pointer.

        Args:
            context: Where the user is.
            overlay: What to show.
            said: What to do, for Blender's status bar.
        """
        self.overlay = overlay
        show(overlay)
        context.workspace.status_text_set(said)
        if self.pointer:
            context.window.cursor_modal_set(self.pointer)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Follow the pointer, until Esc leaves all as it is."""
        if self.overlay not in list_open(type(self.overlay)):  # another one was opened instead
            return {"CANCELLED", "PASS_THROUGH"}
        if event.type in ("ESC", "RIGHTMOUSE"):
            self.close(context)
            return {"CANCELLED"}
        followed: set[str] = self.follow(context, event)
        return followed

    def cancel(self, context: bpy.types.Context) -> None:
        """Take the overlay away as Blender ends it, such as when a file is opened."""
        self.close(context)

    def close(self, context: bpy.types.Context) -> None:
        """Take the overlay away."""
        close_all(type(self.overlay))
        if context.workspace is not None:
            context.workspace.status_text_set(None)
        if self.pointer:
            context.window.cursor_modal_restore()
        self.overlay.tag_redraw()


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
