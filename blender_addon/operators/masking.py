"""The verb that makes a mask to paint: what of an image shall be made anew."""

from __future__ import annotations

from typing import ClassVar

import bpy
import numpy as np
from bpy.app.translations import pgettext_rpt as rpt_

from ..bundled.texcore.contract.errors import BadInput
from ..engine.saying import say
from ..images import exchange, marks
from ..nodes import targets

# What the image shows through on its mask with: below half, it is not marked.
_SHOWN_SHARE = 0.35


class TEXCORE_OT_new_repair_mask(bpy.types.Operator):
    """Make a mask for the image that the panel names, and show it in the Image Editor to paint.

    The image shows through darkly, so that one sees where to paint; what is white is made anew. A
    mask that is chosen already and fits is shown again, with all that has been painted.
    """

    bl_idname = "texcore.new_repair_mask"
    bl_label = "Paint a Repair Mask"
    bl_description = (
        "Make a mask for this image, and paint white in the Image Editor what shall be made anew"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make the mask, if none that fits is chosen; choose it, and show it."""
        try:
            image = targets.find_target(context).image
            if image is None:
                raise BadInput("There is no image to make a mask for.")
            image = marks.find_original(image)
            exchange.check_image(image)
        except BadInput as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        mask = _choose_mask(context.scene.texcore, image)
        said = rpt_("Paint white what shall be made anew")
        if not _show(context, mask):
            said = rpt_(
                "Open an Image Editor, choose “{name}” there, and paint white what shall be made "
                "anew"
            ).format(name=mask.name)
        self.report({"INFO"}, said)
        return {"FINISHED"}


def _choose_mask(settings: bpy.types.PropertyGroup, image: bpy.types.Image) -> bpy.types.Image:
    """Return the mask that is chosen if it is of an image's size, else choose a new one."""
    old = settings.repair
    if old is not None and tuple(old.size) == tuple(image.size):
        return old
    if old is not None:
        old.use_fake_user = True  # Blender drops what nothing uses when it saves
    settings.repair = _make_mask(image)
    return settings.repair


def _make_mask(image: bpy.types.Image) -> bpy.types.Image:
    """Make a mask of an image's size on which this shows through, in grey and darkly."""
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    texels = pixels.reshape(-1, 4)
    grey = texels[:, :3].mean(1).clip(0, 1) * _SHOWN_SHARE
    texels[:, :3], texels[:, 3] = grey[:, None], 1
    mask = bpy.data.images.new(f"{image.name} repair", width, height, alpha=False)
    mask.colorspace_settings.name = "Non-Color"  # before the pixels: it wipes them
    mask.pixels.foreach_set(pixels)
    mask.pack()
    return mask


def _show(context: bpy.types.Context, mask: bpy.types.Image) -> bool:
    """Show a mask in the first Image Editor, ready to be painted; say whether there is one."""
    areas = context.screen.areas if context.screen else ()
    for area in areas:
        space = area.spaces.active
        if area.type == "IMAGE_EDITOR" and isinstance(space, bpy.types.SpaceImageEditor):
            space.image = mask
            space.ui_mode = "PAINT"
            return True
    return False


_CLASSES = (TEXCORE_OT_new_repair_mask,)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
