"""Presets of the panel's settings: those that come with Texcore, and the artist's own.

The artist's are kept where Blender keeps all presets.
"""

from __future__ import annotations

from typing import ClassVar

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel
from bpy.app.translations import pgettext_iface as iface_
from bpy.app.translations import pgettext_tip as tip_

from ..add_on import CONTEXT
from ..synthesis.properties import list_items
from ..synthesis.settings import list_panel_settings
from ..synthesis.supplied import SUPPLIED, complete_values

FOLDER = "texcore"
KEPT = tuple(name for name, setting in list_panel_settings().items() if setting.in_presets)


class TEXCORE_PT_presets(PresetPanel, bpy.types.Panel):
    """The lists of presets, and a field to add one."""

    bl_label = "Presets"  # as Blender renames it once a preset is removed
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "texcore.add_preset"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw those that come with Texcore above the artist's own."""
        layout = self.layout
        layout.emboss = "PULLDOWN_MENU"
        layout.operator_context = "EXEC_DEFAULT"
        column = layout.column(align=True)
        for preset in SUPPLIED:
            label = iface_(preset.words.label, CONTEXT)
            button = column.operator("texcore.apply_preset", text=label, translate=False)
            button.preset = preset.words.id
        layout.separator()
        paths = bpy.utils.preset_paths(FOLDER)
        if paths:
            self.path_menu(
                paths,
                self.preset_operator,
                filter_ext=lambda suffix: suffix.lower() == ".py",
                add_operator=self.preset_add_operator,
                display_name=lambda path: bpy.path.display_name(path, title_case=False),
            )
        else:
            self._draw_first(context)

    def _draw_first(self, context: bpy.types.Context) -> None:
        """Draw the field to add one; Blender's own list has it, but says that paths are missing."""
        row = self.layout.row()
        name = row.row()
        name.emboss = "NORMAL"
        name.prop(context.window_manager, "preset_name", text="")
        add = row.operator(self.preset_add_operator, text="", icon="ADD")
        add.name = context.window_manager.preset_name


class TEXCORE_OT_apply_preset(bpy.types.Operator):
    """Set what the preset is about; seed, model and all other settings stay."""

    bl_idname = "texcore.apply_preset"
    bl_label = "Apply Texcore Preset"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO", "INTERNAL"}

    preset: bpy.props.EnumProperty(
        name="Preset",
        description="Which of those that come with Texcore",
        items=list_items(preset.words for preset in SUPPLIED),
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(
        cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties
    ) -> str:
        """What the one under the mouse does."""
        words = next(p.words for p in SUPPLIED if p.words.id == properties.preset)
        return tip_(words.description)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set them."""
        settings = context.scene.texcore
        for name, value in complete_values(self.preset).items():
            setattr(settings, name, set(value) if isinstance(value, tuple) else value)
        return {"FINISHED"}


class TEXCORE_OT_add_preset(AddPresetBase, bpy.types.Operator):
    """Keep the panel's settings, all but the seed, as a preset, or remove one."""

    bl_idname = "texcore.add_preset"
    bl_label = "Add Texcore Preset"
    preset_menu = "TEXCORE_PT_presets"
    preset_subdir = FOLDER
    preset_defines = ("settings = bpy.context.scene.texcore",)
    preset_values = tuple(f"settings.{name}" for name in KEPT)


_CLASSES = (TEXCORE_PT_presets, TEXCORE_OT_apply_preset, TEXCORE_OT_add_preset)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
