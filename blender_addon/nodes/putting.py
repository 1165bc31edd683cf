"""Put images into Image Texture nodes, as one undo step."""

from __future__ import annotations

from collections.abc import Iterable

import bpy

from . import scale, untiling, untiling_taps

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
        keep_density: Scale the nodes' coordinates with the size, see `scale`.
    """
    changes, scalings = list(changes), []
    for node, image in changes:
        old = node.image
        if old == image:
            continue
        untiling_taps.set_image(node, image)
        if old is not None:
            scalings.append(scale.Scaling(node, *scale.measure_factors(old, image)))
            old.use_fake_user = True  # Blender drops what nothing uses when it saves
            node[OTHER_PROPERTY] = old
    if keep_density:
        scale.scale_coordinates(scalings)
    for node, _ in changes:
        untiling.refresh(node)


def find_other(node: bpy.types.ShaderNodeTexImage) -> bpy.types.Image | None:
    """Return the image a node held before the one it holds, if it is still there."""
    image = node.get(OTHER_PROPERTY)
    return image if isinstance(image, bpy.types.Image) and image != node.image else None


def push_undo_step(message: str) -> None:
    """Push an undo step; under “blender --command” there is none, and asking for it would raise."""
    if bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message=message)
