"""The textures of one press of Variations in the panel, side by side, each with a button."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..results import presses

THUMBNAIL = 5.0  #: side, in rows of the interface


def draw(layout: bpy.types.UILayout, image: bpy.types.Image) -> None:
    """Draw what the press of an image made; nothing if there is no more than one."""
    made = presses.list_pressed(image)
    if len(made) < 2:
        return
    header, body = layout.panel("TEXCORE_PT_variations")
    header.label(text=iface_("Variations: {count}").format(count=len(made)), translate=False)
    if body is None:
        return
    grid = body.grid_flow(row_major=True, columns=2, even_columns=True, align=False)
    for each in made:
        cell = grid.column(align=True)
        preview = each.preview_ensure()
        cell.template_icon(icon_value=preview.icon_id if preview else 0, scale=THUMBNAIL)
        cell.operator("texcore.assign", text="Use", depress=each == image).image = each.name
    column = body.column(align=True)
    column.operator("texcore.compare_variations", text="Side by Side", icon="MESH_GRID")
    # Where another image is shown there is none that the artist has chosen.
    discard = column.row(align=True)
    discard.enabled = image in made
    discard.operator(
        "texcore.discard_others", text="Discard the Others", icon="TRASH"
    ).image = image.name
