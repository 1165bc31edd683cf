"""Texel density: a larger canvas holds more stones, not larger texels.

A texture twice as wide as the image before it shows everything half as large on the same UVs. The
Mapping node in front of the Image Texture node takes that back; where there is none, one is put in.
"""

from __future__ import annotations

import bpy

from . import images

LABEL = "Texcore Scale"  #: of the Mapping nodes put in
_SCALED_BY = ("POINT", "VECTOR", "TEXTURE")  #: kinds of Mapping node whose Scale moves the density


def factors(old: bpy.types.Image, new: bpy.types.Image) -> tuple[float, float]:
    """How much larger, per axis, the coordinates must be for ``new`` to look as fine as ``old``.

    Less than 1 for a larger image; 1, 1 if one of the two has no pixels.
    """
    (width, height), (wide, high) = images.extent(old), images.extent(new)
    if not all((width, height, wide, high)):
        return 1.0, 1.0
    return width / wide, height / high


def scale(node: bpy.types.ShaderNodeTexImage, x: float, y: float) -> None:
    """Multiply an Image Texture node's coordinates by ``x`` and ``y``.

    A Mapping node that serves this node alone is adjusted. Else a new one is put in, between the
    node and what it was linked to, or the UV map that it takes unlinked. One of ours that has
    come to 1, 1 stays: the artist may have linked it elsewhere meanwhile.
    """
    if (x, y) == (1.0, 1.0):
        return
    mapping = _mapping_of(node) or _put_in(node)
    value = mapping.inputs["Scale"].default_value
    if mapping.vector_type == "TEXTURE":  # this kind divides
        x, y = 1 / x, 1 / y
    value[0] *= x
    value[1] *= y


def _mapping_of(node: bpy.types.ShaderNodeTexImage) -> bpy.types.ShaderNodeMapping | None:
    """The Mapping node that can be adjusted, if there is one."""
    links = node.inputs["Vector"].links
    source = links[0].from_node if links else None
    if not isinstance(source, bpy.types.ShaderNodeMapping):
        return None
    others = any(link.to_node != node for link in source.outputs[0].links)
    free = source.vector_type in _SCALED_BY and not source.inputs["Scale"].links
    return source if free and not others else None


def _put_in(node: bpy.types.ShaderNodeTexImage) -> bpy.types.ShaderNodeMapping:
    """A new Mapping node in front of a node."""
    tree = node.id_data
    entry = node.inputs["Vector"]
    active = tree.nodes.active
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.label = LABEL
    mapping.location = (node.location.x - 220, node.location.y)
    mapping.parent = node.parent
    if entry.links:
        tree.links.new(entry.links[0].from_socket, mapping.inputs["Vector"])
    else:
        coordinates = tree.nodes.new("ShaderNodeTexCoord")
        coordinates.location = (mapping.location.x - 200, mapping.location.y)
        coordinates.parent = node.parent
        tree.links.new(coordinates.outputs["UV"], mapping.inputs["Vector"])
        coordinates.select = False
    tree.links.new(mapping.outputs["Vector"], entry)
    mapping.select = False
    tree.nodes.active = active  # the active node decides which image is meant
    return mapping
