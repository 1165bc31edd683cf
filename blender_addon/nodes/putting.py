"""Put images into Image Texture nodes, as one undo step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from . import plain_uv, scale, untiling, untiling_taps

OTHER_PROPERTY = "texcore_other"  #: of a node: the image it held before
_SCALED_PROPERTY = "texcore_other_scaled"  # of a node: what its coordinates were multiplied by then
_UNSCALED = (1.0, 1.0)
_Change = tuple[bpy.types.ShaderNodeTexImage, bpy.types.Image]


def put_image(
    node: bpy.types.ShaderNodeTexImage, image: bpy.types.Image, keep_density: bool
) -> None:
    """Put an image into a node, which remembers its old one; see `find_other`."""
    put_images([(node, image)], keep_density)


def put_images(changes: Iterable[_Change], keep_density: bool) -> None:
    """Put images into nodes at once; see `put_image`.

    Args:
        changes: Nodes, each with its new image.
        keep_density: Scale the nodes' coordinates with the size, see `scale`. What was made for an
            object is laid by its UV map alone, see `plain_uv`.

    Raises:
        BadInput: What was made for an object would go into a node that is un-tiled; nothing has
            been changed.
    """
    changes = list(changes)
    _put(changes, [_measure_factors(*change) if keep_density else _UNSCALED for change in changes])


def swap_images(nodes: Iterable[bpy.types.ShaderNodeTexImage], keep_density: bool) -> None:
    """Put the images that nodes held before into them again, on the coordinates they had there.

    Args:
        nodes: Each with an image before its own, see `find_other`.
        keep_density: See `put_images`. It counts for nodes of a file of before only, which do not
            tell whether their coordinates were scaled.

    Raises:
        BadInput: See `put_images`.
    """
    changes, factors = [], []
    for node in nodes:
        change = node, node[OTHER_PROPERTY]
        scaled = marks.read_factors(node.get(_SCALED_PROPERTY))
        changes.append(change)
        if scaled is not None:
            factors.append((1 / scaled[0], 1 / scaled[1]))
        else:
            factors.append(_measure_factors(*change) if keep_density else _UNSCALED)
    _put(changes, factors)


def _put(changes: Sequence[_Change], factors: Sequence[tuple[float, float]]) -> None:
    """Put images into nodes, and multiply the coordinates of each by factors for across and up.

    Raises:
        BadInput: See `put_images`.
    """
    for node, image in changes:
        if marks.read_uv_map(image):
            check_laying(node)
    scalings = []
    for (node, image), wanted in zip(changes, factors, strict=True):
        old = node.image
        if old == image:
            continue
        uv_map = marks.read_uv_map(image)
        if uv_map:
            plain_uv.lay(node, uv_map)
        else:
            plain_uv.give_back(node)
        untiling_taps.set_image(node, image)
        if old is not None:
            x, y = _UNSCALED if uv_map else wanted
            scalings.append(scale.Scaling(node, x, y))
            old.use_fake_user = True  # Blender drops what nothing uses when it saves
            node[OTHER_PROPERTY], node[_SCALED_PROPERTY] = old, (x, y)
    scale.scale_coordinates(scalings)
    for node, _ in changes:
        untiling.refresh(node)


def _measure_factors(
    node: bpy.types.ShaderNodeTexImage, image: bpy.types.Image
) -> tuple[float, float]:
    """Return by how much a node's coordinates must grow for an image to look as fine as its own."""
    if node.image is None:
        return _UNSCALED
    before = plain_uv.measure_kept(node)
    if before:
        return scale.compare_extents(before, marks.measure_extent(image))
    return scale.measure_factors(node.image, image)


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
