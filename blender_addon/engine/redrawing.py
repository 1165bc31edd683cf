"""Have Blender draw again what shows Texcore."""

from __future__ import annotations

import bpy

EDITORS = {"VIEW_3D", "NODE_EDITOR", "IMAGE_EDITOR", "PREFERENCES"}


def redraw() -> None:
    """Let the regions that show Texcore draw again.

    Not whole editors: drawing a viewport again and again takes the processor from the engine.
    """
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in EDITORS:
                shown = "WINDOW" if area.type == "PREFERENCES" else "UI"
                for region in area.regions:
                    if region.type == shown:
                        region.tag_redraw()
