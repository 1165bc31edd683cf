"""Textures on objects, in the panel: the button, how long it takes, what mends what is wrong."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.estimates import format_rough_duration
from ..engine.saying import say
from ..nodes import places, targets
from ..synthesis import outlook
from ..synthesis.intending import OnObjects, intend_on_objects
from ..synthesis.outlook import Outlook
from ..synthesis.settings import Options
from .wrapping import draw_text

# Objects that are looked at each time the panel is drawn; a press looks at all.
_LOOKED_AT = 16


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, options: Options) -> None:
    """Draw it below its settings.

    Args:
        layout: To draw into.
        context: Where the user is.
        options: What the panel asks for.
    """
    whole = context.scene.texcore.all_maps
    intention = intend_on_objects(context, options, whole, most=_LOOKED_AT)
    row = layout.row()
    row.enabled = not intention.reason
    words = iface_("Synthesize on Object", "Operator")
    if intention.count > 1:
        words = iface_("Synthesize on {count} Objects").format(count=intention.count)
    name = "texcore.synthesize_on_object"
    row.operator(name, text=words, icon="MESH_UVSPHERE", translate=False)
    if intention.reason:
        draw_text(layout, say(intention.reason), context, icon="INFO")
    if intention.can_unwrap:
        layout.operator("texcore.unwrap_object", icon="UV")
    ahead = _look_ahead(context, intention)
    if ahead is not None:
        words = iface_("About {time} on {device}")
        time = format_rough_duration(ahead.seconds)
        words = words.format(time=time, device=ahead.device)
        layout.label(text=words, icon="TIME", translate=False)


def _look_ahead(context: bpy.types.Context, intention: OnObjects) -> Outlook | None:
    """Say how long the first object will take; None where nobody knows, or of several objects."""
    if intention.count != 1 or not intention.asked:
        return None
    (asked,) = intention.asked
    if asked.maps:
        return outlook.of_material(asked, places.get_material(context, asked.material))
    return outlook.of_image(asked, targets.find_target(context, asked.material).image)
