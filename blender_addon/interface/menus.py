"""Texcore's entry in three editors' menus. F3 finds what is in a menu."""

from __future__ import annotations

import bpy

from ..engine import jobs
from .assign_menu import TEXCORE_MT_assign

_PARENTS = ("VIEW3D_MT_object", "NODE_MT_node", "IMAGE_MT_image")


class TEXCORE_MT_menu(bpy.types.Menu):
    """What Texcore can do here."""

    bl_idname = "TEXCORE_MT_menu"
    bl_label = "Texcore"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the verbs."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("texcore.synthesize", icon="TEXTURE")
        layout.operator("texcore.synthesize_material", icon="MATERIAL")
        layout.operator("texcore.synthesize_on_object", icon="MESH_UVSPHERE")
        layout.operator("texcore.variations", icon="DUPLICATE")
        layout.operator("texcore.synthesize_selected", icon="OUTLINER_OB_GROUP_INSTANCE")
        layout.operator("texcore.new_material", icon="MATERIAL")
        layout.operator("texcore.material_from_maps", icon="FILE_FOLDER")
        if jobs.current() is not None:
            layout.operator("texcore.cancel", icon="CANCEL")
            layout.operator("texcore.keep", icon="PINNED")
        layout.operator("texcore.resume", icon="PLAY")
        layout.separator()
        layout.operator("texcore.again", icon="FILE_REFRESH")
        layout.operator(
            "texcore.again", text="Synthesize Again, Larger", icon="FULLSCREEN_ENTER"
        ).scale = 2
        layout.operator("texcore.compare", icon="ARROW_LEFTRIGHT")
        layout.operator("texcore.compare_variations", icon="MESH_GRID")
        layout.operator("texcore.discard_others", icon="TRASH")
        layout.menu(TEXCORE_MT_assign.bl_idname, icon="CHECKMARK")
        layout.operator("texcore.save", icon="FILE_TICK")
        layout.operator("texcore.mark_asset", icon="ASSET_MANAGER")


def _draw_entry(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    space = context.space_data
    if isinstance(space, bpy.types.SpaceNodeEditor) and space.tree_type != "ShaderNodeTree":
        return
    menu.layout.separator()
    menu.layout.menu(TEXCORE_MT_menu.bl_idname, icon="TEXTURE")


def register() -> None:
    """Add the menu to the editors' own."""
    bpy.utils.register_class(TEXCORE_MT_menu)
    for name in _PARENTS:
        getattr(bpy.types, name).append(_draw_entry)


def unregister() -> None:
    """Take it out again."""
    for name in _PARENTS:
        getattr(bpy.types, name).remove(_draw_entry)
    bpy.utils.unregister_class(TEXCORE_MT_menu)
