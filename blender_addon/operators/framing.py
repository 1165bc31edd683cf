"""The verb that draws the rectangle to learn from, over the photo in the Image Editor."""

from __future__ import annotations

from typing import ClassVar

import bpy
from bpy.app.translations import pgettext_rpt as rpt_

from ..bundled.texcore.contract.choices import RECTANGLE
from ..bundled.texcore.contract.errors import BadInput
from ..engine.redrawing import redraw
from ..engine.saying import say
from ..images import marks
from ..nodes import targets
from . import overlay
from .overlay import Cell, Overlay, ShowsOverlay

_SHADE, _EDGE = (0, 0, 0, 0.55), (1, 0.6, 0.15, 1)
_EDGE_PIXELS = 2
#: A shorter drag is a click by mistake, in shares of the photo.
_LEAST_SHARE = 0.01

Shares = tuple[float, float]


class Frame(Overlay):
    """A rectangle on a photo that an Image Editor shows.

    Attributes:
        first, last: Two corners, in shares of the photo from its lower left corner; None before the
            first is there.
    """

    def __init__(self, area: bpy.types.Area) -> None:
        super().__init__(area)
        self.first: Shares | None = None
        self.last: Shares | None = None

    def locate(self, x: int, y: int) -> Shares:
        """Return where on the photo a place of the window is; beside it, the nearest border."""
        region = overlay.find_main(self.area)
        across, up = region.view2d.region_to_view(x - region.x, y - region.y)
        return min(max(across, 0.0), 1.0), min(max(up, 0.0), 1.0)

    def measure(self) -> tuple[float, float, float, float] | None:
        """Return left, top, width and height in shares of the photo; None for next to nothing."""
        if self.first is None or self.last is None:
            return None
        (left, low), (right, high) = (
            map(min, self.first, self.last),
            map(max, self.first, self.last),
        )
        width, height = right - left, high - low
        if min(width, height) < _LEAST_SHARE:
            return None
        return left, 1 - high, width, height

    def draw_in(self, region: bpy.types.Region) -> None:
        """Darken the photo around the rectangle."""
        shares = self.measure()
        if shares is None:
            return
        left, top, width, height = shares
        place = region.view2d.view_to_region
        x, y = place(left, 1 - top - height, clip=False)
        right, high = place(left + width, 1 - top, clip=False)
        for part in surround(Cell(x, y, right - x, high - y), region.width, region.height):
            overlay.fill(part, _SHADE)
        edge = _EDGE_PIXELS
        for part in surround(Cell(x, y, right - x, high - y), edge, edge, around=True):
            overlay.fill(part, _EDGE)


def surround(cell: Cell, width: float, height: float, around: bool = False) -> list[Cell]:
    """Return four rectangles about another one.

    Args:
        cell: The one in the middle.
        width, height: Of the editor that they fill; with ``around``, of a border that they are.
        around: Whether they are a border.
    """
    left, low, right, high = cell.x, cell.y, cell.x + cell.width, cell.y + cell.height
    outer = (0.0, 0.0, width, height)
    if around:
        outer = (left - width, low - height, right + width, high + height)
    x, y, far, top = outer
    return [
        Cell(x, y, left - x, top - y),
        Cell(right, y, far - right, top - y),
        Cell(left, y, right - left, low - y),
        Cell(left, high, right - left, top - high),
    ]


class TEXCORE_OT_draw_rectangle(ShowsOverlay, bpy.types.Operator):
    """Drag a rectangle over the photo in the Image Editor; the texture is learnt from it alone."""

    bl_idname = "texcore.draw_rectangle"
    bl_label = "Draw Rectangle"

    overlay: Frame
    pointer: ClassVar[str] = "CROSSHAIR"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Show the photo in an Image Editor, and wait for the pointer."""
        try:
            image = targets.find_target(context).image
            if image is None:
                raise BadInput("There is no image to learn from.")
            area = _find_editor(context)
            if area is None:
                raise BadInput("Open an Image Editor first: the rectangle is drawn there.")
        except BadInput as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        space = area.spaces.active
        photo = marks.find_original(image)
        if space.image != photo:
            space.image = photo
        said = rpt_("Drag a rectangle over the photo; Esc leaves all as it is")
        return self.open(context, Frame(area), said)

    def follow(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Follow the pointer while its button is held."""
        frame, place = self.overlay, (event.mouse_x, event.mouse_y)
        if frame.first is None:
            if event.type != "LEFTMOUSE" or event.value != "PRESS" or not frame.covers(*place):
                return {"PASS_THROUGH"}
            frame.first = frame.last = frame.locate(*place)
            return {"RUNNING_MODAL"}
        frame.last = frame.locate(*place)
        frame.tag_redraw()
        if event.type != "LEFTMOUSE" or event.value != "RELEASE":
            return {"RUNNING_MODAL"}
        shares = frame.measure()
        if shares is None:
            frame.first = frame.last = None
            return {"RUNNING_MODAL"}
        self.close(context)
        settings = context.scene.texcore
        settings.rectangle, settings.learn_from = shares, RECTANGLE.id
        redraw()
        return {"FINISHED"}


def _find_editor(context: bpy.types.Context) -> bpy.types.Area | None:
    """Return the Image Editor that the user is in, or else the first; None if there is none."""
    areas = [context.area, *(context.screen.areas if context.screen else ())]
    return next((area for area in areas if area and area.type == "IMAGE_EDITOR"), None)


def register() -> None:
    """Add the verb."""
    bpy.utils.register_class(TEXCORE_OT_draw_rectangle)


def unregister() -> None:
    """Take it out again, with a frame that is being drawn."""
    overlay.close_all(Frame)
    bpy.utils.unregister_class(TEXCORE_OT_draw_rectangle)
