"""The settings of the panel, saved with the scene. Their values and words are the recipe's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from ..bundled.texcore.contract.recipe import (
    ARRANGEMENTS,
    MAX_SIZE,
    MIN_SIZE,
    PLAIN_MODELS,
    QUALITIES,
    TILINGS,
    Choice,
)
from ..nodes import deriving
from ..synthesis import companions

MAX_SEED = 2**31 - 1  # Blender's whole numbers are signed

SIZES = (
    Choice("same", "Same", "The size of the image it learns from"),
    Choice("double", "Double", "Twice the width and height of the image it learns from"),
    Choice("custom", "Custom", "Any width and height"),
)


def items(choices: Iterable[Choice]) -> list[tuple[str, str, str]]:
    """Choices as an EnumProperty wants them."""
    return [(choice.id, choice.label, choice.description) for choice in choices]


def _picture(kind: companions.Kind) -> dict[str, Any]:
    """Keywords of the property that chooses a picture beside the exemplar."""
    return {
        "type": bpy.types.Image,
        "name": kind.label,
        "description": kind.description,
        "poll": lambda self, image: companions.is_usable(image),
    }


class TexcoreSettings(bpy.types.PropertyGroup):
    """``scene.texcore``: what the next texture shall be like."""

    size: bpy.props.EnumProperty(
        name="Size", description="Of the new texture", items=items(SIZES), default="same"
    )
    width: bpy.props.IntProperty(
        name="Width", description="In pixels", default=1024, min=MIN_SIZE, max=MAX_SIZE, step=64
    )
    height: bpy.props.IntProperty(
        name="Height", description="In pixels", default=1024, min=MIN_SIZE, max=MAX_SIZE, step=64
    )
    tile: bpy.props.EnumProperty(
        name="Tiling", description="Where the texture repeats", items=items(TILINGS), default="xy"
    )
    arrangement: bpy.props.EnumProperty(
        name="Arrangement",
        description="Where large things lie in the texture",
        items=items(ARRANGEMENTS),
        default="auto",
    )
    straighten: bpy.props.BoolProperty(
        name="Straighten",
        description="Make lines that lean or converge in the photo upright and level first",
        default=True,
    )
    quality: bpy.props.EnumProperty(
        name="Quality",
        description="How much work is done",
        items=items(QUALITIES),
        default="standard",
    )
    model: bpy.props.EnumProperty(
        name="Model",
        description="What the network looks at",
        items=items(PLAIN_MODELS),
        default="default",
    )
    seed: bpy.props.IntProperty(
        name="Seed", description="Another seed, another texture", default=0, min=0, max=MAX_SEED
    )
    keep_density: bpy.props.BoolProperty(
        name="Keep Scale",
        description="When the size changes, adjust the node's Mapping so that everything in the "
        "texture stays as large on the surface as it was",
        default=True,
    )
    live: bpy.props.BoolProperty(
        name="Live Preview",
        description="Show the texture in the making on the object and in the Image Editor",
        default=True,
    )
    mix: bpy.props.PointerProperty(**_picture(companions.KINDS[0]))
    mix_weight: bpy.props.FloatProperty(
        name="Weight",
        description="Of the second exemplar beside the first, which weighs 1",
        default=1.0,
        min=0.01,
        soft_max=4.0,
        max=100.0,
    )
    mask: bpy.props.PointerProperty(**_picture(companions.KINDS[1]))
    target_mask: bpy.props.PointerProperty(**_picture(companions.KINDS[2]))
    derive: bpy.props.EnumProperty(
        name="Derive Maps",
        description=deriving.DESCRIPTION,
        items=items(deriving.CHOICES),
        options={"ENUM_FLAG"},
        default=set(),
    )
    keep_preview: bpy.props.BoolProperty(
        name="Keep Preview on Cancel",
        description="When cancelled, leave the last preview in the node instead of the old image",
        default=False,
    )

    def options(self) -> dict[str, Any]:
        """These settings as keywords of `synthesis.Options`."""
        custom = self.size == "custom"
        return {
            "width": self.width if custom else 0,
            "height": self.height if custom else 0,
            "scale": 2 if self.size == "double" else 1,
            "tile": self.tile,
            "arrangement": self.arrangement,
            "straighten": self.straighten,
            "quality": self.quality,
            "model": self.model,
            "seed": self.seed,
            "keep_density": self.keep_density,
            "derive": deriving.text(self.derive),
            companions.MIX_WEIGHT: self.mix_weight,
            **{
                kind.id: picture.name if (picture := getattr(self, kind.id)) else ""
                for kind in companions.KINDS
            },
        }


def register() -> None:
    """Add ``scene.texcore``."""
    bpy.utils.register_class(TexcoreSettings)
    bpy.types.Scene.texcore = bpy.props.PointerProperty(type=TexcoreSettings)


def unregister() -> None:
    """Remove ``scene.texcore``."""
    del bpy.types.Scene.texcore
    bpy.utils.unregister_class(TexcoreSettings)
