"""Keep the texel density: a larger canvas holds more stones, not larger texels.

A texture twice as wide as the image before it shows everything half as large on the same UVs. The
Mapping node in front of the Image Texture node takes that back; where there is none, one is put in.
The maps of a material that take the same coordinates go on taking the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import bpy

from ..images import marks
from . import untiling_taps

LABEL = "Texcore Scale"  #: of the Mapping nodes put in
_SCALED_BY = ("POINT", "VECTOR", "TEXTURE")  #: kinds of Mapping node whose Scale moves the density


def measure_factors(old: bpy.types.Image, new: bpy.types.Image) -> tuple[float, float]:
    """Return by how much coordinates must grow, per axis, for ``new`` to look as fine as ``old``.

    Less than 1 for a larger image; 1, 1 if one of the two has no pixels, and for UDIM tiles, whose
    coordinates say which tile is meant.
    """
    if "TILED" in (old.source, new.source):
        return 1.0, 1.0
    return compare_extents(marks.measure_extent(old), marks.measure_extent(new))


def compare_extents(old: tuple[float, float], new: tuple[float, float]) -> tuple[float, float]:
    """Return the same for two extents, see `marks.measure_extent`."""
    (width, height), (wide, high) = old, new
    if not all((width, height, wide, high)):
        return 1.0, 1.0
    return width / wide, height / high


class Scaling(NamedTuple):
    """An Image Texture node, and what its coordinates shall be multiplied by."""

    node: bpy.types.ShaderNodeTexImage
    x: float
    y: float


def scale_coordinates(scalings: Iterable[Scaling]) -> None:
    """Multiply the coordinates of Image Texture nodes.

    A Mapping node that serves only nodes that are scaled alike is adjusted. Else a new one is put
    in, between these nodes and what they were linked to, or the UV map that they take unlinked. One
    of ours that has come to 1, 1 stays: the artist may have linked it elsewhere meanwhile.
    """
    groups: dict[tuple[object, ...], list[Scaling]] = {}
    for scaling in scalings:
        node, x, y = scaling
        if (x, y) != (1.0, 1.0):
            links = untiling_taps.get_entry(node).links
            source = (links[0].from_node.name, links[0].from_socket.identifier) if links else ()
            alike = (node.id_data.session_uid, source, round(x, 4), round(y, 4))
            groups.setdefault(alike, []).append(scaling)
    for group in groups.values():
        nodes = [scaling.node for scaling in group]
        _, x, y = group[0]
        untiling_taps.separate_cells(nodes, y)
        mapping = _find_mapping(nodes) or _insert_mapping(nodes)
        value = mapping.inputs["Scale"].default_value
        if mapping.vector_type == "TEXTURE":  # this kind divides
            x, y = 1 / x, 1 / y
        value[0] *= x
        value[1] *= y


def _find_mapping(
    nodes: list[bpy.types.ShaderNodeTexImage],
) -> bpy.types.ShaderNodeMapping | None:
    """Return the Mapping node in front of nodes that take the same, if it can be adjusted."""
    links = untiling_taps.get_entry(nodes[0]).links
    source = links[0].from_node if links else None
    if not isinstance(source, bpy.types.ShaderNodeMapping):
        return None
    takers = [untiling_taps.get_entry(node).node for node in nodes]
    others = any(link.to_node not in takers for link in source.outputs[0].links)
    free = source.vector_type in _SCALED_BY and not source.inputs["Scale"].links
    return source if free and not others else None


def _insert_mapping(nodes: list[bpy.types.ShaderNodeTexImage]) -> bpy.types.ShaderNodeMapping:
    """Put a new Mapping node in front of nodes that take the same, and return it."""
    node = min(nodes, key=lambda node: node.location.x)
    tree = node.id_data
    entry = untiling_taps.get_entry(node)
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
    for each in nodes:
        tree.links.new(mapping.outputs["Vector"], untiling_taps.get_entry(each))
    mapping.select = False
    tree.nodes.active = active  # the active node decides which image is meant
    return mapping
