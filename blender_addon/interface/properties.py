"""The settings of the panel, saved with the scene. All are declared in `synthesis.settings`."""

from __future__ import annotations

from typing import Any

import bpy

from ..bundled.texcore.contract.choices import RECTANGLE
from ..bundled.texcore.contract.part_setting import PartSetting, write_rectangle
from ..synthesis.declaring import ImageSetting
from ..synthesis.properties import add_properties
from ..synthesis.settings import OPTIONS, list_panel_settings, list_recipe_settings
from .choice_pictures import list_icons

#: Those that a task takes as they are.
_OF_TASK = {**list_recipe_settings(), **{n: s for n, s in OPTIONS.items() if s.panel}}


class TexcoreSettings(bpy.types.PropertyGroup):
    """``scene.texcore``: what the next texture shall be like; `register` adds the properties."""

    def read_values(self) -> dict[str, Any]:
        """Return these settings by name, as `settings.change_options` takes them."""
        sides = (self.width, self.height) if self.size == "custom" else (0, 0)
        if self.size.isdecimal():
            sides = (int(self.size), int(self.size))
        values = {name: self._read(name) for name in _OF_TASK}
        return values | {
            "width": sides[0],
            "height": sides[1],
            "times": 2 if self.size == "double" else 1,
            "everywhere": self.all_maps,
        }

    def _read(self, name: str) -> Any:
        value = getattr(self, name)
        if isinstance(_OF_TASK[name], ImageSetting):
            return value.name if value else ""
        if value == RECTANGLE.id and isinstance(_OF_TASK[name], PartSetting):
            return write_rectangle(self.rectangle)
        return _OF_TASK[name].check(value)


def register() -> None:
    """Add ``scene.texcore``; icons have other numbers each time."""
    add_properties(list_panel_settings(), icons=list_icons())(TexcoreSettings)
    bpy.utils.register_class(TexcoreSettings)
    bpy.types.Scene.texcore = bpy.props.PointerProperty(type=TexcoreSettings)


def unregister() -> None:
    """Remove ``scene.texcore``."""
    del bpy.types.Scene.texcore
    bpy.utils.unregister_class(TexcoreSettings)
