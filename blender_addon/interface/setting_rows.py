"""The settings in the panel, a row each, as their table orders them."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..add_on import CONTEXT, get_preferences
from ..bundled.texcore.contract.choices import BORDER, RECTANGLE
from ..bundled.texcore.contract.panel import Section
from ..bundled.texcore.contract.settings import ChoiceSetting
from ..engine.saying import say
from ..synthesis.declaring import DERIVED_MAPS, ImageSetting
from ..synthesis.intending import Intention
from ..synthesis.settings import Options, list_panel_settings
from . import on_object, solid
from .choice_pictures import find_icon
from .wrapping import draw_text

_NAMES_SHARE = 0.4  #: of a row, which Blender gives to the name of what is set
# Of an icon as Blender draws it at a scale of 1; and how much larger a choice's picture is.
_ICON_PIXELS, _PICTURE_SCALE = 20, 4.5


def draw(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    intention: Intention,
    options: Options,
) -> None:
    """Draw all settings, most in parts that can be opened.

    Args:
        layout: To draw into.
        context: Where.
        intention: What the button would make.
        options: What it would ask for.
    """
    _draw_section(layout.column(), context, Section.MAIN, intention)
    body = _open(layout, "TEXCORE_PT_repair", Section.REPAIR.label, in_force=options.repairs)
    if body is not None:
        _draw_section(body, context, Section.REPAIR, intention)
    body = _open(layout, "TEXCORE_PT_companions", Section.COMPANIONS.label)
    if body is not None:
        _draw_section(body, context, Section.COMPANIONS, intention)
    body = _open(layout, "TEXCORE_PT_derive", Section.DERIVED.label)
    if body is not None:
        _draw_section(body, context, Section.DERIVED, intention)
    body = _open(layout, "TEXCORE_PT_on_object", Section.OBJECT.label)
    if body is not None:
        _draw_section(body, context, Section.OBJECT, intention)
        on_object.draw(body, context, options)
    body = _open(layout, "TEXCORE_PT_solid", Section.SOLID.label)
    if body is not None:
        _draw_section(body, context, Section.SOLID, intention)
        solid.draw(body, context, intention, options)
    body = _open(layout, "TEXCORE_PT_advanced", Section.ADVANCED.label)
    if body is not None:
        _draw_section(body, context, Section.ADVANCED, intention)
        preferences = get_preferences(context)
        body.prop(preferences, "device")
        body.prop(preferences, "weights", text="Weights")


def _open(
    layout: bpy.types.UILayout, name: str, text: str, in_force: bool = False
) -> bpy.types.UILayout | None:
    """Draw the head of a part that can be opened, and return where its settings go, if it is.

    Args:
        layout: To draw into.
        name: What Blender remembers by whether the part is open.
        text: Of the head.
        in_force: Whether the head shall show that the part counts, though it may be closed.
    """
    header, body = layout.panel(name, default_closed=True)
    header.label(text=text)
    if in_force:
        header.label(icon="CHECKMARK")
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
        # Two fields behind one name: by itself Blender would give each a name of its own.
        split = layout.split(factor=_NAMES_SHARE)
        split.use_property_split = False
        name = split.row()
        name.alignment = "RIGHT"
        name.label(text="W × H")
        sides = split.row(align=True)
        sides.prop(settings, "width", text="")
        sides.prop(settings, "height", text="")


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


def _draw_renew(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention
) -> None:
    """Draw what is made anew; of the border alone, its width too."""
    settings = context.scene.texcore
    layout.prop(settings, "renew")
    if settings.renew == BORDER.id:
        layout.prop(settings, "border")


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
    "renew": _draw_renew,
    "repair": _draw_repair,
    "learn_from": _draw_learn_from,
    "derive": _draw_derived,
}
_WITH_ANOTHER = ("width", "height", "mix_weight", "blend", "rectangle", "border")


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
