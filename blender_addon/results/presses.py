"""The textures that one press of Variations has made: which they are, and how the others go.

What belongs together is a word on the images (`marks.read_press`), so that it is in the file.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from ..nodes import putting
from . import results

# What only shows an image does not use it.
_SHOWING = (bpy.types.Screen, bpy.types.WindowManager, bpy.types.WorkSpace)


class Discarded(NamedTuple):
    """What became of textures that were not wanted: how many are gone, and how many stay."""

    gone: int
    stay: int


def list_pressed(shown: bpy.types.Image) -> list[bpy.types.Image]:
    """Return what a press has made, one image of each texture, the oldest first.

    Args:
        shown: An image of that press; or one that others were made of, for the newest press.
    """
    made = results.of_source(marks.find_original(shown))
    press = marks.read_press(shown) or next(filter(None, map(marks.read_press, made)), "")
    return [image for image in reversed(made) if press and marks.read_press(image) == press]


def discard_others(kept: bpy.types.Image) -> Discarded:
    """Remove what was made by the same press as an image, where nobody uses it.

    The maps that were made as one go or stay together. Nodes that remember one of them as the image
    before theirs remember its photo instead.

    Raises:
        BadInput: The image was made by itself.
    """
    press = marks.read_press(kept)
    if not press:
        raise BadInput(f"“{kept.name}” is of no variations: choose one that is.")
    together = marks.list_made_together(kept)
    others = [
        image
        for image in bpy.data.images
        if marks.read_press(image) == press and image not in together
    ]
    _let_go(others)
    users = bpy.data.user_map(subset=set(others)) if others else {}
    used = {image for image in others if _is_used(image, users[image])}
    words = {marks.read_set(image) for image in used} - {""}
    stay = {image for image in others if image in used or marks.read_set(image) in words}
    gone = [image for image in others if image not in stay]
    counts = Discarded(_count_textures(gone), _count_textures(stay))
    for image in gone:
        _show_instead(kept, image, users[image])
        bpy.data.images.remove(image)
    return counts


def _count_textures(images: Collection[bpy.types.Image]) -> int:
    """Count maps that were made as one as one."""
    return len({marks.read_set(image) or image.name for image in images})


def _is_used(image: bpy.types.Image, users: Collection[bpy.types.ID]) -> bool:
    """Return whether anybody needs an image; that it is shown somewhere is no need."""
    needed = any(not isinstance(user, _SHOWING) and user != image for user in users)
    return needed or image.asset_data is not None or not image.is_editable


def _let_go(images: Collection[bpy.types.Image]) -> None:
    """Have no node remember any of these images."""
    for node in _list_remembering(images):
        photo = marks.find_original(node[putting.OTHER_PROPERTY])
        if photo in images or photo == node.image:
            del node[putting.OTHER_PROPERTY]
        else:
            node[putting.OTHER_PROPERTY] = photo


def _list_remembering(images: Collection[bpy.types.Image]) -> list[bpy.types.Node]:
    """Return the nodes that remember one of these images as the one before theirs."""
    users = bpy.data.user_map(subset=set(images)).values() if images else ()
    owners = {user for each in users for user in each if user.is_editable}
    trees = [getattr(owner, "node_tree", owner) for owner in owners]
    return [
        node
        for tree in trees
        if isinstance(tree, bpy.types.NodeTree)
        for node in tree.nodes
        if node.get(putting.OTHER_PROPERTY) in images
    ]


def _show_instead(
    kept: bpy.types.Image, image: bpy.types.Image, users: Collection[bpy.types.ID]
) -> None:
    """Let the editors that show an image show another."""
    for screen in (user for user in users if isinstance(user, bpy.types.Screen)):
        for area in screen.areas:
            space = area.spaces.active
            if isinstance(space, bpy.types.SpaceImageEditor) and space.image == image:
                space.image = kept
