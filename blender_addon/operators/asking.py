"""What a script can ask of every operator that makes something; the rest comes from the panel."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import bpy

from ..add_on import get_preferences
from ..bundled.texcore.contract.recipe import ARRANGEMENTS, PLAIN_MODELS, QUALITIES, TILINGS
from ..engine import choices
from ..engine.choices import DEVICE_ITEMS
from ..interface.properties import items
from ..nodes import deriving
from ..synthesis.task import Options

FROM_PANEL: dict[str, Any] = {"options": {"SKIP_SAVE"}}  # else Blender repeats the last values
DERIVE: dict[str, Any] = {
    "name": "Derive Maps",
    "description": deriving.DESCRIPTION,
    "items": items(deriving.CHOICES),
    "options": {"ENUM_FLAG", "SKIP_SAVE"},
}
KEEP_SCALE: dict[str, Any] = {
    "name": "Keep Scale",
    "description": "Adjust the node's Mapping to the new size, so that everything stays as large",
    **FROM_PANEL,
}
_PLAIN = {field.name for field in fields(Options)} - {"width", "height", "scale", "live"}


class Asked:
    """Properties of an operator, and what they ask for."""

    properties: Any  # Blender's

    width: bpy.props.IntProperty(
        name="Width", description="In pixels; 0: the image's own", **FROM_PANEL
    )
    height: bpy.props.IntProperty(
        name="Height", description="In pixels; 0: the image's own", **FROM_PANEL
    )
    tile: bpy.props.EnumProperty(
        name="Tiling",
        description="Where the texture repeats",
        items=items(TILINGS),
        **FROM_PANEL,
    )
    arrangement: bpy.props.EnumProperty(
        name="Arrangement",
        description="Where large things lie in the texture",
        items=items(ARRANGEMENTS),
        **FROM_PANEL,
    )
    straighten: bpy.props.BoolProperty(
        name="Straighten",
        description="Make lines that lean or converge in the photo upright and level first",
        **FROM_PANEL,
    )
    quality: bpy.props.EnumProperty(
        name="Quality",
        description="How much work is done",
        items=items(QUALITIES),
        **FROM_PANEL,
    )
    model: bpy.props.EnumProperty(
        name="Model",
        description="What the network looks at",
        items=items(PLAIN_MODELS),
        **FROM_PANEL,
    )
    seed: bpy.props.IntProperty(
        name="Seed", description="Another seed, another texture", **FROM_PANEL
    )
    device: bpy.props.EnumProperty(
        name="Compute On",
        description="Where the engine computes. Left out: as the preferences say",
        items=DEVICE_ITEMS,
        **FROM_PANEL,
    )
    weights: bpy.props.StringProperty(
        name="Network Weights",
        description="auto, vgg19, vgg16, random or the path of a file",
        **FROM_PANEL,
    )

    def asked(self, context: bpy.types.Context, **more: Any) -> Options:
        """What was given; else what the panel and the preferences say.

        Args:
            context: Where the user is.
            more: Options that neither says.
        """
        names = _PLAIN & set(self.properties.bl_rna.properties.keys())
        given = {name: getattr(self, name) for name in names if self._has(name)}
        if self._has("width") or self._has("height"):
            given |= {"width": self.width, "height": self.height, "scale": 1}
        if "derive" in given:
            given["derive"] = deriving.text(given["derive"])
        given.setdefault("device", get_preferences(context).device)
        given["weights"] = choices.weights(context, given.get("weights"))
        return Options(**context.scene.texcore.options() | given | more)

    def _has(self, name: str) -> bool:
        return bool(self.properties.is_property_set(name))
