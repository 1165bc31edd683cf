"""What was made of the image that is meant, in the panel: a list, and verbs for one of it."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from ..nodes import putting, targets
from ..nodes.targets import Target
from ..results import results
from .wrapping import draw_text

_INDEX = "texcore_result_index"


class TEXCORE_UL_results(bpy.types.UIList):
    """Textures made from one image, newest first, each with its recipe in short."""

    bl_idname = "TEXCORE_UL_results"

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: object,
        item: bpy.types.Image,
        icon: int,
        active_data: object,
        active_property: str,
        index: int = 0,
        flt_flag: int = 0,
    ) -> None:
        """Draw one."""
        recipe = marks.read_recipe(item)
        row = layout.split(factor=0.6)
        row.prop(item, "name", text="", emboss=False, icon_value=layout.icon(item))
        row.label(text=results.size_in_words(recipe) if recipe else "", translate=False)

    def filter_items(
        self, context: bpy.types.Context, data: object, property: str
    ) -> tuple[list[int], list[int]]:
        """Show the results of the image that is meant alone, newest first."""
        source = _source(context)
        every = list(getattr(data, property))
        mine = results.of_source(source) if source else []
        places = {image.session_uid: place for place, image in enumerate(mine)}
        flags = [self.bitflag_filter_item if i.session_uid in places else 0 for i in every]
        order = [places.get(image.session_uid, len(mine)) for image in every]
        return flags, order


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
    header, body = layout.panel("TEXCORE_PT_results")
    header.label(text=iface_("Textures Made: {count}").format(count=len(made)), translate=False)
    if body is None:
        return
    manager = context.window_manager
    body.template_list(
        TEXCORE_UL_results.bl_idname, "", bpy.data, "images", manager, _INDEX, rows=3, maxrows=6
    )
    index = getattr(manager, _INDEX)
    chosen = bpy.data.images[index] if index < len(bpy.data.images) else None
    if chosen not in made:
        chosen = image if image in made else made[0]
    recipe = marks.read_recipe(chosen)
    if recipe is not None:
        words = body.column()
        words.active = False
        draw_text(words, results.in_words(recipe), context)
    _draw_verbs(body, chosen)


def _draw_verbs(layout: bpy.types.UILayout, image: bpy.types.Image) -> None:
    column = layout.column(align=True)
    row = column.row(align=True)
    row.operator("texcore.assign", text="Use Here", icon="CHECKMARK").image = image.name
    menu = row.operator_menu_enum("texcore.assign", "to", text="Assign To")
    menu.image = image.name
    row = column.row(align=True)
    row.operator("texcore.again", text="New Seed", icon="FILE_REFRESH").image = image.name
    larger = row.operator("texcore.again", text="Larger", icon="FULLSCREEN_ENTER")
    larger.image, larger.scale, larger.seed = image.name, 2, -2
    row = column.row(align=True)
    row.operator("texcore.save", text="Save…", icon="FILE_TICK").image = image.name
    row.operator("texcore.mark_asset", text="Mark Asset", icon="ASSET_MANAGER").image = image.name


def _source(context: bpy.types.Context) -> bpy.types.Image | None:
    try:
        image = targets.find_target(context).image
    except BadInput:
        return None
    return marks.find_original(image) if image else None


def register() -> None:
    """Add the list, and which of it is chosen."""
    bpy.utils.register_class(TEXCORE_UL_results)
    setattr(
        bpy.types.WindowManager,
        _INDEX,
        bpy.props.IntProperty(name="Texture", description="The one chosen in the list"),
    )


def unregister() -> None:
    """Remove them."""
    delattr(bpy.types.WindowManager, _INDEX)
    bpy.utils.unregister_class(TEXCORE_UL_results)
