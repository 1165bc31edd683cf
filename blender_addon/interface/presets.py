"""The artist's own presets of the panel's settings, kept where Blender keeps all presets."""

from __future__ import annotations

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel

from ..synthesis.settings import list_panel_settings

FOLDER = "texcore"
KEPT = tuple(name for name, setting in list_panel_settings().items() if setting.in_presets)


class TEXCORE_PT_presets(PresetPanel, bpy.types.Panel):
    """The list of presets, and a field to add one."""

    bl_label = "Presets"  # as Blender renames it once a preset is removed
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "texcore.add_preset"


class TEXCORE_OT_add_preset(AddPresetBase, bpy.types.Operator):
    """Keep the panel's settings, all but the seed, as a preset, or remove one."""

    bl_idname = "texcore.add_preset"
    bl_label = "Add Texcore Preset"
    preset_menu = "TEXCORE_PT_presets"
    preset_subdir = FOLDER
    preset_defines = ("settings = bpy.context.scene.texcore",)
    preset_values = tuple(f"settings.{name}" for name in KEPT)


_CLASSES = (TEXCORE_PT_presets, TEXCORE_OT_add_preset)


register, unregister = bpy.utils.register_classes_factory(_CLASSES)
