"""Put images into Image Texture nodes, as one undo step."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from . import plain_uv, scale, untiling, untiling_taps

OTHER_PROPERTY = "texcore_other"  #: of a node: the image it held before


def put_image(
    node: bpy.types.ShaderNodeTexImage, image: bpy.types.Image, keep_density: bool
) -> None:
    """Put an image into a node, which remembers its old one; see `find_other`."""
    put_images([(node, image)], keep_density)


def put_images(
    changes: Iterable[tuple[bpy.types.ShaderNodeTexImage, bpy.types.Image]], keep_density: bool
) -> None:
    """Put images into nodes at once; see `put_image`.

    Args:
        changes: Nodes, each with its new image.
        keep_density: Scale the nodes' coordinates with the size, see `scale`. What was made for an
            object is laid by its UV map alone, see `plain_uv`.

    Raises:
        BadInput: What was made for an object would go into a node that is un-tiled; nothing has
            been changed.
    """
    changes, scalings = list(changes), []
    for node, image in changes:
        if marks.read_uv_map(image):
            check_laying(node)
    for node, image in changes:
        old = node.image
        if old == image:
            continue
        before = plain_uv.measure_kept(node)
        uv_map = marks.read_uv_map(image)
        if uv_map:
            plain_uv.lay(node, uv_map)
        else:
            plain_uv.give_back(node)
        untiling_taps.set_image(node, image)
        if old is not None:
            if not uv_map:
                factors = scale.measure_factors(old, image)
                if before:
                    factors = scale.compare_extents(before, marks.measure_extent(image))
                scalings.append(scale.Scaling(node, *factors))
            old.use_fake_user = True  # Blender drops what nothing uses when it saves
            node[OTHER_PROPERTY] = old
    if keep_density:
        scale.scale_coordinates(scalings)
    for node, _ in changes:
        untiling.refresh(node)


def check_laying(node: bpy.types.ShaderNodeTexImage) -> None:
    """Check that what is made for an object can be laid by a node.

    Raises:
        BadInput: The node is un-tiled.
    """
    if node.image is not None and untiling_taps.find_cells(node) is not None:
        raise BadInput(
            f"“{node.image.name}” is un-tiled, and a texture for an object lies on it only once: "
            "remove the un-tiling first."
        )


def find_other(node: bpy.types.ShaderNodeTexImage) -> bpy.types.Image | None:
    """Return the image a node held before the one it holds, if it is still there."""
    image = node.get(OTHER_PROPERTY)
    return image if isinstance(image, bpy.types.Image) and image != node.image else None


def push_undo_step(message: str) -> None:
    """Push an undo step; under “blender --command” there is none, and asking for it would raise."""
    if bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message=message)
