"""Whether Blender is amid something that nothing may come into: a stroke, a move, a render.

Application timers go on meanwhile. What pushes an undo step amid a brush stroke takes that of the
stroke, at whose end Blender then crashes; amid a move, half of the move becomes a step; and an
animation that is being rendered would change from one frame to the next.
"""

from __future__ import annotations

import bpy

_JOBS = ("RENDER", "OBJECT_BAKE")
# What ends with an undo step of its own. Not every modal operator: some go on for ever.
_BEGINNINGS = (
    "CURVE_OT_",
    "CURVES_OT_",
    "GPENCIL_OT_",
    "GREASE_PENCIL_OT_",
    "MESH_OT_",
    "NODE_OT_",
    "PAINT_OT_",
    "PARTICLE_OT_",
    "SCULPT_CURVES_OT_",
    "SCULPT_OT_",
    "TRANSFORM_OT_",
    "UV_OT_",
)


def is_busy() -> bool:
    """Return whether textures and previews have to wait for a moment, or for a render's end."""
    return is_rendering() or any(
        operator.bl_idname.startswith(_BEGINNINGS)
        for window in bpy.context.window_manager.windows
        for operator in window.modal_operators
    )


def is_rendering() -> bool:
    """Return whether Blender renders or bakes."""
    return any(bpy.app.is_job_running(kind) for kind in _JOBS)
