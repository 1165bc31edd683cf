"""Which object a texture was made for, though that may have another name by now."""

from __future__ import annotations

import bpy

from ..images import marks
from ..nodes import places, putting


def find_owners(image: bpy.types.Image) -> list[bpy.types.Object]:
    """Return the objects that a texture may have been made for; none where that is gone.

    It is the one of the name that is noted on the texture if that has it, or had it before what it
    has. Else it was renamed, and is one that has the texture or another made for that name; where
    none has, and that of the name has no such photo, one that has a later texture of the photo.
    """
    name = marks.read_object(image)
    named = bpy.data.objects.get(name)
    noted = set() if named is None else _list_noted(named, image)
    if named is not None and name in noted:
        return [named]
    others = {thing: _list_noted(thing, image) for thing in bpy.data.objects}
    found = [thing for thing, names in others.items() if name in names]
    if not found and not noted:
        found = [thing for thing, names in others.items() if names - {""}]
    return found or [thing for thing in (named,) if thing is not None]


def find_holding(thing: bpy.types.Object, image: bpy.types.Image) -> list[bpy.types.Material]:
    """Return the materials of an object that have an image, or what may take its place."""
    materials = dict.fromkeys(slot.material for slot in thing.material_slots)
    return [each for each in materials if each is not None and _list_alike(each, image)]


def _list_noted(thing: bpy.types.Object, image: bpy.types.Image) -> set[str]:
    """Return for which objects what may take an image's place was made; empty: for none."""
    return {
        marks.read_object(alike)
        for material in find_holding(thing, image)
        for alike in _list_alike(material, image)
    }


def _list_alike(material: bpy.types.Material, image: bpy.types.Image) -> list[bpy.types.Image]:
    """Return what a material shows, or has shown just before, in the places of an image."""
    nodes = places.find_texture_nodes(material)
    shown = [marks.resolve_preview(node.image) for node in nodes if node.image is not None]
    before = [other for node in nodes if (other := putting.find_other(node)) is not None]
    lineage = marks.find_lineage(image)
    return [each for each in (*shown, *before) if marks.find_lineage(each) == lineage]
