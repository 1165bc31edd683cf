"""What is on the screen, and the mouse and keys in front of it."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np

#: No theme has it: the colour that buttons are given, to be found by.
SIGNAL = (255, 0, 255)
Button = tuple[int, int, int, int]  #: left, top, width and height on the screen


def pixels() -> np.ndarray:
    """The screen, uint8 of shape (height, width, 3), top row first; read from the X server's file.

    It is an X window dump: a header of big-endian words, the colours of a map, then BGRX rows.
    """
    data = Path(os.environ["TEXCORE_SCREEN"]).read_bytes()
    head = struct.unpack(">25I", data[:100])
    header_size, width, height, row_bytes, colours = head[0], head[4], head[5], head[12], head[19]
    rows = np.frombuffer(data, np.uint8, height * row_bytes, header_size + 12 * colours)
    return rows.reshape(height, row_bytes)[:, : width * 4].reshape(height, width, 4)[..., 2::-1]


def of_region(region: bpy.types.Region) -> np.ndarray:
    """The part of the screen that a region of the window fills, as `pixels`."""
    shown = pixels()
    bottom = shown.shape[0] - region.y
    return shown[bottom - region.height : bottom, region.x : region.x + region.width]


def mark_buttons() -> None:
    """Give operators' buttons a colour of their own."""
    colours = bpy.context.preferences.themes[0].user_interface.wcol_tool
    colours.show_shaded = False
    for name in ("inner", "inner_sel", "outline"):
        wanted = getattr(colours, name)
        setattr(colours, name, (1, 0, 1, 1)[: len(wanted)])


def buttons(region: bpy.types.Region) -> list[Button]:
    """The wide marked buttons in a region, top first: left, top, width and height on the screen."""
    part = (of_region(region) == SIGNAL).all(axis=2)
    top = pixels().shape[0] - region.y - region.height
    # The words on a button interrupt its colour: an eighth of a row is enough.
    rows = part.sum(axis=1) > 0.12 * part.shape[1]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], rows.astype(np.int8), [0]])))
    found = []
    for first, last in edges.reshape(-1, 2):
        columns = np.flatnonzero(part[first:last].any(axis=0))
        left, right = int(columns[0]), int(columns[-1])
        found.append((region.x + left, top + int(first), right - left, int(last - first)))
    return found


def settles(find: Callable[[], object], seconds: float = 0.8) -> Callable[[], bool]:
    """Say when what is found has stayed where it is: timers add lines to a panel above it."""
    seen: list[object] = [None]
    since = [time.monotonic()]

    def has_settled() -> bool:
        found = find()
        if found != seen[0]:
            seen[0], since[0] = found, time.monotonic()
        return found is not None and time.monotonic() - since[0] >= seconds

    return has_settled


def move(x: int, y: int) -> None:
    """Move the mouse to a place on the screen, its origin at the top left."""
    window = bpy.context.window_manager.windows[0]
    window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=pixels().shape[0] - y)


def click(x: int, y: int) -> None:
    """Click with the left button."""
    window = bpy.context.window_manager.windows[0]
    y = pixels().shape[0] - y
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type="LEFTMOUSE", value=value, x=x, y=y)


def press(key: str, x: int, y: int, **modifiers: bool) -> None:
    """Press and let go of a key with the mouse at a place."""
    window = bpy.context.window_manager.windows[0]
    y = pixels().shape[0] - y
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type=key, value=value, x=x, y=y, **modifiers)
