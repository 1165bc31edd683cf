"""Texcore in Blender: new seamless textures out of an artist's own photo.

From the sidebar (category Texcore) of the 3D View, the Shader Editor and the Image Editor; from a
script with ``bpy.ops.texcore.synthesize(material="Bricks", width=1024, height=1024)``; from a shell
with ``blender -b in.blend --command texcore --material Bricks --size 1024 -o out.blend``.

The work is done by a subprocess, the engine, in a Python of its own: nothing here needs PyTorch.
"""

from __future__ import annotations

from .engine import estimating, jobs, setup_state
from .images import looking, senseless
from .interface import (
    assign_menu,
    choice_pictures,
    fixes,
    history,
    menus,
    panels,
    preferences,
    presets,
    properties,
)
from .nodes import density, untiling_following
from .operators import (
    choosing,
    commands,
    dropping,
    framing,
    local,
    masking,
    materials,
    on_object,
    opening,
    results,
    resuming,
    selecting,
    set_up,
    showing,
    solid,
    synthesizing,
    untiling,
    variations,
)
from .synthesis import folders, preview
from .translations import registering

_PARTS = (
    registering,
    choice_pictures,  # before the properties that show them
    properties,
    preferences,
    folders,  # before the engine, which writes into them, is stopped nothing is deleted
    jobs,
    senseless,
    looking,
    density,
    preview,
    untiling_following,  # after the previews, which are put back before it looks
    synthesizing,
    resuming,
    variations,
    selecting,
    set_up,
    fixes,
    results,
    choosing,
    materials,
    on_object,
    solid,
    local,
    dropping,
    untiling,
    opening,
    showing,
    masking,
    framing,
    presets,
    assign_menu,
    menus,
    history,
    panels,
    commands,
    setup_state,
    estimating,
)


def register() -> None:
    """Add Texcore to Blender; no engine is started before it is needed."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Take Texcore out of Blender again and stop the engine."""
    for part in reversed(_PARTS):
        part.unregister()
