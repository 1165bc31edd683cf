"""The verbs for textures on objects: make one over an object's surface, and unwrap the object."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import bpy
from bpy.app.translations import pgettext_rpt as rpt_

from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..engine.saying import say
from ..nodes import unwrapping
from ..synthesis import objects
from ..synthesis.intending import intend_on_objects
from ..synthesis.properties import add_properties
from ..synthesis.settings import OPTIONS, change_options
from .options import COMMON, ON_OBJECT, TakesOptions
from .synthesizing import begin_synthesis

_ASKED = {
    name: OPTIONS[name]
    for name in ("object", "material", "maps", "derive", "mix", "blend", "flow", "scale_map")
}


@add_properties({**_ASKED, **COMMON, **ON_OBJECT}, from_panel=True)
class TEXCORE_OT_synthesize_on_object(TakesOptions, bpy.types.Operator):
    """Make a texture over the surface of an object, in its own UV map, and put it into the node.

    A script calls ``bpy.ops.texcore.synthesize_on_object(object="Head", width=1024, height=1024,
    scale=0.5)``. Without a name all selected meshes are meant, one after another. Each gets the
    photo of its own material, as it is with all modifiers; a material that others use too becomes
    its own first. For the rest see ``texcore.synthesize``.
    """

    bl_idname = "texcore.synthesize_on_object"
    bl_label = "Synthesize on Object"
    bl_description = (
        "Make a texture over the whole surface of each selected object, in its own UV map: things "
        "keep one size, and go on across every seam"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # an undo step is pushed when each is there

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the work, or let it wait for its turn, and give Blender back to the artist."""
        return self._begin(context, wait=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Do the work and return when it is done."""
        return self._begin(context, wait=True)

    def _begin(self, context: bpy.types.Context, wait: bool) -> set[str]:
        whole = context.scene.texcore.all_maps and not self.properties.is_property_set("maps")
        try:
            wanted = self.read_options(context)
            intention = intend_on_objects(context, wanted, whole)
            if intention.reason:
                raise BadInput(intention.reason)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        began = [
            begin_synthesis(self, context, partial(change_options, asked, {}), wait)
            for asked in intention.asked
        ]
        return {"FINISHED"} if {"FINISHED"} in began else {"CANCELLED"}


class TEXCORE_OT_unwrap_object(bpy.types.Operator):
    """Unwrap an object into a UV map of its own for textures, without overlaps.

    Its other UV maps stay as they are, and so does which of them renders: what lies on the object
    already does not move.
    """

    bl_idname = "texcore.unwrap_object"
    bl_label = "Smart UV Project"
    bl_description = (
        "Unwrap into a new UV map, without overlaps; the other UV maps stay as they are"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    object: bpy.props.StringProperty(
        name="Object",
        description="Name of the object. Empty: all that are selected",
        options={"SKIP_SAVE"},
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Unwrap it."""
        try:
            named = [objects.get_object(self.object)] if self.object else []
            things = named or objects.list_meant(context)
            unwrapping.unwrap_all(context, things)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        said = rpt_("“{name}” is unwrapped in the UV map “{layer}”.")
        for thing in things:
            layer = thing.data.uv_layers.active.name
            self.report({"INFO"}, said.format(name=thing.name, layer=layer))
        return {"FINISHED"}


_CLASSES = (TEXCORE_OT_synthesize_on_object, TEXCORE_OT_unwrap_object)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
