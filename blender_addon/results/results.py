"""Textures that have been made: finding them again, and giving them to materials and objects.

What an image is known by is stored on the image (`images`), so the history is in the file.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.app.translations import pgettext_iface as iface_

from ..add_on import CONTEXT
from ..bundled.texcore.contract.choices import QUALITIES
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.recipe import OBJECT, SETTINGS, SOLID, Recipe
from ..bundled.texcore.contract.settings import ChoiceSetting, Setting, sort_for_panel
from ..images import marks
from ..nodes import places, putting, targets
from . import catalogs, sets

PREVIEW = 256  #: side of an asset's preview, in pixels


def of_source(source: bpy.types.Image | None) -> list[bpy.types.Image]:
    """The results made from an image that are in the file, newest first; None: all results."""
    found = [
        image
        for image in bpy.data.images
        if marks.is_result(image) and source in (None, marks.find_original(image))
    ]
    return sorted(found, key=marks.read_made, reverse=True)


def in_words(recipe: Recipe) -> str:
    """A recipe in a line, such as “1024 × 1024, standard, seed 7” or “… seed 7, 4 maps”."""
    label = next(q.label for q in QUALITIES if q.id == recipe.quality)
    translated = iface_(label, CONTEXT)
    quality = label.lower() if translated == label else translated  # German nouns are not lowered
    seed = iface_("seed {seed}").format(seed=recipe.seed)
    count = recipe.maps.count(",") + 1
    maps = iface_("{count} maps").format(count=count) if count > 1 else ""
    size = " × ".join(str(side) for side in recipe.size or ())
    return ", ".join(part for part in (size, quality, seed, maps) if part)


def size_in_words(image: bpy.types.Image, recipe: Recipe | None) -> str:
    """The size of a result, and how many maps were made with it: “1024 × 1024, 4 maps”."""
    size = recipe.size if recipe and recipe.size else tuple(image.size)
    count = recipe.maps.count(",") + 1 if recipe else 1
    words = " × ".join(map(str, size))
    return iface_("{size}, {count} maps").format(size=words, count=count) if count > 1 else words


def tell_recipe(image: bpy.types.Image) -> str:
    """A result's name, size and every setting of the panel that it was made with, a line each."""
    recipe = marks.read_recipe(image)
    lines = [image.name, size_in_words(image, recipe)]
    thing = marks.read_object(image)
    if thing:
        lines.append(f"{iface_('Object', CONTEXT)}: {thing}")
    shown = sort_for_panel(SETTINGS.values()) if recipe else []
    others = (SOLID,) if thing else (SOLID, OBJECT)
    for setting in (s for s in shown if s.group not in others):
        value = getattr(recipe, setting.name)
        lines.append(f"{iface_(setting.label, CONTEXT)}: {_tell_value(setting, value)}")
    if made := marks.read_made(image):
        lines.append(time.strftime("%Y-%m-%d %H:%M", time.localtime(made)))
    return "\n".join(lines)


def _tell_value(setting: Setting, value: Any) -> str:
    """A setting's value as the panel shows it."""
    if isinstance(setting, ChoiceSetting):
        found = next((c.label for c in setting.choices if c.id == value), str(value))
        return iface_(found, CONTEXT)
    if isinstance(value, bool):
        return iface_("Yes") if value else iface_("No")
    return f"{value:g}" if isinstance(value, float) else str(value)


def chosen(context: bpy.types.Context, name: str) -> bpy.types.Image:
    """The result with a name; without one, the one in the node that is meant.

    Raises:
        BadInput: There is none.
    """
    if name:
        image = bpy.data.images.get(name)
        if image is None:
            raise BadInput(f"There is no image named “{name}”.")
    else:
        image = targets.find_target(context).image
    if image is None:
        raise BadInput("The image is gone.")
    if not marks.is_result(image):
        raise BadInput(f"“{image.name}” is no texture that Texcore has made: synthesize one first.")
    return image


def find_material(context: bpy.types.Context, image: bpy.types.Image) -> bpy.types.Material | None:
    """The material that `put_in_node` puts a result into; None for a node that is in none.

    Raises:
        BadInput: No node is meant, or no material has a place for the maps.
    """
    if sets.is_set(image):
        return sets.holder(context, image)
    uid = targets.find_target(context).material_uid
    return None if uid is None else places.find_material(uid)


