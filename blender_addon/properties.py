"""The settings of the panel, saved with the scene. Their values and words are the recipe's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from .bundled.texcore.recipe import MAX_SIZE, MIN_SIZE, MODELS, QUALITIES, TILINGS, Choice

MAX_SEED = 2**31 - 1  # Blender's whole numbers are signed

SIZES = (
    Choice("same", "Same", "The size of the image it learns from"),
    Choice("double", "Double", "Twice the width and height of the image it learns from"),
    Choice("custom", "Custom", "Any width and height"),
)


def items(choices: Iterable[Choice]) -> list[tuple[str, str, str]]:
    """Choices as an EnumProperty wants them."""
    return [(choice.id, choice.label, choice.description) for choice in choices]


class TexcoreSettings(bpy.types.PropertyGroup):
    """``scene.texcore``: what the next texture shall be like."""

    size: bpy.props.EnumProperty(name="Size", items=items(SIZES), default="same")
    width: bpy.props.IntProperty(
        name="Width", description="In pixels", default=1024, min=MIN_SIZE, max=MAX_SIZE, step=64
    )
    height: bpy.props.IntProperty(
        name="Height", description="In pixels", default=1024, min=MIN_SIZE, max=MAX_SIZE, step=64
    )
    tile: bpy.props.EnumProperty(
        name="Tiling", description="Where the texture repeats", items=items(TILINGS), default="xy"
    )
    quality: bpy.props.EnumProperty(name="Quality", items=items(QUALITIES), default="standard")
    model: bpy.props.EnumProperty(name="Model", items=items(MODELS), default="default")
    seed: bpy.props.IntProperty(
        name="Seed", description="Another seed, another texture", default=0, min=0, max=MAX_SEED
    )

    def options(self) -> dict[str, Any]:
        """These settings as keywords of `synthesis.Options`."""
        custom = self.size == "custom"
        return {
            "width": self.width if custom else 0,
            "height": self.height if custom else 0,
            "scale": 2 if self.size == "double" else 1,
            "tile": self.tile,
            "quality": self.quality,
            "model": self.model,
            "seed": self.seed,
        }


def register() -> None:
    """Add ``scene.texcore``."""
    bpy.utils.register_class(TexcoreSettings)
    bpy.types.Scene.texcore = bpy.props.PointerProperty(type=TexcoreSettings)


def unregister() -> None:
    """Remove ``scene.texcore``."""
    del bpy.types.Scene.texcore
    bpy.utils.unregister_class(TexcoreSettings)
