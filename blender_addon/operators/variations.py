"""Several textures of one picture at one press, for the artist to choose from."""

from __future__ import annotations

import uuid
from functools import partial
from typing import ClassVar

import bpy

from ..bundled.texcore.contract.errors import TexcoreError
from ..engine.saying import say
from ..synthesis.intending import find_intention
from ..synthesis.properties import MAX_WHOLE
from ..synthesis.settings import Options, change_options
from .options import read_preferences
from .synthesizing import begin_synthesis


class TEXCORE_OT_variations(bpy.types.Operator):
    """Make several textures of this image, each with a seed and an arrangement of its own.

    A script calls ``bpy.ops.texcore.variations(count=4)``. The seeds are the panel's and the next
    ones; all else is as the panel says. The node has the last one; `texcore.assign` puts in any
    other.
    """

    bl_idname = "texcore.variations"
    bl_label = "Variations"
    bl_description = (
        "Make several textures with seeds and arrangements of their own, to be seen side by side "
        "and chosen from"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # an undo step is pushed when each is there

    count: bpy.props.IntProperty(
        name="Count", description="How many", default=4, min=2, max=16, options={"SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask how many."""
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make them: beside the artist's work in a window, else at once."""
        settings = context.scene.texcore
        try:
            values = settings.read_values() | read_preferences(context, {})
            asked = change_options(Options(), values)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        press = uuid.uuid4().hex
        whole = find_intention(context, asked, settings.all_maps).is_material
        wait = bpy.app.background or not self.options.is_invoke
        for number in range(self.count):
            seed = (settings.seed + number) % MAX_WHOLE
            # Another seed alone is the same arrangement with other details.
            own = {"seed": seed, "arrangement": "new", "maps": whole, "press": press}
            options = partial(change_options, asked, own)
            if begin_synthesis(self, context, options, wait) != {"FINISHED"}:
                return {"CANCELLED"}
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TEXCORE_OT_variations,))
