"""New images in the artist's file: what belongs together, which nodes get them, what is said.

A picture by itself is a material with one map; what differs between the two is told here.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.jobs import Made
from ..images import marks
from ..nodes import deriving, maps, putting, untiling_choosing, untiling_taps
from . import preview
from .sources import MapSource, Subject

New = Mapping[str, bpy.types.Image]  #: images by kind of map
Extent = tuple[float, float]


def mark_as_set(new: New, extents: Mapping[str, Extent], derived: Extent | None) -> None:
    """Note on the maps of a material that they belong together.

    Args:
        new: The maps.
        extents: Of those with an exemplar, by kind.
        derived: Extent of the others, if there are any.
    """
    word = uuid.uuid4().hex
    for kind, image in new.items():
        image[marks.SET_PROPERTY] = word
        image[marks.EXTENT_PROPERTY] = extents.get(kind, derived)


def put(new: New, where: Mapping[str, MapSource], keep_density: bool) -> list[str]:
    """Put images into the nodes of the old ones.

    Args:
        new: The images.
        where: Where the old ones are, by kind.
        keep_density: Whether to scale the nodes' coordinates to the images' extent.

    Returns:
        The kinds of those without a node.
    """
    changes = []
    left = []
    for kind, image in new.items():
        nodes = where[kind].find_nodes()
        changes += [(node, image) for node in nodes]
        if not nodes:
            keep_unused(image)
            left.append(kind)
        if not where[kind].places and where[kind].shown is not None:
            preview.show_in_editors(where[kind].shown, image)
    putting.put_images(changes, keep_density)
    return left


def wire(new: New, subject: Subject) -> list[str]:
    """Plug in derived maps; returns the kinds of those for which there is no place any more."""
    material, base = subject.material, subject.base
    lacking: list[str] = []
    if new and material is not None and base is not None:
        # Without a shader to plug them into, as it may be by now, none is plugged in.
        with contextlib.suppress(BadInput):
            lacking = deriving.list_lacking(material, new, maps.find_maps(material))
            nodes = (place.find() for place in base.places)
            node = next((node for node in nodes if node is not None), None)
            deriving.wire(material, {kind: new[kind] for kind in lacking}, node)
            if lacking and node is not None and untiling_taps.find_blending(node) is not None:
                untiling_choosing.untile_as_fits(material, node)  # else they would lie otherwise
    left = [kind for kind in new if kind not in lacking]
    for kind in left:
        keep_unused(new[kind])
    return left


def keep_unused(image: bpy.types.Image) -> None:
    """Keep an image that no node holds: Blender drops what nothing uses when it saves."""
    image.use_fake_user = True


def title_step(subject: Subject, title: str, new: New) -> str:
    """Return what Blender calls the undo step."""
    if subject.is_picture:
        return iface_("Synthesize {name}").format(name=next(iter(new.values())).name)
    return iface_("Synthesize Material {name}").format(name=title)


def tell(subject: Subject, title: str, made: Made, new: New, left: list[str]) -> str:
    """Say what was made, and what could not be put in.

    Args:
        subject: What the task was about.
        title: Of the task.
        made: The engine's answer.
        new: The images.
        left: The kinds of those that are in no node.
    """
    width, height, seconds = made.width, made.height, f"{made.seconds:.0f}"
    # Each sentence stands here as a whole, as `contract.sentences` has it.
    if subject.is_picture and len(new) == 1:
        (image,) = new.values()
        said = f"“{image.name}”, {width} × {height}, made in {seconds} s."
        if left and subject.maps[0].places:
            said += " Its node has changed meanwhile and was left alone."
        return said
    said = f"“{title}”: {len(new)} maps, {width} × {height}, made in {seconds} s."
    if left:
        said += f" Nodes have changed meanwhile and were left alone: {', '.join(left)}."
    return said