def put_in_node(context: bpy.types.Context, image: bpy.types.Image, keep_density: bool) -> int:
    """Put a result into the node that is meant, all maps made with it into the same material.

    If *All Maps* is ticked, the material's other nodes with the same image get it too.

    Returns:
        Into how many nodes.

    Raises:
        BadInput: No node is meant, or the material has no place for the maps.
    """
    if sets.is_set(image):
        return sets.put_in([sets.holder(context, image)], image, keep_density)
    node = find_node(context)
    nodes = _list_alike(context, node) if context.scene.texcore.all_maps else [node]
    return _put_alone(nodes, image, keep_density)


def put_in_users(context: bpy.types.Context, image: bpy.types.Image, keep_density: bool) -> int:
    """Put a result into every node that holds its source or another result of that.

    All maps that were made with it go the same way.

    Returns:
        How many nodes that were.
    """
    if sets.is_set(image):
        return sets.put_in(bpy.data.materials, image, keep_density)
    source = marks.find_original(image)
    kin = {source, *of_source(source)} - {image}
    nodes = [node for member in kin for node in places.find_nodes(member)]
    return _put_alone(nodes, image, keep_density)


def _put_alone(
    nodes: list[bpy.types.ShaderNodeTexImage], image: bpy.types.Image, keep_density: bool
) -> int:
    """Put a result that was made by itself into nodes; returns how many."""
    putting.put_images([(node, image) for node in nodes], keep_density)
    for material in sets.list_materials_holding(image):
        sets.fit_derived(material, image)
    return len(nodes)


def put_in_own(
    context: bpy.types.Context, image: bpy.types.Image, things: Iterable[bpy.types.Object]
) -> bpy.types.Material | None:
    """Put a result into a material that some objects have, if one has a place for it.

    Returns:
        That material; else the active one if it holds the result; else None.
    """
    theirs = [thing.active_material for thing in things]
    own = _prefer_active(context, [each for each in sets.holders(image) if each in theirs])
    if own is not None:
        sets.put_in([own], image, context.scene.texcore.keep_density)
        return own
    active = places.find_active_material(context)
    return active if active in sets.list_materials_holding(image) else None


def put_on_objects(objects: Iterable[bpy.types.Object], material: bpy.types.Material) -> int:
    """Put a material into the active slot of each object that can have one; returns how many."""
    return sum(put_in_slot(thing, thing.active_material_index, material) for thing in objects)


def give_material(context: bpy.types.Context, material: bpy.types.Material) -> int:
    """Put a material on the active object and all that are selected; returns how many took it."""
    things = {*context.selected_objects, context.view_layer.objects.active} - {None}
    return put_on_objects(things, material)


def put_in_slot(thing: bpy.types.Object, slot: int, material: bpy.types.Material) -> bool:
    """Put a material into a slot of an object, or into its first; returns whether it takes any."""
    if not thing.is_editable or not hasattr(thing.data, "materials"):
        return False
    if not thing.material_slots:
        if not thing.data.is_editable:
            return False
        thing.data.materials.append(material)
        return True
    _fill(thing.material_slots[min(slot, len(thing.material_slots) - 1)], material)
    return True


def _fill(slot: bpy.types.MaterialSlot, material: bpy.types.Material) -> None:
    """Put a material into a slot; the one before it stays in the file."""
    if not slot.id_data.data.is_editable:
        slot.link = "OBJECT"  # the mesh, which has the others, is of another file
    old, slot.material = slot.material, material
    if old is not None and old.is_editable and not old.users:
        old.use_fake_user = True  # Blender drops what nothing uses when it saves


def with_maps(context: bpy.types.Context, image: bpy.types.Image) -> bpy.types.Material:
    """A new material like that for which a map was made, with it and all that were made with it.

    Raises:
        BadInput: No material has a place for the map.
    """
    material = sets.copied(sets.holder(context, image), image.name)
    sets.put_in([material], image, context.scene.texcore.keep_density)
    return material


