"""Have a 3D View show textures where its solid shading hides them, which is Blender's default."""

from __future__ import annotations

from typing import ClassVar

import bpy


def hides_textures(space: bpy.types.Space | None) -> bool:
    """Return whether an editor is a 3D View in solid shading without textures."""
    if not isinstance(space, bpy.types.SpaceView3D):
        return False
    return space.shading.type == "SOLID" and space.shading.color_type != "TEXTURE"


def show_textures(space: bpy.types.Space | None) -> None:
    """Let a 3D View whose solid shading hides textures show them; no other editor changes."""
    if isinstance(space, bpy.types.SpaceView3D) and hides_textures(space):
        space.shading.color_type = "TEXTURE"


class TEXCORE_OT_show_textures(bpy.types.Operator):
    """Show the texture on the object in this 3D View, whose solid shading hides it."""

    bl_idname = "texcore.show_textures"
    bl_label = "Show on the Object"
    bl_options: ClassVar[set[str]] = {"REGISTER"}  # what a view shows is no part of the file's undo

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a view that hides them."""
        if not hides_textures(context.space_data):
            cls.poll_message_set("This editor is no 3D View that hides textures")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Show them."""
        show_textures(context.space_data)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TEXCORE_OT_show_textures,))
