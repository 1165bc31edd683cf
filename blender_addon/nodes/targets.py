"""Find out which single image is meant, and where its result shall go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from . import places
from .places import NodePlace
from .walker import Entries, WalkStep, walk_back


@dataclass(frozen=True)
class Target:
    """What is to be synthesised: an image, and the node that shall get the result.

    Attributes:
        image_uid: The image's ``session_uid``.
        place: The node; None if the image was chosen without one.
        title: Where the image was found, in words for the panel.
        material_uid: The ``session_uid`` of the material that the node is in or below; else None.
    """

    image_uid: int
    place: NodePlace | None
    title: str
    material_uid: int | None = None

    @property
    def image(self) -> bpy.types.Image | None:
        """The image, or None if it is gone."""
        return places.find_image(self.image_uid)


def find_target(context: bpy.types.Context, material: str = "", image: str = "") -> Target:
    """Find the image that is meant, by name or from what is active.

    The Image Editor's own image comes first in that editor; elsewhere the material's active Image
    Texture node, else the image that feeds its Base Color (or whatever shader it has).

    Args:
        context: Where the user is.
        material: Name of a material; empty: the active one.
        image: Name of an image; empty: found as said above.

    Raises:
        BadInput: There is no such material or image, or it cannot be changed.
    """
    named = places.get_named(bpy.data.materials, material, "material") if material else None
    wanted = places.get_named(bpy.data.images, image, "image") if image else None
    if named is None and wanted is None:
        wanted = _find_editor_image(context)
    owner = named or places.find_active_material(context)
    found = _find_in_material(owner, context, wanted) if owner else None
    if found is not None:
        return found
    if wanted is None:
        if owner is None:
            raise BadInput("There is no active material: select an object that has one.")
        raise BadInput(
            f"The material “{owner.name}” has no image: open a picture, or "
            "add an Image Texture node to it."
        )
    if named is not None:
        raise BadInput(f"The material “{material}” does not use the image “{image}”.")
    return Target(wanted.session_uid, None, "Image")


def _find_in_material(
    material: bpy.types.Material, context: bpy.types.Context, wanted: bpy.types.Image | None
) -> Target | None:
    """Return the first node with the image wanted; without one, the active node or the shader's."""
    tree = places.find_tree(material)
    if tree is None:
        return None
    for node in _list_candidates(tree, context, wanted is not None):
        if not isinstance(node, bpy.types.ShaderNodeTexImage) or node.image is None:
            continue
        if places.is_ours(node.id_data):
            continue
        if wanted is None or marks.resolve_preview(node.image) == wanted:
            return _make_target(node, material)
    return None


def _list_candidates(
    tree: bpy.types.NodeTree, context: bpy.types.Context, everywhere: bool
) -> Iterator[bpy.types.Node | None]:
    """Yield the nodes to look at, the likeliest first; everywhere: those that feed nothing too."""
    groups = places.find_groups(tree)
    edited: Any = getattr(context.space_data, "edit_tree", None)
    yield (edited if edited in groups else tree).nodes.active
    yield from _walk_surface(tree)
    if everywhere:
        for part in (tree, *groups):
            yield from part.nodes


def _make_target(node: bpy.types.ShaderNodeTexImage, material: bpy.types.Material) -> Target:
    """Describe an image node that may get a texture.

    Raises:
        BadInput: The node cannot be found again later, see `places.locate`.
    """
    place = places.locate(node, material)
    groups = [] if node.id_data == material.node_tree else [node.id_data.name]
    title = " › ".join([material.name, *groups, node.label or node.name])
    image = marks.resolve_preview(node.image)
    return Target(image.session_uid, place, title, material.session_uid)


def _walk_surface(tree: bpy.types.NodeTree) -> Iterator[bpy.types.Node]:
    """Yield the nodes that feed a material's surface, the likeliest to be its colour first."""
    output = places.find_output(tree)
    if output is not None:
        for step in walk_back([(output.inputs["Surface"], None)], _enter_by_likelihood):
            yield step.node


def _enter_by_likelihood(step: WalkStep[None]) -> Entries[None]:
    """Say which inputs are tried: of a shader its colour, else colours before the rest."""
    node = step.node
    if isinstance(node, bpy.types.ShaderNodeTexImage):
        return []
    if isinstance(node, bpy.types.ShaderNodeBsdfPrincipled):
        return [(node.inputs["Base Color"], None)]
    order = {"SHADER": 0, "RGBA": 1}
    inputs = sorted(node.inputs, key=lambda entry: order.get(entry.type, 2))
    return [(entry, None) for entry in inputs]


def _find_editor_image(context: bpy.types.Context) -> bpy.types.Image | None:
    space = context.space_data
    shown = space.image if isinstance(space, bpy.types.SpaceImageEditor) else None
    if shown is not None and shown == context.scene.texcore.repair:
        return None  # it is being painted, for the image of the active material
    return marks.resolve_preview(shown) if shown else None