def new_material(image: bpy.types.Image, name: str = "") -> bpy.types.Material:
    """A new material whose base colour is an image."""
    material = bpy.data.materials.new(name or image.name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    tree = material.node_tree
    shader = next(n for n in tree.nodes if isinstance(n, bpy.types.ShaderNodeBsdfPrincipled))
    node = tree.nodes.new("ShaderNodeTexImage")
    node.location = (shader.location.x - 320, shader.location.y)
    putting.put_image(node, image, keep_density=False)
    tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    tree.nodes.active = node
    return material


def mark_as_asset(context: bpy.types.Context, image: bpy.types.Image) -> bpy.types.Material:
    """Mark the material of a result as an asset with tags, a description and a preview.

    It is the material that is meant if that holds the result, else any that does; else, such as
    while the old image is shown, one that has a place for the result and now gets it; else a new
    one.
    """
    material = _prefer_active(context, sets.list_materials_holding(image))
    if material is None and (material := _prefer_active(context, sets.holders(image))) is not None:
        sets.put_in([material], image, context.scene.texcore.keep_density)
    material = material or new_material(image)
    material.asset_mark()
    recipe = marks.read_recipe(image)
    data = material.asset_data
    root = find_library(context)
    data.catalog_id = catalogs.ID if root is None else catalogs.ensure(root)
    if recipe is not None:
        data.description = f"Made by Texcore: {in_words(recipe)}."
    for tag in ("texcore", "texture", *(("seamless",) if recipe and recipe.tile == "xy" else ())):
        data.tags.new(tag, skip_if_exists=True)
    _draw_preview(material, image)
    return material


def find_library(context: bpy.types.Context) -> Path | None:
    """Return the root of the asset library that the artist's file lies in; None if in none."""
    libraries = context.preferences.filepaths.asset_libraries
    return catalogs.find_library(bpy.data.filepath, (each.path for each in libraries))


def _prefer_active(
    context: bpy.types.Context, materials: list[bpy.types.Material]
) -> bpy.types.Material | None:
    """The active one of some materials, else the first; None if there are none."""
    active = places.find_active_material(context)
    return active if active in materials else next(iter(materials), None)


def _draw_preview(material: bpy.types.Material, image: bpy.types.Image) -> None:
    """Let a part of the texture be a material's preview: a render would hold up Blender."""
    side = min(PREVIEW, *image.size)
    flat = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(flat)
    part = flat.reshape(image.size[1], image.size[0], 4)[:side, :side]
    preview = material.preview_ensure()
    preview.image_size = (side, side)
    preview.image_pixels_float.foreach_set(np.ascontiguousarray(part).ravel())


def find_node(context: bpy.types.Context) -> Any:
    """The Image Texture node that is meant.

    Raises:
        BadInput: None is.
    """
    place = targets.find_target(context).place
    node = place.find() if place else None
    if node is None:
        raise BadInput("No Image Texture node is meant: select an object with a textured material.")
    return node


def compare(context: bpy.types.Context, keep_density: bool) -> bpy.types.Image:
    """Swap the image in the node with the one before it, and return it.

    The maps of a material that were made as one are swapped as one. For ``keep_density`` see
    `putting.swap_images`.

    Raises:
        BadInput: There is no node, or none before.
    """
    node = find_node(context)
    before = putting.find_other(node)
    if before is None:
        raise BadInput("There is no other image to compare with: synthesize one first.")
    material = _material_of(context, node)
    if material is not None and any(map(sets.is_set, (before, node.image))):
        sets.compare(material, node, keep_density)
    else:
        nodes = [n for n in _list_alike(context, node) if putting.find_other(n) == before]
        putting.swap_images(nodes, keep_density)
    return before


def _list_alike(context: bpy.types.Context, node: Any) -> list[bpy.types.ShaderNodeTexImage]:
    """The nodes with the same image in the material that a node is in, that one among them."""
    material = _material_of(context, node)
    if material is None:
        return [node]
    return places.list_nodes_holding(material, marks.resolve_preview(node.image))


def _material_of(
    context: bpy.types.Context, node: bpy.types.ShaderNodeTexImage
) -> bpy.types.Material | None:
    """The material that a node is in; of several with the same group, the active one."""
    active = places.find_active_material(context)
    found = [m for m in bpy.data.materials if node in places.find_texture_nodes(m)]
    return active if active in found else next(iter(found), None)
