"""Which image is meant, and putting another one into its node.

Data-blocks are kept by their session id: Blender's undo makes references stale, and names change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from .places import OWNERS, Place, _groups, active_material, image_by_uid, same
from .putting import put_into


@dataclass(frozen=True)
class Target:
    """What is to be synthesised: an image, and the node that shall get the result.

    Attributes:
        image_uid: The image's ``session_uid``.
        place: The node; None if the image was chosen without one.
        title: Where the image was found, in words for the panel.
    """

    image_uid: int
    place: Place | None
    title: str

    @property
    def image(self) -> bpy.types.Image | None:
        """The image, or None if it is gone."""
        return image_by_uid(self.image_uid)

    def put_in(self, image: bpy.types.Image, keep_density: bool) -> bool:
        """Put a result into the node.

        Args:
            image: The result.
            keep_density: Scale the node's coordinates with the size, see `density`.

        Returns:
            False, and nothing is done, if the node is gone or holds another image by now; a result
            made of the same image meanwhile is no other.
        """
        node = self.place.find() if self.place else None
        old = node.image if node else None
        meant = self.image
        if old is None or meant is None or marks.original(old) != marks.original(meant):
            return False
        put_into(node, image, keep_density)
        return True


def find(context: bpy.types.Context, material: str = "", image: str = "") -> Target:
    """The image that is meant, by name or from what is active.

    The Image Editor's own image comes first in that editor; elsewhere the material's active Image
    Texture node, else the image that feeds its Base Color (or whatever shader it has).

    Args:
        context: Where the user is.
        material: Name of a material; empty: the active one.
        image: Name of an image; empty: found as said above.

    Raises:
        BadInput: There is no such material or image, or it cannot be changed.
    """
    named = _named(bpy.data.materials, material, "material") if material else None
    wanted = _named(bpy.data.images, image, "image") if image else None
    if named is None and wanted is None:
        wanted = _editor_image(context)
    owner = named or active_material(context)
    found = _in_material(owner, context, wanted) if owner else None
    if found is not None:
        return found
    if wanted is None:
        if owner is None:
            raise BadInput("There is no active material: select an object that has one.")
        raise BadInput(
            f"The material “{owner.name}” has no image: add an Image Texture node to it."
        )
    if named is not None:
        raise BadInput(f"The material “{material}” does not use the image “{image}”.")
    return Target(wanted.session_uid, None, "Image")


def _in_material(
    material: bpy.types.Material, context: bpy.types.Context, wanted: bpy.types.Image | None
) -> Target | None:
    """The first node with the image wanted; without one, the active node, else the shader's."""
    tree: Any = material.node_tree
    if tree is None or (bpy.app.version < (5, 0, 0) and not material.use_nodes):
        return None
    edited: Any = getattr(context.space_data, "edit_tree", None)
    inside = edited if edited in _groups(tree) else tree
    candidates = [inside.nodes.active, *_feeding(tree)]
    if wanted is not None:
        candidates += [node for part in (tree, *_groups(tree)) for node in part.nodes]
    for node in candidates:
        if not isinstance(node, bpy.types.ShaderNodeTexImage) or node.image is None:
            continue
        if wanted is None or marks.meant(node.image) == wanted:
            return _target(node, material)
    return None


def _target(node: bpy.types.ShaderNodeTexImage, material: bpy.types.Material) -> Target:
    tree = node.id_data
    embedded = tree == material.node_tree
    owner = material if embedded else tree
    if not owner.is_editable:
        raise BadInput(f"“{owner.name}” is linked from another file: make it local to change it.")
    place = Place(OWNERS[0 if embedded else 1], owner.session_uid, node.name)
    words = [material.name, *([] if embedded else [tree.name]), node.label or node.name]
    return Target(marks.meant(node.image).session_uid, place, " › ".join(words))


def _feeding(tree: bpy.types.NodeTree) -> Iterator[bpy.types.Node]:
    """Image Texture nodes that feed a material's surface, the likeliest to be its colour first."""
    output = tree.get_output_node("ALL") or tree.get_output_node("EEVEE")
    if output is not None:
        yield from _behind(output.inputs["Surface"], (), set())


def _behind(
    socket: bpy.types.NodeSocket,
    groups: tuple[bpy.types.Node, ...],
    seen: set[tuple[str, ...]],
) -> Iterator[bpy.types.Node]:
    """Image Texture nodes behind an input; ``groups`` are the group nodes around it."""
    for link in socket.links:
        node, source = link.from_node, link.from_socket
        step = (*(group.name for group in groups), node.name, source.identifier)
        if step in seen:
            continue
        seen.add(step)
        if isinstance(node, bpy.types.ShaderNodeTexImage):
            if node.image is not None:
                yield node
        elif isinstance(node, bpy.types.ShaderNodeGroup) and node.node_tree is not None:
            for inner in node.node_tree.nodes:
                if isinstance(inner, bpy.types.NodeGroupOutput) and inner.is_active_output:
                    yield from _behind(same(inner.inputs, source), (*groups, node), seen)
        elif isinstance(node, bpy.types.NodeGroupInput):
            if groups:
                yield from _behind(same(groups[-1].inputs, source), groups[:-1], seen)
        else:
            for entry in _by_likelihood(node):
                yield from _behind(entry, groups, seen)


def _by_likelihood(node: bpy.types.Node) -> list[bpy.types.NodeSocket]:
    """A node's inputs: of a shader its colour, of the rest colours before factors and vectors."""
    if isinstance(node, bpy.types.ShaderNodeBsdfPrincipled):
        return [node.inputs["Base Color"]]
    order = {"SHADER": 0, "RGBA": 1}
    return sorted(node.inputs, key=lambda entry: order.get(entry.type, 2))


def _editor_image(context: bpy.types.Context) -> bpy.types.Image | None:
    space = context.space_data
    shown = space.image if isinstance(space, bpy.types.SpaceImageEditor) else None
    return marks.meant(shown) if shown else None


def _named(collection: bpy.types.bpy_prop_collection, name: str, kind: str) -> bpy.types.ID:
    found = collection.get(name)
    if found is None:
        raise BadInput(f"There is no {kind} named “{name}”.")
    return found
