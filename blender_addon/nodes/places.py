"""Find Image Texture nodes again, and the materials and groups that own them."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

OWNERS = ("materials", "node_groups")


@dataclass(frozen=True)
class Place:
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
        """The node, or None if it is gone."""
        owner = _by_uid(getattr(bpy.data, self.owner), self.uid)
        tree = owner.node_tree if isinstance(owner, bpy.types.Material) else owner
        node = tree.nodes.get(self.node) if tree else None
        return node if isinstance(node, bpy.types.ShaderNodeTexImage) else None


def nodes_with(image: bpy.types.Image) -> list[bpy.types.ShaderNodeTexImage]:
    """The Image Texture nodes of the file that hold an image and can be changed."""
    users = bpy.data.user_map(subset={image})[image]
    return [
        node
        for user in users
        if isinstance(user, (bpy.types.Material, bpy.types.NodeTree)) and user.is_editable
        for node in getattr(user, "node_tree", user).nodes
        if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image == image
    ]


def image_by_uid(uid: int) -> bpy.types.Image | None:
    """The image with a ``session_uid``, or None if it is gone."""
    return _by_uid(bpy.data.images, uid)


def same(
    sockets: bpy.types.bpy_prop_collection, other: bpy.types.NodeSocket
) -> bpy.types.NodeSocket:
    """The socket on the other side of a group's border."""
    return next(socket for socket in sockets if socket.identifier == other.identifier)


def texture_nodes(material: bpy.types.Material) -> list[bpy.types.ShaderNodeTexImage]:
    """The Image Texture nodes of a material and of the groups in it that can be changed."""
    tree = material.node_tree
    if tree is None or not material.is_editable:
        return []
    trees = [tree, *(group for group in _groups(tree) if group.is_editable)]
    nodes = [node for part in trees for node in part.nodes]
    return [node for node in nodes if isinstance(node, bpy.types.ShaderNodeTexImage)]


def _groups(tree: bpy.types.NodeTree) -> list[bpy.types.NodeTree]:
    """The node groups used in a tree, at any depth."""
    found: list[bpy.types.NodeTree] = []
    trees = [tree]
    while trees:
        for node in trees.pop().nodes:
            group = getattr(node, "node_tree", None)
            if group is not None and group not in found:
                found.append(group)
                trees.append(group)
    return found


def active_material(context: bpy.types.Context) -> bpy.types.Material | None:
    """The material of the Shader Editor the user is in; elsewhere that of the active object."""
    space = context.space_data
    if isinstance(space, bpy.types.SpaceNodeEditor) and isinstance(space.id, bpy.types.Material):
        return space.id
    active = context.view_layer.objects.active if context.view_layer else None
    return active.active_material if active else None


def _by_uid(collection: bpy.types.bpy_prop_collection, uid: int) -> bpy.types.ID | None:
    return next((block for block in collection if block.session_uid == uid), None)
