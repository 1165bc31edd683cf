"""The verb for a material that is linked from another file."""

from __future__ import annotations

from typing import ClassVar

import bpy
from bpy.app.translations import pgettext_rpt as rpt_

from ..bundled.texcore.contract.errors import TexcoreError
from ..engine.redrawing import redraw
from ..engine.saying import say
from ..nodes import local, places


class TEXCORE_OT_make_local(bpy.types.Operator):
    """Make the material, its node groups and its images this file's own, to be changed."""

    bl_idname = "texcore.make_local"
    bl_label = "Make Local"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make them local."""
        try:
            material = places.get_material(context, "")
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        name = material.name
        if not local.make_local(material):
            self.report({"INFO"}, rpt_("“{name}” is local already.").format(name=name))
            return {"CANCELLED"}
        self.report({"INFO"}, rpt_("“{name}” is local now.").format(name=name))
        redraw()
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TEXCORE_OT_make_local,))
