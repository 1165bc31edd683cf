"""What the scenes of the photographs share: the window's division, the beach, the camera."""

from __future__ import annotations

import os
from pathlib import Path

import bpy
import helpers
import numpy as np
import pointer
import screen
import stepping
from frames import FRAMES
from stepping import Steps

NAME = os.environ["TEXCORE_PHOTOGRAPH"]
FRAME = FRAMES[NAME]
FOLDER = Path(os.environ["TEXCORE_TEST_FOLDER"])
EXEMPLAR = Path(os.environ["TEXCORE_TEST_PICTURE"])
#: The panel's parts that can be opened, from the button upwards.
PARTS = ("Advanced", "Solid", "On an Object", "Derive Maps", "Mix and Regions", "Repair")
# Pixels at a scale of 1 from the button's top up to the head of the first of them, and to the next.
_FIRST_PART, _NEXT_PART = 17, 21


def get_preferences() -> bpy.types.AddonPreferences:
    """Return the extension's preferences."""
    return bpy.context.preferences.addons[helpers.PACKAGE].preferences


def clear_the_window(share: float = 0, beside: str = "") -> Steps:
    """Leave nothing in the window but the 3D View, and the preferences as an artist finds them.

    Args:
        share: Of the window's width that another editor gets; 0 for none.
        beside: Its kind; an Image Editor is at the left, others at the right.
    """
    for name in ("weights", "device"):
        get_preferences().property_unset(name)
    bpy.context.preferences.view.ui_scale = FRAME.scale
    window = bpy.context.window_manager.windows[0]
    window.screen.show_statusbar = False
    for other in [each for each in window.screen.areas if each.type != "VIEW_3D"]:
        with bpy.context.temp_override(window=window, area=other):
            bpy.ops.screen.area_close()
    yield lambda: len(window.screen.areas) == 1
    if share:
        at_left = beside == "IMAGE_EDITOR"
        with bpy.context.temp_override(window=window, area=stepping.area("VIEW_3D")):
            factor = share if at_left else 1 - share
            bpy.ops.screen.area_split(direction="VERTICAL", factor=factor)
        yield lambda: len(window.screen.areas) == 2
        other = sorted(window.screen.areas, key=lambda area: area.x)[0 if at_left else 1]
        other.ui_type = beside
        other.spaces.active.show_region_ui = False
        yield stepping.wait(0.5)


def lay_out_the_beach() -> Steps:
    """Show a plane with the picture in the 3D View, and Texcore in its sidebar."""
    stepping.textured_plane(bpy.data.images.load(str(EXEMPLAR)), side=4)
    yield from stepping.show_the_panel()
    stepping.area("VIEW_3D").spaces.active.shading.light = "FLAT"
    bpy.data.materials["Bricks"].name = "Beach"
    node = get_node()
    beside = node.id_data.nodes["Principled BSDF"]
    node.location = beside.location[0] - 350, beside.location[1]


def get_node() -> bpy.types.ShaderNodeTexImage:
    """Return the node that holds the picture."""
    nodes = bpy.data.materials["Beach"].node_tree.nodes
    return next(node for node in nodes if node.bl_idname == "ShaderNodeTexImage")


def look(distance: float, x: float = 0, y: float = 0, z: float = 0) -> None:
    """Look from some metres away, from where Blender looks at the beginning, at a place."""
    view = stepping.area("VIEW_3D").spaces.active.region_3d
    view.view_distance, view.view_location = distance, (x, y, z)


def open_part(name: str) -> Steps:
    """Click on the head of one of `PARTS`, all of which are closed."""
    theme = bpy.context.preferences.themes[0].user_interface.wcol_tool
    kept = {key: tuple(getattr(theme, key)) for key in ("inner", "inner_sel", "outline")}
    screen.mark_buttons()
    yield screen.settles(stepping.main_button)
    left, top, _, _ = stepping.main_button() or (0, 0, 0, 0)
    above = _FIRST_PART + _NEXT_PART * PARTS.index(name)
    place = left + 60, top - round(FRAME.scale * above)
    pointer.move(*place)
    yield stepping.wait(0.3)
    pointer.click(*place)
    yield lambda: (stepping.main_button() or (0, top))[1] > top + 20
    for key, value in kept.items():
        setattr(theme, key, value)
    theme.show_shaded = False
    put_the_mouse_aside()
    yield stepping.wait(0.5)


def put_the_mouse_aside() -> None:
    """Have the mouse over nothing that would show it."""
    pointer.move(4, FRAME.window[1] - 4)


def shoot(kind: str = "VIEW_3D", still: bool = True) -> Steps:
    """Take the photograph, once everything is drawn.

    Args:
        kind: Of the editor whose upper right corner is the photograph's.
        still: Whether to wait until nothing changes any more, such as icons that are being made.
    """
    for area in bpy.context.window_manager.windows[0].screen.areas:
        area.tag_redraw()
    yield stepping.wait(1.0)
    if still:
        yield screen.settles(lambda: _take(kind).tobytes(), seconds=3.0)
    taken = _take(kind)
    (width, height) = FRAME.size
    assert taken.shape[:2] == (height, width), (taken.shape, "the window is too small")
    np.save(FOLDER / "shot.npy", taken)


def _take(kind: str) -> np.ndarray:
    """What is seen in the frame: uint8 of shape (height, width, 3)."""
    area, shown = stepping.area(kind), screen.pixels()
    (width, height), right = FRAME.size, area.x + area.width
    top = shown.shape[0] - area.y - area.height
    return shown[top : top + height, max(0, right - width) : right]
