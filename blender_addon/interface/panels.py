"""The sidebar panel, the same in three editors. Drawing only reads what is in memory."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..add_on import get_preferences
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.estimates import format_duration
from ..engine import choices, estimating, jobs, suspending
from ..engine.job import EngineJob, State
from ..engine.saying import say
from ..images import senseless
from ..synthesis import selection
from ..synthesis.intending import Intention, find_intention
from ..synthesis.settings import Options, change_options
from ..synthesis.task import Synthesis
from . import (
    button,
    density_line,
    fixes,
    history,
    set_up_panel,
    setting_rows,
    target_box,
    untiling,
)
from .presets import TEXCORE_PT_presets
from .wrapping import draw_text


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw everything: what is meant, the settings, the button or the progress, what was made."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    if not set_up_panel.draw(layout, context):
        return
    options, intention = _find_intention(context)
    target_box.draw(layout, context, intention)
    if said := senseless.in_words():
        draw_text(layout.box(), said, context, icon="INFO")
    setting_rows.draw(layout, context, intention, options)
    job = jobs.current()
    if job is not None and job.task.method == Synthesis.method:
        _draw_progress(layout, context, job)
    button.draw(layout, intention, repairs=options.repairs, busy=job is not None)
    button.draw_selected(layout, selection.count_materials(context))
    estimating.look_soon()
    button.draw_outlook(layout, options, intention)
    # Known a moment after the panel is there: a line above would move the button under the mouse.
    density_line.draw(layout, context, intention)
    _draw_suspended(layout)
    last = jobs.latest.get(Synthesis.method)
    # What was cancelled and is kept has been told of.
    told = last is not None and last.state is State.CANCELLED and suspending.keeps(last.task)
    if last is not None and last.ended and job is None and not told:
        _draw_outcome(layout, context, last)
    if intention.target is not None:
        history.draw(layout, context, intention.target)
        untiling.draw(layout, context, intention.target)


def _find_intention(context: bpy.types.Context) -> tuple[Options, Intention]:
    """Return what the panel asks for, and what the button would make of it."""
    try:
        options = _read_options(context)
    except BadInput as e:
        return Options(), Intention(reason=str(e))
    return options, find_intention(context, options, context.scene.texcore.all_maps)


def _read_options(context: bpy.types.Context) -> Options:
    """Return what the button would ask for, without a look at any disk.

    Raises:
        BadInput: A value cannot be.
    """
    preferences = get_preferences(context)
    places_asked = {"device": preferences.device, "weights": choices.name_weights(context)}
    return change_options(Options(), context.scene.texcore.read_values() | places_asked)


def _draw_progress(layout: bpy.types.UILayout, context: bpy.types.Context, job: EngineJob) -> None:
    column = layout.box().column()
    title = job.task.title
    if job.host:
        title = iface_("{title} on {host}").format(title=title, host=job.host)
    column.label(text=title, icon="RENDER_STILL", translate=False)
    done = f"{job.fraction:.0%}"
    if job.remaining is not None:
        done = iface_("{done}, {time} left").format(done=done, time=format_duration(job.remaining))
    column.progress(factor=job.fraction, type="BAR", text=done, translate=False)
    column.label(text=f"{say(job.stage)}…", translate=False)
    row = column.row()
    row.operator("texcore.cancel", text="Cancel", icon="CANCEL").which = 0
    if job.keepable:
        row.operator("texcore.keep", icon="PINNED")
    for place, waiting in enumerate(jobs.queue[1:], 1):
        row = column.row()
        words = iface_("Next: {title}").format(title=waiting.task.title)
        row.label(text=words, icon="TIME", translate=False)
        row.operator("texcore.cancel", text="", icon="X", emboss=False).which = place


def _draw_suspended(layout: bpy.types.UILayout) -> None:
    """Draw what was cancelled or lost and can be gone on with."""
    kept = suspending.look()
    if kept is None:
        return
    box = layout.box()
    box.label(text=kept.task.title, icon="PAUSE", translate=False)
    words = iface_("Stopped at {share}, which is kept").format(share=f"{kept.fraction:.0%}")
    box.label(text=words, translate=False)
    box.operator("texcore.resume", icon="PLAY")


def _draw_outcome(layout: bpy.types.UILayout, context: bpy.types.Context, job: EngineJob) -> None:
    icon = {State.DONE: "CHECKMARK", State.FAILED: "ERROR"}.get(job.state, "INFO")
    box = layout.box()
    draw_text(box, say(job.message), context, icon=icon)
    if job.state is State.DONE and isinstance(job.task, Synthesis) and job.task.photo_changes:
        fixes.draw_part(box, context)
    if job.state is State.FAILED:
        fixes.draw(box, context, job)
        box.operator("texcore.copy_log", icon="COPYDOWN")


class _Sidebar:
    bl_label = "Texcore"
    bl_category = "Texcore"
    bl_region_type = "UI"
    layout: bpy.types.UILayout

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        TEXCORE_PT_presets.draw_panel_header(self.layout)

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


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
