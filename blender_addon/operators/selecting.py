"""The verb for all selected objects at once."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import bpy

from ..bundled.texcore.contract.errors import TexcoreError
from ..engine.saying import say
from ..synthesis import selection
from ..synthesis.settings import Options, change_options
from .options import read_preferences
from .synthesizing import begin_synthesis


class TEXCORE_OT_synthesize_selected(bpy.types.Operator):
    """Make a new texture for each material of the selected objects, one after another.

    What the panel says holds for each of them. Materials with the same image share the texture. One
    that cannot be made keeps no other from being made.
    """

    bl_idname = "texcore.synthesize_selected"
    bl_label = "Synthesize Selected Objects"
    bl_description = (
        "Make a new texture for each material of the selected objects, one after another; "
        "materials with the same image share it"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # an undo step is pushed when each is there

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Let them wait for their turn, and give Blender back to the artist."""
        return self._begin(context, wait=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do the work and return when all is done."""
        return self._begin(context, wait=True)

    def _begin(self, context: bpy.types.Context, wait: bool) -> set[str]:
        settings = context.scene.texcore
        try:
            values = settings.read_values() | read_preferences(context, {})
            asked = change_options(Options(), values)
            wanted = selection.list_wanted(context, asked, settings.all_maps)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        begun = [
            begin_synthesis(self, context, partial(change_options, options, {}), wait)
            for options in wanted
        ]
        return {"FINISHED"} if {"FINISHED"} in begun else {"CANCELLED"}


register, unregister = bpy.utils.register_classes_factory((TEXCORE_OT_synthesize_selected,))
