"""The sidebar panel, the same in three editors. Drawing only reads what is in memory."""

from __future__ import annotations

import bpy

from . import images, jobs, materials
from .bundled.texcore.errors import BadInput
from .jobs import State
from .material_synthesis import MaterialSynthesis
from .synthesis import Synthesis
from .wrapping import draw_text, duration


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw everything: what is meant, the settings, the button or the progress, the outcome."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    job = jobs.current()
    reason = _draw_target(layout, context)
    settings = layout.column()
    settings.active = job is None
    _draw_settings(settings, context)
    if job is not None and job.task.method in (Synthesis.method, MaterialSynthesis.method):
        _draw_progress(layout, job)
        return
    row = layout.row()
    row.scale_y = 1.5
    row.enabled = not reason
    row.operator("texcore.synthesize", icon="TEXTURE")
    layout.operator("texcore.synthesize_material", icon="MATERIAL")
    last = jobs.latest.get(Synthesis.method)
    if last is not None:
        _draw_outcome(layout, context, last)


def _draw_target(layout: bpy.types.UILayout, context: bpy.types.Context) -> str:
    """Draw which image is meant; returns why none is, or nothing."""
    box = layout.box().column(align=True)
    try:
        target = materials.find(context)
    except BadInput as e:
        draw_text(box, str(e), context, icon="INFO")
        return str(e)
    exemplar = images.original(target.image)
    # Asking for the size of an image that is not loaded would load it.
    size = f"{exemplar.size[0]} × {exemplar.size[1]}" if exemplar.has_data else ""
    row = box.row()
    row.label(text=exemplar.name, icon_value=box.icon(exemplar))
    if size:
        row.label(text=size)
    box.label(text=f"for {target.title}", icon="BLANK1")
    return ""


def _draw_settings(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = context.scene.texcore
    layout.row(align=True).prop(settings, "size", expand=True)
    if settings.size == "custom":
        sides = layout.column(align=True)
        sides.prop(settings, "width")
        sides.prop(settings, "height")
    layout.prop(settings, "tile")
    layout.prop(settings, "quality")
    layout.prop(settings, "model")
    row = layout.row(align=True)
    row.prop(settings, "seed")
    row.operator("texcore.new_seed", text="", icon="FILE_REFRESH")


def _draw_progress(layout: bpy.types.UILayout, job: jobs.Job) -> None:
    column = layout.column(align=True)
    left = "" if job.remaining is None else f"{duration(job.remaining)} left"
    column.progress(factor=job.fraction, type="BAR", text=left or f"{job.fraction:.0%}")
    column.label(text=f"{job.stage}…")
    layout.operator("texcore.cancel", icon="CANCEL")


def _draw_outcome(layout: bpy.types.UILayout, context: bpy.types.Context, job: jobs.Job) -> None:
    icon = {State.DONE: "CHECKMARK", State.FAILED: "ERROR"}.get(job.state, "INFO")
    box = layout.box()
    draw_text(box, job.message, context, icon=icon)
    if job.state is State.FAILED:
        box.operator("texcore.copy_log", icon="COPYDOWN")
        show = box.operator("preferences.addon_show", text="Preferences", icon="PREFERENCES")
        show.module = __package__


class _Sidebar:
    bl_label = "Texcore"
    bl_category = "Texcore"
    bl_region_type = "UI"
    layout: bpy.types.UILayout

    def draw(self, context: bpy.types.Context) -> None:
        draw(self.layout, context)


class TEXCORE_PT_view3d(_Sidebar, bpy.types.Panel):
    """Texcore in the 3D View."""

    bl_space_type = "VIEW_3D"


class TEXCORE_PT_image(_Sidebar, bpy.types.Panel):
    """Texcore in the Image Editor."""

    bl_space_type = "IMAGE_EDITOR"


class TEXCORE_PT_node(_Sidebar, bpy.types.Panel):
    """Texcore in the Shader Editor."""

    bl_space_type = "NODE_EDITOR"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Other node editors have no materials."""
        return context.space_data.tree_type == "ShaderNodeTree"


_CLASSES = (TEXCORE_PT_view3d, TEXCORE_PT_node, TEXCORE_PT_image)


def register() -> None:
    """Add the panels."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove the panels."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
