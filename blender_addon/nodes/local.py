"""Make a material that is linked from another file the artist's own, with all that it is made of.

Blender 5 packs what is linked from its asset browser: it lies in the file, and yet is not the
artist's to change.
"""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..bundled.texcore.contract.errors import BadInput
from . import places, targets
from .places import Linked


def is_wanted(context: bpy.types.Context) -> bool:
    """Return whether nothing can be synthesised only because the material is linked."""
    try:
        targets.find_target(context)
    except Linked:
        return True
    except BadInput:
        return False
    return False


def make_local(material: bpy.types.Material) -> int:
    """Make a material, its groups and its images local; return how many were not.

    Whatever used them uses them as they are now.
    """
    linked = [block for block in _list_parts(material) if not block.is_editable]
    for block in linked:
        block.make_local()
    return len(linked)


def _list_parts(material: bpy.types.Material) -> Iterator[bpy.types.ID]:
    """Yield the material, the groups of its nodes, and the images in them, each once."""
    tree = places.find_tree(material)
    trees = [] if tree is None else [tree, *places.find_groups(tree)]
    images = [
        node.image
        for part in trees
        for node in part.nodes
        if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image is not None
    ]
    yield from dict.fromkeys((material, *trees[1:], *images))
