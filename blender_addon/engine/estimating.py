"""What is known of how long things take here, as the engine keeps it in the user's cache.

Here it is only read, by a timer and never while drawing; no engine is started for it.
"""

from __future__ import annotations

import bpy

from ..bundled.texcore.contract.calibration import (
    Calibration,
    calibration_file,
    read_calibration,
)
from ..bundled.texcore.contract.errors import TexcoreError
from .redrawing import redraw

LOOK_SECONDS = 0.5

known = Calibration()
_seen: tuple[int, int] | None = None


def refresh() -> bool:
    """Read the file if it has changed; returns whether it had. Takes a few milliseconds."""
    global known, _seen
    seen = _look()
    if seen == _seen:
        return False
    _seen = seen
    known = Calibration() if seen is None else read_calibration()
    return True


def look_soon() -> None:
    """Have a timer look at the file; for drawing, which itself only reads what is in memory."""
    if not bpy.app.background and not bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.register(_on_timer, first_interval=LOOK_SECONDS, persistent=True)


def _look() -> tuple[int, int] | None:
    """When the file was written, and how large it is; None if there is none."""
    try:
        found = calibration_file().stat()
    except (OSError, TexcoreError):
        return None
    return found.st_mtime_ns, found.st_size


def _on_timer() -> None:
    if refresh():
        redraw()


def register() -> None:
    """Look at the file as soon as Blender has started."""
    global known, _seen
    known, _seen = Calibration(), None
    look_soon()


def unregister() -> None:
    """Look no more."""
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
