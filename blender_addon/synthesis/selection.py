"""What is made where several objects are selected: a texture for each of their materials."""

from __future__ import annotations

from dataclasses import replace

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from ..nodes import deriving, targets
from .intending import count_maps
from .settings import Options


def list_materials(context: bpy.types.Context) -> list[bpy.types.Material]:
    """Return the materials of the selected objects that have an image of their own to learn from.

    Those of the active object come first.
    """
    objects = context.view_layer.objects
    selected = sorted(objects.selected, key=lambda thing: thing != objects.active)
    slots = [slot.material for thing in selected for slot in thing.material_slots]
    materials = dict.fromkeys(material for material in slots if material is not None)
    return [material for material in materials if _has_image(context, material)]


def count_materials(context: bpy.types.Context) -> int:
    """Return how many materials the selected objects have; 0 where not several are selected."""
    return len(list_materials(context)) if len(context.view_layer.objects.selected) > 1 else 0


def list_wanted(context: bpy.types.Context, common: Options, whole: bool) -> list[Options]:
    """Return what is to be made, one for each texture.

    Materials whose image was made of the same photo share the texture, unless maps are derived or
    have been, for these belong to a material.

    Args:
        context: Where the user is.
        common: What is asked for of each.
        whole: Whether all maps of a material are wanted where it has several.

    Raises:
        BadInput: No selected object has a material with an image.
    """
    wanted: list[Options] = []
    by_photo: dict[bpy.types.Image, int] = {}
    for material in list_materials(context):
        target = targets.find_target(context, material.name)
        maps = whole and count_maps(target) > 1
        photo = marks.find_original(target.image) if target.image else None
        derives = common.derive or deriving.has_derived(material)
        if not maps and not derives and photo is not None:
            if photo in by_photo:
                lead = wanted[by_photo[photo]]
                wanted[by_photo[photo]] = replace(lead, sharing=(*lead.sharing, material.name))
                continue
            by_photo[photo] = len(wanted)
        wanted.append(replace(common, material=material.name, maps=maps))
    if not wanted:
        raise BadInput("No selected object has a material with an image of its own to learn from.")
    return wanted


def _has_image(context: bpy.types.Context, material: bpy.types.Material) -> bool:
    try:
        targets.find_target(context, material.name)
    except BadInput:  # without an image, or linked from another file
        return False
    return True
