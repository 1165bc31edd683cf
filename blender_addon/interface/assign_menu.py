"""Whom a texture can be given to, in a menu: who cannot get it is grey, and the tip says why."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..results import fitting

_IMAGE = "texcore_result"  #: what the menu's context calls the texture that it is about


class TEXCORE_MT_assign(bpy.types.Menu):
    """Those who can get the texture."""

    bl_idname = "TEXCORE_MT_assign"
    bl_label = "Assign To"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw a line for each of them; without a texture, for that in the node."""
        image = getattr(context, _IMAGE, None)
        name = image.name if image else ""
        for receiver in fitting.RECEIVERS:
            row = self.layout.row()
            row.enabled = not fitting.tell_refusal(context, name, receiver.id)
            words = iface_(receiver.label)
            assign = row.operator("texcore.assign", text=words, translate=False)
            assign.image, assign.to = name, receiver.id


def draw(layout: bpy.types.UILayout, image: bpy.types.Image) -> None:
    """Draw the button that opens the menu for a texture."""
    layout.context_pointer_set(_IMAGE, image)
    layout.menu(TEXCORE_MT_assign.bl_idname)


register, unregister = bpy.utils.register_classes_factory((TEXCORE_MT_assign,))
