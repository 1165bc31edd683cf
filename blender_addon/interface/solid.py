"""Solid textures, in the panel: the button, how long it takes, what can be set of one."""

from __future__ import annotations

from dataclasses import replace

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.estimates import format_rough_duration
from ..engine.saying import say
from ..nodes import places, solid
from ..nodes.solid_group import AMOUNT, SIZE
from ..nodes.targets import Target
from ..synthesis import outlook, solid_task
from ..synthesis.intending import Intention
from ..synthesis.settings import Options
from ..synthesis.sources import look_at_subject
from .wrapping import draw_text


def draw(
    layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention, options: Options
) -> None:
    """Draw it below its settings.

    Args:
        layout: To draw into.
        context: Where the user is.
        intention: What the panel's own button would make.
        options: What the panel asks for.
    """
    options = replace(options, solid=True, maps=False)
    reason = _find_reason(context, intention, options)
    row = layout.row()
    row.enabled = not reason
    row.operator("texcore.synthesize_solid", icon="META_CUBE")
    if reason:
        draw_text(layout, say(reason), context, icon="INFO")
    elif intention.target is not None:
        ahead = outlook.of_image(options, intention.target.image)
        if ahead is not None:
            words = iface_("About {time} on {device}")
            words = words.format(time=format_rough_duration(ahead.seconds), device=ahead.device)
            layout.label(text=words, icon="TIME", translate=False)
    if intention.target is not None:
        _draw_placed(layout, intention.target)


def _find_reason(context: bpy.types.Context, intention: Intention, options: Options) -> str:
    """Return why none can be made; empty where one can."""
    try:
        solid_task.check_options(options)
        solid_task.check_subject(look_at_subject(context, options))
    except BadInput as e:
        return str(e)
    return intention.problem.words if intention.problem else ""


def _draw_placed(layout: bpy.types.UILayout, target: Target) -> None:
    """Draw what can be set of the solid texture that is there."""
    material = None
    if target.material_uid is not None:
        material = places.find_material(target.material_uid)
    found = solid.find_solids(material) if material else []
    if material is None or not found:
        return
    for node in found:
        column = layout.column()
        for name in (SIZE, AMOUNT):
            column.prop(node.inputs[name], "default_value", text=name)
    layout.operator("texcore.remove_solid", icon="X").material = material.name
