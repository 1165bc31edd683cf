"""The verbs for solid textures: make one, and take its nodes out again."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.app.translations import pgettext_rpt as rpt_

from ..bundled.texcore.contract.errors import TexcoreError
from ..engine.saying import say
from ..nodes import places, solid
from ..nodes.putting import push_undo_step
from ..synthesis.properties import add_properties
from ..synthesis.settings import OPTIONS
from .options import COMMON, IN_SOLID, TakesOptions
from .synthesizing import begin_synthesis

_ASKED = {name: OPTIONS[name] for name in ("material", "image")}
_PASSED: dict[str, Any] = {"options": {"SKIP_SAVE"}}  # else Blender repeats the last values


@add_properties({**_ASKED, **COMMON, **IN_SOLID}, from_panel=True)
class TEXCORE_OT_synthesize_solid(TakesOptions, bpy.types.Operator):
    """Make a solid texture of a material's image, and let it take the image's place.

    A script calls ``bpy.ops.texcore.synthesize_solid(material="Stone", voxels="128")``. The image
    stays in its node; a group of nodes looks the texture up by where a point is in the object's own
    space. For the rest see ``texcore.synthesize``.
    """

    bl_idname = "texcore.synthesize_solid"
    bl_label = "Synthesize Solid"
    bl_description = (
        "Make a texture that goes through the object, as stone or foam does: no UV map is needed, "
        "and every cut looks like the photo"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # the undo step is pushed when it is there

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the work, or let it wait for its turn, and give Blender back to the artist."""
        return self._begin(context, wait=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do the work and return when it is done."""
        return self._begin(context, wait=True)

    def _begin(self, context: bpy.types.Context, wait: bool) -> set[str]:
        return begin_synthesis(self, context, lambda: self.read_options(context, solid=True), wait)


class TEXCORE_OT_remove_solid(bpy.types.Operator):
    """Take the solid textures out of a material; the artist's nodes are as they were."""

    bl_idname = "texcore.remove_solid"
    bl_label = "Remove Solid Texture"
    bl_description = "Take the solid texture out of the material; the image takes its place again"
    bl_options: ClassVar[set[str]] = {"REGISTER"}

    material: bpy.props.StringProperty(
        name="Material", description="Name of the material. Empty: the active one", **_PASSED
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Take them out."""
        try:
            material = places.get_material(context, self.material)
            solid.take_out(material)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        push_undo_step(self.bl_label)
        self.report({"INFO"}, rpt_("“{name}” is as before.").format(name=material.name))
        return {"FINISHED"}


_CLASSES = (TEXCORE_OT_synthesize_solid, TEXCORE_OT_remove_solid)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
