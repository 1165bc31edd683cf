"""What was made of the image that is meant, in the panel: a list, and verbs for one of it."""

from __future__ import annotations

from typing import ClassVar

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..images import marks
from ..nodes import places, putting
from ..nodes.targets import Target
from ..results import fitting, results
from . import assign_menu, variations_box

_CHOSEN = "texcore_result"
_PAGE = "texcore_result_page"
THUMBNAIL = 2.0  #: side, in rows of the interface
ROWS = 4  #: results on a page


class TEXCORE_OT_choose_result(bpy.types.Operator):
    """Choose this texture in the list."""

    bl_idname = "texcore.choose_result"
    bl_label = "Choose Texture"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    image: bpy.props.StringProperty(name="Image", options={"HIDDEN"})

    @classmethod
    def description(
        cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties
    ) -> str:
        """Tell the texture's whole recipe."""
        image = bpy.data.images.get(properties.image)
        return results.tell_recipe(image) if image else ""

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Choose it."""
        setattr(context.window_manager, _CHOSEN, self.image)
        return {"FINISHED"}


def draw(layout: bpy.types.UILayout, context: bpy.types.Context, target: Target) -> None:
    """Draw the comparing, the list, and verbs for the one chosen in it; nothing if all is new."""
    image = target.image
    if image is None:
        return
    made = results.of_source(marks.find_original(image))
    if not made:
        return
    node = target.place.find() if target.place else None
    before = putting.find_other(node) if node is not None else None
    if before is not None:
        old = marks.is_result(image) and not marks.is_result(before)
        row = layout.row(align=True)
        row.operator(
            "texcore.compare",
            text="Show Old" if old else "Show New" if not marks.is_result(image) else "Show Other",
            icon="ARROW_LEFTRIGHT",
        )
    variations_box.draw(layout, image)
    header, body = layout.panel("TEXCORE_PT_results")
    header.label(text=iface_("Textures Made: {count}").format(count=len(made)), translate=False)
    if body is None:
        return
    manager = context.window_manager
    chosen = bpy.data.images.get(getattr(manager, _CHOSEN))
    if chosen not in made:
        chosen = image if image in made else made[0]
    pages = -(-len(made) // ROWS)
    page = min(getattr(manager, _PAGE), pages)
    rows = body.column()
    for each in made[ROWS * (page - 1) : ROWS * page]:
        _draw_result(rows, each, each == chosen)
    if pages > 1:
        words = iface_("Page of {count}").format(count=pages)
        body.prop(manager, _PAGE, text=words, translate=False)
    body.prop(chosen, "name", text="")
    _draw_verbs(body, chosen, target)


def _draw_result(layout: bpy.types.UILayout, image: bpy.types.Image, is_chosen: bool) -> None:
    """Draw one in two lines: what tells it from others. Its tip has all the rest."""
    recipe = marks.read_recipe(image)
    split = layout.split(factor=0.22)
    preview = image.preview_ensure()
    split.template_icon(icon_value=preview.icon_id if preview else 0, scale=THUMBNAIL)
    lines = split.column(align=True)
    seed = iface_("Seed {seed}").format(seed=recipe.seed) if recipe else image.name
    for words in (results.size_in_words(image, recipe), seed):
        name = "texcore.choose_result"
        line = lines.operator(name, text=words, depress=is_chosen, translate=False)
        line.image = image.name


def _draw_verbs(layout: bpy.types.UILayout, image: bpy.types.Image, target: Target) -> None:
    column = layout.column(align=True)
    row = column.row(align=True)
    here = row.row(align=True)
    uid = target.material_uid
    here.enabled = fitting.fits_material(image, None if uid is None else places.find_material(uid))
    here.operator("texcore.assign", text="Use Here", icon="CHECKMARK").image = image.name
    assign_menu.draw(row, image)
    row = column.row(align=True)
    row.operator("texcore.again", text="New Seed", icon="FILE_REFRESH").image = image.name
    larger = row.operator("texcore.again", text="Larger", icon="FULLSCREEN_ENTER")
    larger.image, larger.scale, larger.seed = image.name, 2, -2
    row = column.row(align=True)
    row.operator("texcore.save", text="Save…", icon="FILE_TICK").image = image.name
    row.operator("texcore.mark_asset", text="Mark Asset", icon="ASSET_MANAGER").image = image.name


def register() -> None:
    """Add the list, and which of it is chosen."""
    bpy.utils.register_class(TEXCORE_OT_choose_result)
    properties = {
        _CHOSEN: bpy.props.StringProperty(name="Texture", description="The one chosen in the list"),
        _PAGE: bpy.props.IntProperty(
            name="Page", description="Of the list, the newest textures first", default=1, min=1
        ),
    }
    for name, property in properties.items():
        setattr(bpy.types.WindowManager, name, property)


def unregister() -> None:
    """Remove them."""
    for name in (_CHOSEN, _PAGE):
        delattr(bpy.types.WindowManager, name)
    bpy.utils.unregister_class(TEXCORE_OT_choose_result)
