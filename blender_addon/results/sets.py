"""Maps that were made as one: given to materials, and exchanged with those before, all at once.

Which maps belong together is a word on the images (`images.marks.list_made_together`), so that it
is in the file. A map goes where one of the same lineage is: its photo, another map made of that, or
another guess of the same kind.
"""

from __future__ import annotations

from collections.abc import Collection

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from ..nodes import places, putting, untiling_taps


def is_set(image: bpy.types.Image) -> bool:
    """Whether an image was made as one with others, or for a material."""
    return bool(marks.read_set(image))


def holders(image: bpy.types.Image) -> list[bpy.types.Material]:
    """The materials with a place for a map."""
    return [material for material in bpy.data.materials if _changes(material, [image])]


def holder(context: bpy.types.Context, image: bpy.types.Image) -> bpy.types.Material:
    """The material that a map is for: the active one, else any that has a place for it.

    Raises:
        BadInput: There is none.
    """
    found = holders(image)
    active = places.find_active_material(context)
    if active in found:
        return active
    if not found:
        raise BadInput(f"No material holds “{image.name}” or what it was made from any more.")
    return found[0]


def put_in(
    targets: Collection[bpy.types.Material], image: bpy.types.Image, keep_density: bool
) -> int:
    """Put a map and all that were made with it into materials; returns into how many nodes."""
    together = marks.list_made_together(image)
    found = {material: _changes(material, together) for material in targets}
    changes = [change for every in found.values() for change in every]
    unique = {(n.id_data.session_uid, n.name): (n, new) for n, new in changes if n.image != new}
    putting.put_images(unique.values(), keep_density)
    for material in (material for material, every in found.items() if every):
        fit_derived(material, image)
    return len(unique)


def compare(
    material: bpy.types.Material, node: bpy.types.ShaderNodeTexImage, keep_density: bool
) -> None:
    """Swap a set of maps with the images before them, by one of the nodes.

    Args:
        material: Whose nodes are exchanged.
        node: One of them, with an image before it.
        keep_density: See `putting.swap_images`.
    """
    words = _words(node)
    nodes = [
        each
        for each in places.find_texture_nodes(material)
        if putting.find_other(each) is not None and words & _words(each)
    ]
    putting.swap_images(nodes, keep_density)
    show_derived(material, marks.read_set(node.image))


def show_derived(material: bpy.types.Material, word: str) -> None:
    """Mute the links of maps that were derived from another base color than that of a set.

    Args:
        material: Whose nodes are meant.
        word: What the maps of the set that it shows have in common; empty for no set.
    """
    for node in _list_derived(material):
        _mute(node, marks.read_set(node.image) != word)


def fit_derived(material: bpy.types.Material, image: bpy.types.Image) -> None:
    """Mute the links of derived maps that do not fit an image that a material has got.

    Under an image by itself these are the maps derived from another texture of the same photo.
    """
    if is_set(image):
        show_derived(material, marks.read_set(image))
        return
    for node in _list_derived(material):
        if marks.find_lineage(node.image)[0] == marks.find_original(image):
            _mute(node, True)


def list_materials_holding(image: bpy.types.Image) -> list[bpy.types.Material]:
    """The materials that hold an image."""
    return [
        material
        for material in bpy.data.materials
        if any(node.image == image for node in places.find_texture_nodes(material))
    ]


def copied(material: bpy.types.Material, name: str) -> bpy.types.Material:
    """A copy of a material with groups of its own, so that other images can go into it."""
    copy = material.copy()
    copy.name = name
    own: dict[bpy.types.NodeTree, bpy.types.NodeTree] = {}
    trees = [copy.node_tree]
    while trees:
        for node in trees.pop().nodes:
            group = getattr(node, "node_tree", None)
            if group is None or not isinstance(node, bpy.types.ShaderNodeGroup):
                continue
            if group not in own:
                own[group] = group.copy()
                trees.append(own[group])
            node.node_tree = own[group]
    return copy


def _changes(
    material: bpy.types.Material, together: list[bpy.types.Image]
) -> list[tuple[bpy.types.ShaderNodeTexImage, bpy.types.Image]]:
    """The nodes of a material that have a place for one of some maps, each with it."""
    by_lineage = {marks.find_lineage(image): image for image in together}
    return [
        (node, new)
        for node in places.find_texture_nodes(material)
        if node.image is not None
        and (new := by_lineage.get(marks.find_lineage(marks.resolve_preview(node.image))))
        is not None
    ]


def _list_derived(material: bpy.types.Material) -> list[bpy.types.ShaderNodeTexImage]:
    """The nodes of a material that hold a derived map."""
    nodes = places.find_texture_nodes(material)
    return [node for node in nodes if node.image is not None and marks.read_derived(node.image)]


def _mute(node: bpy.types.ShaderNodeTexImage, is_muted: bool) -> None:
    """Let a node's color have no effect, or its effect again."""
    for link in untiling_taps.list_links_out(node, "Color"):
        link.is_muted = is_muted


def _words(node: bpy.types.ShaderNodeTexImage) -> set[str]:
    """Return the names of the sets that the image of a node and the one before it belong to."""
    pair = (node.image, putting.find_other(node))
    return {marks.read_set(image) for image in pair if image is not None} - {""}
