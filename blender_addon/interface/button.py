"""The one button that makes what is ticked, what it will make, and how long that takes."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.estimates import LONG_SECONDS, format_rough_duration
from ..nodes import places
from ..synthesis import outlook
from ..synthesis.intending import Intention
from ..synthesis.outlook import Outlook
from ..synthesis.settings import Options, change_options


def draw(layout: bpy.types.UILayout, intention: Intention, repairs: bool, busy: bool) -> None:
    """Draw the button; while there is work it queues another.

    Args:
        layout: To draw into.
        intention: What it would make; where nothing can be made it is grey.
        repairs: Whether only a part of the image is made anew.
        busy: Whether there is work.
    """
    row = layout.row(align=True)
    row.scale_y = 1.0 if busy else 1.6
    main = row.row(align=True)
    main.enabled = not intention.reason
    name = "texcore.synthesize_material" if intention.is_material else "texcore.synthesize"
    icon = "MATERIAL" if intention.is_material else "TEXTURE"
    words = iface_("Queue Another", "Operator") if busy else _describe(intention, repairs)
    main.operator(name, text=words, icon="ADD" if busy else icon, translate=False)
    several = row.row(align=True)
    several.enabled = main.enabled
    several.operator("texcore.variations", text="", icon="DUPLICATE")
    row.operator("texcore.material_from_maps", text="", icon="FILE_FOLDER")


def draw_selected(layout: bpy.types.UILayout, count: int) -> None:
    """Draw the button for all selected objects, where they have several materials."""
    if count > 1:
        words = iface_("Selected: {count} Materials").format(count=count)
        name = "texcore.synthesize_selected"
        layout.operator(name, text=words, icon="OUTLINER_OB_GROUP_INSTANCE", translate=False)


def _describe(intention: Intention, repairs: bool) -> str:
    """Say what the button makes, such as “Synthesize Texture + 2 Maps”."""
    if intention.is_material:
        count = intention.count + intention.guessed
        words = iface_("Synthesize Material, {count} Maps")
        if repairs:
            words = iface_("Repair Material, {count} Maps")
        return words.format(count=count)
    if intention.guessed == 1:
        return iface_("Repair Texture + 1 Map" if repairs else "Synthesize Texture + 1 Map")
    if intention.guessed:
        words = iface_("Synthesize Texture + {count} Maps")
        if repairs:
            words = iface_("Repair Texture + {count} Maps")
        return words.format(count=intention.guessed)
    return iface_("Repair Texture" if repairs else "Synthesize Texture", "Operator")


def draw_outlook(layout: bpy.types.UILayout, options: Options, intention: Intention) -> None:
    """Draw how long it will take here, and what is quicker where that is long; or nothing."""
    ahead = _look_ahead(options, intention)
    if ahead is None:
        return
    words = iface_("About {time} on {device}")
    time = format_rough_duration(ahead.seconds)
    layout.label(text=words.format(time=time, device=ahead.device), icon="TIME", translate=False)
    recipe = outlook.make_quicker(options.recipe)
    if ahead.seconds < LONG_SECONDS or recipe is None:
        return
    quicker = _look_ahead(change_options(options, {"quality": recipe.quality}), intention)
    if quicker is not None:
        words = iface_("Sketch instead: about {time}")
        if recipe.quality == "draft":
            words = iface_("Draft instead: about {time}")
        time = format_rough_duration(quicker.seconds)
        layout.operator("texcore.quicker", text=words.format(time=time), translate=False)


def _look_ahead(options: Options, intention: Intention) -> Outlook | None:
    """Say how long the intention will take."""
    target = intention.target
    if target is None or intention.reason:
        return None
    if not intention.is_material:
        return outlook.of_image(options, target.image)
    uid = target.material_uid
    return outlook.of_material(options, None if uid is None else places.find_material(uid))
