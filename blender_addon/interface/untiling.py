"""Un-tile, in the panel: the button, and what can be set where a material is un-tiled."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..nodes import places, untiling, untiling_taps
from ..nodes.targets import Target
from .wrapping import draw_text

_TURNED = (untiling_taps.CELL_SIZE, untiling_taps.TURN)
_LATTICE = (untiling_taps.CELL_SIZE, untiling_taps.ACROSS, untiling_taps.UP)
_ALWAYS = (untiling_taps.PER_OBJECT, untiling_taps.SEED)


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, target: Target) -> None:
    """Draw it, in a part that can be opened; nothing for an image without a material."""
    material = None
    if target.material_uid is not None:
        material = places.find_material(target.material_uid)
    if material is None:
        return
    header, body = layout.panel("TEXCORE_PT_untile", default_closed=True)
    header.label(text="Un-Tile")
    if body is None:
        return
    found = untiling.find_untiled(material)
    if not found:
        body.operator("texcore.untile", icon="MOD_ARRAY").material = material.name
        words = iface_("Hides that the texture repeats on a large surface, with {n} samples a map.")
        faint = body.column()
        faint.active = False
        draw_text(faint, words.format(n=untiling.SAMPLES), context)
        return
    for node in found:
        _draw_cells(body, node)
    body.label(
        text=iface_("{n} samples a map").format(n=untiling.SAMPLES), icon="INFO", translate=False
    )
    row = body.row(align=True)
    row.operator("texcore.untile", text="Update", icon="FILE_REFRESH").material = material.name
    row.operator("texcore.remove_untiling", text="Remove", icon="X").material = material.name


def _draw_cells(layout: bpy.types.UILayout, node: bpy.types.ShaderNodeGroup) -> None:
    """Draw what an artist may set of the cells, as it is in the node."""
    by_name = node.inputs
    is_lattice = any(
        by_name[name].default_value for name in (untiling_taps.ACROSS, untiling_taps.UP)
    )
    column = layout.column()
    for name in (*(_LATTICE if is_lattice else _TURNED), *_ALWAYS):
        column.prop(by_name[name], "default_value", text=name)
