"""Find Image Texture nodes again, and the materials and groups that own them.

Data-blocks are kept by their session id: Blender's undo makes references stale, and names change.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from .solid_group import is_solid_tree
from .untiling_taps import BLENDING, is_part


class Linked(BadInput):
    """What would be changed is linked from another file."""


@dataclass(frozen=True)
class NodePlace:
    """An Image Texture node: the data-block that owns its tree, and its name in there.

    Attributes:
        owner: Name of a collection of ``bpy.data``: ``materials`` or ``node_groups``.
        uid: The owner's ``session_uid``.
        node: The node's name.
    """

    owner: str
    uid: int
    node: str

    def find(self) -> bpy.types.ShaderNodeTexImage | None:
        """Return the node, or None if it is gone."""
        owner = _find_by_uid(getattr(bpy.data, self.owner), self.uid)
        tree = owner.node_tree if isinstance(owner, bpy.types.Material) else owner
        node = tree.nodes.get(self.node) if tree else None
        return node if isinstance(node, bpy.types.ShaderNodeTexImage) else None


def locate(node: bpy.types.ShaderNodeTexImage, material: bpy.types.Material) -> NodePlace:
    """Return the place of a node in a material or in a group of it.

    Raises:
        BadInput: Its owner is linked from another file.
    """
    owner = find_owner(node, material)
    collection = "materials" if owner == material else "node_groups"
    return NodePlace(collection, owner.session_uid, node.name)


def find_owner(
    node: bpy.types.Node, material: bpy.types.Material
) -> bpy.types.Material | bpy.types.NodeTree:
    """Return what owns a node of a material: the material, or the group that the node is in.

    Raises:
        Linked: It is linked from another file.
    """
    tree = node.id_data
    owner = material if tree == material.node_tree else tree
    if not owner.is_editable:
        raise Linked(f"“{owner.name}” is linked from another file: make it local to change it.")
    return owner


def find_nodes(image: bpy.types.Image) -> list[bpy.types.ShaderNodeTexImage]:
    """Return the Image Texture nodes of the file that hold an image and can be changed.

    Those inside a group that un-tiles follow the artist's own, see `untiling_taps.set_image`.
    """
    users = bpy.data.user_map(subset={image})[image]
    return [
        node
        for user in users
        if isinstance(user, (bpy.types.Material, bpy.types.NodeTree)) and user.is_editable
        if not is_ours(user)
        for node in getattr(user, "node_tree", user).nodes
        if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image == image
    ]


def find_texture_nodes(material: bpy.types.Material) -> list[bpy.types.ShaderNodeTexImage]:
    """Return the Image Texture nodes of a material and its groups that can be changed.

    Those inside a group that un-tiles follow the artist's own, see `untiling_taps.set_image`.
    """
    tree = material.node_tree
    if tree is None or not material.is_editable:
        return []
    trees = [tree, *(group for group in find_groups(tree) if group.is_editable)]
    nodes = [node for part in trees if not is_ours(part) for node in part.nodes]
    return [node for node in nodes if isinstance(node, bpy.types.ShaderNodeTexImage)]


def list_nodes_holding(
    material: bpy.types.Material, image: bpy.types.Image
) -> list[bpy.types.ShaderNodeTexImage]:
    """Return the nodes of a material that hold an image, or a preview that stands for it."""
    return [
        node
        for node in find_texture_nodes(material)
        if node.image is not None and marks.resolve_preview(node.image) == image
    ]


def is_ours(block: bpy.types.ID) -> bool:
    """Return whether the image nodes of a tree are Texcore's own, which follow the artist's."""
    return is_part(block, BLENDING) or is_solid_tree(block)


def find_groups(tree: bpy.types.NodeTree) -> list[bpy.types.NodeTree]:
    """Return the node groups used in a tree, at any depth."""
    found: list[bpy.types.NodeTree] = []
    trees = [tree]
    while trees:
        for node in trees.pop().nodes:
            group = getattr(node, "node_tree", None)
            if group is not None and group not in found:
                found.append(group)
                trees.append(group)
    return found


def find_image(uid: int) -> bpy.types.Image | None:
    """Return the image with a ``session_uid``, or None if it is gone."""
    return _find_by_uid(bpy.data.images, uid)


def get_image(uid: int) -> bpy.types.Image:
    """Return the image with a ``session_uid``.

    Raises:
        BadInput: It is gone.
    """
    image = find_image(uid)
    if image is None:
        raise BadInput("An image of the material is gone.")
    return image


def find_material(uid: int) -> bpy.types.Material | None:
    """Return the material with a ``session_uid``, or None if it is gone."""
    return _find_by_uid(bpy.data.materials, uid)


def get_named(collection: bpy.types.bpy_prop_collection, name: str, kind: str) -> bpy.types.ID:
    """Return the data-block of a name.

    Args:
        collection: Such as ``bpy.data.images``.
        name: What the user wrote.
        kind: What it is of, in a sentence.

    Raises:
        BadInput: There is none.
    """
    found = collection.get(name)
    if found is None:
        raise BadInput(f"There is no {kind} named “{name}”.")
    return found


def find_active_material(context: bpy.types.Context) -> bpy.types.Material | None:
    """Return the material of the Shader Editor the user is in; else that of the active object."""
    space = context.space_data
    if isinstance(space, bpy.types.SpaceNodeEditor) and isinstance(space.id, bpy.types.Material):
        return space.id
    active = context.view_layer.objects.active if context.view_layer else None
    return active.active_material if active else None


def get_material(context: bpy.types.Context, name: str) -> bpy.types.Material:
    """Return the material of a name, or the active one if the name is empty.

    Raises:
        BadInput: There is none.
    """
    if name:
        return get_named(bpy.data.materials, name, "material")
    active = find_active_material(context)
    if active is None:
        raise BadInput("There is no active material: select an object that has one.")
    return active


def find_tree(material: bpy.types.Material) -> bpy.types.NodeTree | None:
    """Return a material's node tree, or None if the material does not use one."""
    if bpy.app.version < (5, 0, 0) and not material.use_nodes:
        return None
    return material.node_tree


def find_output(tree: bpy.types.NodeTree) -> bpy.types.Node | None:
    """Return the Material Output node that is in use, or None if a tree has none."""
    found = (tree.get_output_node(target) for target in ("ALL", "EEVEE", "CYCLES"))
    return next((output for output in found if output is not None), None)


def _find_by_uid(collection: bpy.types.bpy_prop_collection, uid: int) -> bpy.types.ID | None:
    return next((block for block in collection if block.session_uid == uid), None)
