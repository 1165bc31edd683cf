"""What is meant, at the head of the panel: the image, where it is, and what is wrong with it."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..engine.saying import say
from ..images import marks, tiles
from ..nodes import local
from ..operators import showing
from ..synthesis.intending import Intention
from .wrapping import draw_text

THUMBNAIL = 4.0  #: side, in rows of the interface


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, intention: Intention) -> None:
    """Draw the image that is meant; where nothing can be made of it, why, and what mends that."""
    box = layout.box()
    image = intention.target.image if intention.target else None
    if image is None or intention.target is None:
        draw_text(box, say(intention.reason), context, icon="INFO")
        if local.is_wanted(context):
            box.operator("texcore.make_local", icon="UNLINKED")
        _draw_open(box)
        return
    _draw_image(box, marks.find_original(image), intention.target.title)
    if intention.target.place is not None and showing.hides_textures(context.space_data):
        box.operator("texcore.show_textures", icon="SHADING_TEXTURE")
    if intention.reason:
        draw_text(box, say(intention.reason), context, icon="ERROR")
    if intention.problem is not None:
        if intention.problem.is_missing:
            box.operator("file.find_missing_files", text="Find Missing File", icon="VIEWZOOM")
        _draw_open(box)


def _draw_image(layout: bpy.types.UILayout, image: bpy.types.Image, title: str) -> None:
    split = layout.split(factor=0.3)
    preview = image.preview_ensure()
    split.template_icon(icon_value=preview.icon_id if preview else 0, scale=THUMBNAIL)
    lines = split.column(align=True)
    lines.label(text=image.name, translate=False)
    # Asking for the size of an image that is not loaded would load it.
    if image.has_data:
        width, height = tiles.measure(image)
        words = iface_("{width} × {height} pixels").format(width=width, height=height)
        if count := len(tiles.list_numbers(image)):
            words = iface_("{size}, {count} tiles").format(size=words, count=count)
        lines.label(text=words, translate=False)
    where = lines.column(align=True)
    where.active = False
    for part in title.split(" › "):
        where.label(text=part, translate=False)


def _draw_open(layout: bpy.types.UILayout) -> None:
    layout.operator("texcore.open_picture", text="Open Picture", icon="FILE_FOLDER").to = "NODE"
