"""What the verbs for what has been made have in common."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from ..bundled.texcore.contract.errors import TexcoreError
from ..engine.redrawing import redraw
from ..engine.saying import say
from ..images import marks

PASSED: dict[str, Any] = {"options": {"SKIP_SAVE"}}  #: else Blender repeats the last values
#: Of the property that names a texture.
IMAGE: dict[str, Any] = {
    "name": "Image",
    "description": "Name of a texture that Texcore has made. Empty: the one in the node",
    **PASSED,
}


def has_result(operator: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether the file holds any result; says so to the artist otherwise."""
    if any(marks.is_result(image) for image in bpy.data.images):
        return True
    operator.poll_message_set("No texture has been made yet")
    return False


class OnResult:
    """An operator whose ``do`` works on a result and returns what was done, in a sentence."""

    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls: type[Any], context: bpy.types.Context) -> bool:
        """There must be a result."""
        return has_result(cls, context)

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Do it, and say what was done or what is wrong."""
        try:
            said = self.do(context)
        except TexcoreError as e:
            self.report({"ERROR"}, say(e))
            return {"CANCELLED"}
        self.report({"INFO"}, say(said))
        redraw()
        return {"FINISHED"}
