"""The sidebar panel, the same in three editors. Drawing only reads what is in memory."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..add_on import get_preferences
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.estimates import LONG_SECONDS
from ..bundled.texcore.contract.panel import Section
from ..bundled.texcore.contract.settings import ChoiceSetting
from ..engine import choices, estimating, jobs
from ..engine.jobs import State
from ..images import marks, senseless
from ..nodes import places, targets
from ..nodes.targets import Target
from ..synthesis import outlook
from ..synthesis.outlook import Outlook
from ..synthesis.settings import DERIVED_MAPS, Options, change_options, list_panel_settings
from ..synthesis.task import Synthesis
from . import fixes, history, set_up_panel
from .presets import TEXCORE_PT_presets
from .wrapping import draw_text, duration, rough_duration

THUMBNAIL = 4.0  #: side, in rows of the interface


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw everything: what is meant, the settings, the button or the progress, what was made."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    if not set_up_panel.draw(layout, context):
        return
    target, reason = _target(context)
    _draw_target(layout, context, target, reason)
    if said := senseless.in_words():
        draw_text(layout.box(), said, context, icon="INFO")
    _draw_settings(layout, context, target)
    job = jobs.current()
    if job is not None and job.task.method == Synthesis.method:
        _draw_progress(layout, context, job)
    _draw_button(layout, context, reason, job is not None)
    estimating.look_soon()
    if target is not None:
        _draw_outlook(layout, context, target)
    last = jobs.latest.get(Synthesis.method)
    if last is not None and last.ended and job is None:
        _draw_outcome(layout, context, last)
    if target is not None:
        history.draw(layout, context, target)


def _target(context: bpy.types.Context) -> tuple[Target | None, str]:
    """What is meant; or None, and why nothing is."""
    try:
        return targets.find_target(context), ""
    except BadInput as e:
        return None, str(e)


def _draw_target(
    layout: bpy.types.UILayout, context: bpy.types.Context, target: Target | None, reason: str
) -> None:
    box = layout.box()
    if target is None or target.image is None:
        draw_text(box, reason, context, icon="INFO")
        return
    exemplar = marks.find_original(target.image)
    split = box.split(factor=0.3)
    preview = exemplar.preview_ensure()
    split.template_icon(icon_value=preview.icon_id if preview else 0, scale=THUMBNAIL)
    lines = split.column(align=True)
    lines.label(text=exemplar.name)
    # Asking for the size of an image that is not loaded would load it.
    if exemplar.has_data:
        lines.label(text=f"{exemplar.size[0]} × {exemplar.size[1]} pixels")
    where = lines.column(align=True)
    where.active = False
    for part in target.title.split(" › "):
        where.label(text=part)


def _draw_settings(
    layout: bpy.types.UILayout, context: bpy.types.Context, target: Target | None
) -> None:
    _draw_section(layout.column(), context, Section.MAIN, target)
    body = _open(layout, "TEXCORE_PT_companions", text="Mix and Regions")
    if body is not None:
        _draw_section(body, context, Section.COMPANIONS, target)
    body = _open(layout, "TEXCORE_PT_derive", text="Derive Maps")
    if body is not None:
        _draw_section(body, context, Section.DERIVED, target)
    body = _open(layout, "TEXCORE_PT_advanced", text="Advanced")
    if body is not None:
        _draw_section(body, context, Section.ADVANCED, target)
        preferences = get_preferences(context)
        body.prop(preferences, "device")
        body.prop(preferences, "weights")


def _open(layout: bpy.types.UILayout, name: str, text: str) -> bpy.types.UILayout | None:
    """Draw the head of a part that can be opened, and return where its settings go, if it is."""
    header, body = layout.panel(name, default_closed=True)
    header.label(text=text)
    return body


def _draw_section(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    section: Section,
    target: Target | None,
) -> None:
    """Draw the settings of a section, one below the other."""
    settings = context.scene.texcore
    for name, setting in list_panel_settings().items():
        if setting.panel is None or setting.panel.section is not section or name in _WITH_ANOTHER:
            continue
        if name in _IN_THEIR_WAY:
            _IN_THEIR_WAY[name](layout, context, target)
            continue
        layout.prop(settings, name)
        if isinstance(setting, ChoiceSetting) and setting.explained:
            _draw_words(layout, context, settings, name)


def _draw_size(
    layout: bpy.types.UILayout, context: bpy.types.Context, target: Target | None
) -> None:
    settings = context.scene.texcore
    layout.row(align=True).prop(settings, "size", expand=True)
    if settings.size == "custom":
        sides = layout.column(align=True)
        sides.prop(settings, "width")
        sides.prop(settings, "height")


def _draw_keep_density(
    layout: bpy.types.UILayout, context: bpy.types.Context, target: Target | None
) -> None:
    row = layout.row()
    row.enabled = target is None or target.place is not None
    row.prop(context.scene.texcore, "keep_density")


def _draw_seed(
    layout: bpy.types.UILayout, context: bpy.types.Context, target: Target | None
) -> None:
    row = layout.row(align=True)
    row.prop(context.scene.texcore, "seed")
    row.operator("texcore.new_seed", text="", icon="FILE_REFRESH")


def _draw_mix(
    layout: bpy.types.UILayout, context: bpy.types.Context, target: Target | None
) -> None:
    settings = context.scene.texcore
    layout.prop(settings, "mix")
    if settings.mix is not None:
        layout.prop(settings, "mix_weight")


def _draw_repair(
    layout: bpy.types.UILayout, context: bpy.types.Context, target: Target | None
) -> None:
    row = layout.row(align=True)
    row.prop(context.scene.texcore, "repair")
    row.operator("texcore.new_repair_mask", text="", icon="BRUSH_DATA")


def _draw_derived(
    layout: bpy.types.UILayout, context: bpy.types.Context, target: Target | None
) -> None:
    grid = layout.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    grid.use_property_split = False
    for choice in DERIVED_MAPS:
        grid.prop_enum(context.scene.texcore, "derive", choice.id)
    words = layout.column()
    words.active = False
    draw_text(words, iface_("Estimates, where there is no such map yet."), context)


# What is more than a field by itself, by the setting's name; and what another of these draws.
_IN_THEIR_WAY = {
    "size": _draw_size,
    "keep_density": _draw_keep_density,
    "seed": _draw_seed,
    "mix": _draw_mix,
    "repair": _draw_repair,
    "derive": _draw_derived,
}
_WITH_ANOTHER = ("width", "height", "mix_weight")


def _draw_words(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    settings: bpy.types.PropertyGroup,
    name: str,
) -> None:
    """Draw what the chosen value of a setting means, under the setting."""
    # A file of another version may hold a value that is none here; Blender then says nothing.
    value = settings.bl_rna.properties[name].enum_items.get(getattr(settings, name))
    if value is None:
        return
    words = layout.column()
    words.active = False
    draw_text(words, iface_(value.description), context)


def _draw_button(
    layout: bpy.types.UILayout, context: bpy.types.Context, reason: str, busy: bool
) -> None:
    row = layout.row()
    row.scale_y = 1.0 if busy else 1.6
    row.enabled = not reason
    words = {"text": "Queue Another"} if busy else {}
    row.operator("texcore.synthesize", icon="ADD" if busy else "TEXTURE", **words)
    row = layout.row(align=True)
    row.operator("texcore.synthesize_material", icon="MATERIAL")
    row.operator("texcore.material_from_maps", text="", icon="FILE_FOLDER")


def _draw_outlook(layout: bpy.types.UILayout, context: bpy.types.Context, target: Target) -> None:
    """Draw how long it will take here, and what is quicker where that is long; or nothing."""
    try:
        options = _read_options(context)
    except BadInput:
        return
    picture = outlook.of_image(options, target.image)
    column = layout.column(align=True)
    if picture is not None:
        words = iface_("About {time} on {device}")
        column.label(text=words.format(**_tell(picture)), icon="TIME", translate=False)
    uid = target.material_uid
    material = outlook.of_material(options, None if uid is None else places.find_material(uid))
    if material is not None:
        words = iface_("All maps: about {time} on {device}")
        column.label(text=words.format(**_tell(material)), icon="TIME", translate=False)
    longest = max((each.seconds for each in (picture, material) if each), default=0.0)
    recipe = outlook.make_quicker(options.recipe)
    if longest < LONG_SECONDS or recipe is None:
        return
    quicker = outlook.of_image(change_options(options, {"quality": recipe.quality}), target.image)
    if quicker is not None:
        words = iface_("Sketch instead: about {time}")
        if recipe.quality == "draft":
            words = iface_("Draft instead: about {time}")
        time = _tell(quicker)["time"]
        layout.operator("texcore.quicker", text=words.format(time=time), translate=False)


def _read_options(context: bpy.types.Context) -> Options:
    """Return what the button would ask for, without a look at any disk.

    Raises:
        BadInput: A value cannot be.
    """
    preferences = get_preferences(context)
    places_asked = {"device": preferences.device, "weights": choices.name_weights(context)}
    return change_options(Options(), context.scene.texcore.read_values() | places_asked)


def _tell(ahead: Outlook) -> dict[str, str]:
    """Tell a time as somebody does who does not know exactly, and a device."""
    return {"time": rough_duration(ahead.seconds), "device": ahead.device}


def _draw_progress(layout: bpy.types.UILayout, context: bpy.types.Context, job: jobs.Job) -> None:
    column = layout.box().column()
    column.label(text=job.task.title, icon="RENDER_STILL")
    left = "" if job.remaining is None else f", {duration(job.remaining)} left"
    column.progress(factor=job.fraction, type="BAR", text=f"{job.fraction:.0%}{left}")
    column.label(text=f"{job.stage}…")
    row = column.row()
    row.operator("texcore.cancel", text="Cancel", icon="CANCEL").which = 0
    if job.keepable:
        row.operator("texcore.keep", icon="PINNED")
    for place, waiting in enumerate(jobs.queue[1:], 1):
        row = column.row()
        row.label(text=f"Next: {waiting.task.title}", icon="TIME")
        row.operator("texcore.cancel", text="", icon="X", emboss=False).which = place


def _draw_outcome(layout: bpy.types.UILayout, context: bpy.types.Context, job: jobs.Job) -> None:
    icon = {State.DONE: "CHECKMARK", State.FAILED: "ERROR"}.get(job.state, "INFO")
    box = layout.box()
    draw_text(box, job.message, context, icon=icon)
    if job.state is State.FAILED:
        fixes.draw(box, job)
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
