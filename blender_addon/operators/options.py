"""What operators that make textures have in common: their properties, and what these ask for."""

from __future__ import annotations

from typing import Any

import bpy

from ..add_on import get_preferences
from ..engine import choices
from ..synthesis.settings import (
    IN_SOLIDS,
    ON_OBJECTS,
    OPTIONS,
    Options,
    change_options,
    list_recipe_settings,
    list_task_settings,
)

_OF_RECIPE = list_recipe_settings()
#: What every operator that makes something can be told.
COMMON = {
    name: OPTIONS[name] if name in OPTIONS else _OF_RECIPE[name]
    for name in ("width", "height", *_OF_RECIPE, "device", "weights")
    if name not in (*ON_OBJECTS, *IN_SOLIDS)
}
#: What one can be told besides that makes textures on objects.
ON_OBJECT = {name: _OF_RECIPE[name] for name in ON_OBJECTS}
#: What one can be told besides that makes solid textures.
IN_SOLID = {name: _OF_RECIPE[name] for name in IN_SOLIDS}
#: What one can be told that works on a material.
ON_MATERIAL = {name: s for name, s in OPTIONS.items() if s.panel or name == "material"}


class TakesOptions:
    """An operator whose properties are settings; what a script leaves out the panel says."""

    properties: Any  # Blender's

    def read_options(self, context: bpy.types.Context, **others: Any) -> Options:
        """Return what was given; else what the panel and the preferences say.

        Args:
            context: Where the user is.
            others: Options that neither says, by their names.

        Raises:
            BadInput: A value cannot be.
        """
        settings = list_task_settings()
        sides = {name: getattr(self, name, 0) for name in ("width", "height")}
        names = settings.keys() & set(self.properties.bl_rna.properties.keys())
        given = {
            name: settings[name].check(getattr(self, name))
            for name in names - sides.keys()
            if self._has(name)
        }
        places = read_preferences(context, given)
        values = context.scene.texcore.read_values()
        if self._has("width") or self._has("height"):
            values |= {**sides, "times": 1}
        return change_options(Options(), {**values, **given, **others, **places})

    def _has(self, name: str) -> bool:
        return bool(self.properties.is_property_set(name))


def read_preferences(context: bpy.types.Context, given: dict[str, Any]) -> dict[str, Any]:
    """Return device and weights: those given, else the preferences'.

    Raises:
        BadInput: A file of weights is not there.
    """
    return {
        "device": given.get("device", get_preferences(context).device),
        "weights": choices.choose_weights(context, given.get("weights")),
    }
