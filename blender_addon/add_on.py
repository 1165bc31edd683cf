"""This extension itself: what Blender calls it, where it lies, and its preferences."""

from __future__ import annotations

from pathlib import Path

import bpy

#: What Blender knows the extension by, such as ``bl_ext.user_default.texcore``.
ID: str = __package__
FOLDER = Path(__file__).parent
#: Of the names of settings and choices: Blender has other German for some, which would go first.
CONTEXT = "Texcore"
BUNDLED = FOLDER / "bundled"  #: what the extension brings along: the engine, and what it needs


def get_preferences(context: bpy.types.Context) -> bpy.types.AddonPreferences:
    """Return the extension's preferences."""
    return context.preferences.addons[ID].preferences
