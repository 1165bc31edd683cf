"""The verbs for the textures of one press: see them side by side, keep one, discard the others."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_
from bpy.app.translations import pgettext_rpt as rpt_

from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..engine.redrawing import redraw
from ..engine.saying import say
from ..images import marks
from ..nodes import targets
from ..results import presses, results
from . import overlay, sheet
from .on_result import IMAGE, OnResult, has_result
from .overlay import ShowsOverlay

_EDITORS = ("VIEW_3D", "NODE_EDITOR", "IMAGE_EDITOR")


class TEXCORE_OT_discard_others(OnResult, bpy.types.Operator):
    """Remove the variations that were made with this one from the file, where nobody uses them."""

    bl_idname = "texcore.discard_others"
    bl_label = "Discard Other Variations"

    image: bpy.props.StringProperty(**IMAGE)

    def do(self, context: bpy.types.Context) -> str:
        """Remove them."""
        done = presses.discard_others(results.chosen(context, self.image))
        said = rpt_("Variations discarded: {count}.").format(count=done.gone)
        if done.stay:
            said += " " + rpt_("In use elsewhere, and still there: {count}.").format(
                count=done.stay
            )
        return said


class TEXCORE_OT_compare_variations(ShowsOverlay, bpy.types.Operator):
    """Show the variations side by side over this editor, to click on the one to use."""

    bl_idname = "texcore.compare_variations"
    bl_label = "Compare Variations"

    overlay: sheet.Sheet

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a result, and an editor to show it in."""
        if context.area is None or context.area.type not in _EDITORS:
            return False
        return has_result(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Open the sheet."""
        try:
            image = targets.find_target(context).image
            made = [] if image is None else presses.list_pressed(image)
            if not made:
                raise BadInput("There are no variations of this image: make some first.")
        except BadInput as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        shown = [sheet.show(image, _tell(image)) for image in made]
        said = rpt_("Click on the variation to use; Esc leaves all as it is")
        return self.open(context, sheet.Sheet(shown, context.area), said)

    def follow(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Follow the pointer; a click uses what is under it."""
        place = event.mouse_x, event.mouse_y
        if not self.overlay.covers(*place):
            return {"PASS_THROUGH"}
        if self.overlay.point(*place):
            self.overlay.tag_redraw()
        if event.type != "LEFTMOUSE" or event.value != "PRESS" or self.overlay.under is None:
            return {"RUNNING_MODAL"}
        self.close(context)
        try:
            image = results.chosen(context, self.overlay.shown[self.overlay.under].name)
            results.put_in_node(context, image, context.scene.texcore.keep_density)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        self.report({"INFO"}, say(f"“{image.name}” is in the node."))
        redraw()
        return {"FINISHED"}


def _tell(image: bpy.types.Image) -> str:
    """Say below a texture what tells it from the others."""
    recipe = marks.read_recipe(image)
    return iface_("Seed {seed}").format(seed=recipe.seed) if recipe else image.name


_CLASSES = (TEXCORE_OT_discard_others, TEXCORE_OT_compare_variations)


def register() -> None:
    """Add the verbs."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them out again, with any sheet that is open."""
    overlay.close_all(sheet.Sheet)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
