"""The sidebar panel, the same in three editors. Drawing only reads what is in memory."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..add_on import CONTEXT, get_preferences
from ..bundled.texcore.contract.choices import RECTANGLE
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.panel import Section
from ..bundled.texcore.contract.settings import ChoiceSetting
from ..engine import choices, estimating, jobs, suspending
from ..engine.job import Job, State
from ..engine.saying import say
from ..images import senseless
from ..synthesis import selection
from ..synthesis.intending import Intention, find_intention
from ..synthesis.settings import (
    DERIVED_MAPS,
    ImageSetting,
    Options,
    change_options,
    list_panel_settings,
)
from ..synthesis.task import Synthesis
from . import (
    button,
    density_line,
    fixes,
    history,
    on_object,
    set_up_panel,
    target_box,
    untiling,
)
from .choice_pictures import find_icon
from .presets import TEXCORE_PT_presets
from .wrapping import draw_text, duration

# Of an icon as Blender draws it at a scale of 1; and how much larger a choice's picture is.
_ICON_PIXELS, _PICTURE_SCALE = 20, 4.5


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
    _draw_settings(layout, context, intention, options)
    job = jobs.current()
    if job is not None and job.task.method == Synthesis.method:
        _draw_progress(layout, context, job)
    button.draw(layout, intention, busy=job is not None)
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
        untiling.draw(layout, context, intention.target)
        history.draw(layout, context, intention.target)


def _find_intention(context: bpy.types.Context) -> tuple[Options, Intention]:
    """Return what the panel asks for, and what the button would make of it."""
    try:
        options = _read_options(context)
    except BadInput as e:
        return Options(), Intention(reason=str(e))
    return options, find_intention(context, options, context.scene.texcore.all_maps)


def _draw_settings(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    intention: Intention,
    options: Options,
) -> None:
    _draw_section(layout.column(), context, Section.MAIN, intention)
    body = _open(layout, "TEXCORE_PT_companions", text="Mix and Regions")
    if body is not None:
        _draw_section(body, context, Section.COMPANIONS, intention)
    body = _open(layout, "TEXCORE_PT_derive", text="Derive Maps")
    if body is not None:
        _draw_section(body, context, Section.DERIVED, intention)
    body = _open(layout, "TEXCORE_PT_on_object", text="On an Object")
    if body is not None:
        _draw_section(body, context, Section.OBJECT, intention)
        on_object.draw(body, context, options)
    body = _open(layout, "TEXCORE_PT_advanced", text="Advanced")
    if body is not None:
        _draw_section(body, context, Section.ADVANCED, intention)
        preferences = get_preferences(context)
        body.prop(preferences, "device")
        body.prop(preferences, "weights", text="Weights")


def _open(layout: bpy.types.UILayout, name: str, text: str) -> bpy.types.UILayout | None:
    """Draw the head of a part that can be opened, and return where its settings go, if it is."""
    header, body = layout.panel(name, default_closed=True)
    header.label(text=text)
    return body


def _draw_section(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    section: Section,
    intention: Intention,
) -> None:
    """Draw the settings of a section, one below the other."""
    settings = context.scene.texcore
    for name, setting in list_panel_settings().items():
        if setting.panel is None or setting.panel.section is not section or name in _WITH_ANOTHER:
            continue
        if name in _IN_THEIR_WAY:
            _IN_THEIR_WAY[name](layout, context, intention)
            continue
        if isinstance(setting, ImageSetting):
            _draw_image_setting(layout, settings, name)
            continue
        layout.prop(settings, name)
        if isinstance(setting, ChoiceSetting) and setting.explained:
            _draw_words(layout, context, settings, name)


def _draw_all_maps(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention
) -> None:
    """Draw whether all maps are made, where there are several."""
    if intention.count > 1:
        words = iface_("All {count} Maps").format(count=intention.count)
        layout.prop(context.scene.texcore, "all_maps", text=words, translate=False)


def _draw_size(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention
) -> None:
    settings = context.scene.texcore
    layout.prop(settings, "size")
    if settings.size == "custom":
        sides = layout.column(align=True)
        sides.prop(settings, "width")
        sides.prop(settings, "height")


def _draw_keep_density(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention
) -> None:
    row = layout.row()
    row.enabled = intention.target is None or intention.target.place is not None
    row.prop(context.scene.texcore, "keep_density")


def _draw_seed(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention
) -> None:
    row = layout.row(align=True)
    row.prop(context.scene.texcore, "seed")
    row.operator("texcore.new_seed", text="", icon="FILE_REFRESH")


def _draw_mix(layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention) -> None:
    settings = context.scene.texcore
    _draw_image_setting(layout, settings, "mix")
    if settings.mix is not None and settings.blend is None:
        layout.prop(settings, "mix_weight")
    if settings.mix is not None or settings.blend is not None:
        _draw_image_setting(layout, settings, "blend")


def _draw_image_setting(
    layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup, name: str
) -> None:
    """Draw the choice of an image of the file, or of another picture from the disk."""
    row = layout.row(align=True)
    row.prop(settings, name)
    row.operator("texcore.open_picture", text="", icon="FILE_FOLDER").to = name.upper()


def _draw_repair(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention
) -> None:
    row = layout.row(align=True)
    row.prop(context.scene.texcore, "repair")
    row.operator("texcore.new_repair_mask", text="", icon="BRUSH_DATA")


def _draw_derived(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention
) -> None:
    grid = layout.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    grid.use_property_split = False
    for choice in DERIVED_MAPS:
        grid.prop_enum(context.scene.texcore, "derive", choice.id)
    words = layout.column()
    words.active = False
    draw_text(words, iface_("Estimates, where there is no such map yet."), context)
    if intention.subject is not None:
        ticked = context.scene.texcore.derive
        there = [c for c in DERIVED_MAPS if c.id in ticked - {*intention.subject.guessed}]
        for said in intention.subject.notes if there else ():
            draw_text(layout, say(said), context, icon="INFO")
        if there and not intention.subject.notes:
            names = ", ".join(iface_(choice.label) for choice in there)
            said = iface_("The material has it already: {names}").format(names=names)
            draw_text(layout, said, context, icon="INFO")


def _draw_learn_from(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention
) -> None:
    """Draw which part of the photo is learnt from; of a rectangle, its four sides too."""
    settings = context.scene.texcore
    row = layout.row(align=True)
    row.prop(settings, "learn_from")
    row.operator("texcore.draw_rectangle", text="", icon="SELECT_SET")
    if settings.learn_from == RECTANGLE.id:
        sides = layout.column(align=True)
        names = iface_("From Left"), iface_("From Top"), iface_("Width", CONTEXT)
        for number, name in enumerate((*names, iface_("Height", CONTEXT))):
            sides.prop(settings, "rectangle", index=number, text=name, translate=False)


# What is more than a field by itself, by the setting's name; and what another of these draws.
_IN_THEIR_WAY = {
    "all_maps": _draw_all_maps,
    "size": _draw_size,
    "keep_density": _draw_keep_density,
    "seed": _draw_seed,
    "mix": _draw_mix,
    "repair": _draw_repair,
    "learn_from": _draw_learn_from,
    "derive": _draw_derived,
}
_WITH_ANOTHER = ("width", "height", "mix_weight", "blend", "rectangle")


def _draw_words(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    settings: bpy.types.PropertyGroup,
    name: str,
) -> None:
    """Draw what the chosen value of a setting means, under the setting, beside its picture."""
    # A file of another version may hold a value that is none here; Blender then says nothing.
    value = settings.bl_rna.properties[name].enum_items.get(getattr(settings, name))
    if value is None:
        return
    row = layout.row()
    picture = find_icon(name, value.identifier)
    if picture:
        row.alignment = "LEFT"
        row.template_icon(icon_value=picture, scale=_PICTURE_SCALE)
    words = row.column()
    words.active = False
    beside = round(_PICTURE_SCALE * _ICON_PIXELS) if picture else 0
    draw_text(words, iface_(value.description), context, beside=beside)


def _read_options(context: bpy.types.Context) -> Options:
    """Return what the button would ask for, without a look at any disk.

    Raises:
        BadInput: A value cannot be.
    """
    preferences = get_preferences(context)
    places_asked = {"device": preferences.device, "weights": choices.name_weights(context)}
    return change_options(Options(), context.scene.texcore.read_values() | places_asked)


def _draw_progress(layout: bpy.types.UILayout, context: bpy.types.Context, job: Job) -> None:
    column = layout.box().column()
    title = job.task.title
    if job.host:
        title = iface_("{title} on {host}").format(title=title, host=job.host)
    column.label(text=title, icon="RENDER_STILL", translate=False)
    done = f"{job.fraction:.0%}"
    if job.remaining is not None:
        done = iface_("{done}, {time} left").format(done=done, time=duration(job.remaining))
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


def _draw_outcome(layout: bpy.types.UILayout, context: bpy.types.Context, job: Job) -> None:
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
