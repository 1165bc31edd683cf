"""Keep the texel density: a larger canvas holds more stones, not larger texels.

A texture twice as wide as the image before it shows everything half as large on the same UVs. The
Mapping node in front of the Image Texture node takes that back; where there is none, one is put in.
The maps of a material that take the same coordinates go on taking the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import bpy

from ..images import marks
from . import untiling_taps

LABEL = "Texcore Scale"  #: of the Mapping nodes put in
_Factors = tuple[float, float, float]
_UNSCALED: _Factors = (1.0, 1.0, 1.0)
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
    """Return by how much coordinates must grow, per axis, for a new extent to look as fine.

    Args:
        old, new: Width and height, see `marks.measure_extent`; 1, 1 is returned if one is 0.
    """
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

    A Mapping node that serves only nodes that are scaled alike is adjusted, if nothing else moves
    its scale. Else a new one is put in, between these nodes and what they were linked to, or the UV
    map that they take unlinked. One of ours that has come to 1 stays: the artist may have linked it
    elsewhere meanwhile.
    """
    groups: dict[tuple[object, ...], list[Scaling]] = {}
    for scaling in scalings:
        factors = _list_factors(scaling)
        if factors != _UNSCALED:
            node = scaling.node
            links = untiling_taps.get_entry(node).links
            source = (links[0].from_node.name, links[0].from_socket.identifier) if links else ()
            alike = (node.id_data.session_uid, source, *(round(each, 4) for each in factors))
            groups.setdefault(alike, []).append(scaling)
    for group in groups.values():
        nodes = [scaling.node for scaling in group]
        factors = _list_factors(group[0])
        untiling_taps.separate_cells(nodes, group[0].y)
        _multiply(_find_mapping(nodes, factors) or _insert_mapping(nodes), factors)


def _list_factors(scaling: Scaling) -> _Factors:
    """Return what the three coordinates are multiplied by, as the projection lays a texture."""
    node, x, y = scaling
    if node.projection == "FLAT":
        return x, y, 1.0
    # On the sides of a box the first two go across and the third up. On top and bottom the first
    # two are both of the texture's axes: one that grows along one of them is stretched there. On a
    # sphere or a tube they become angles, and a texture goes round it as it is.
    return (x, x, y) if node.projection == "BOX" else _UNSCALED


def _multiply(mapping: bpy.types.ShaderNodeMapping, factors: _Factors) -> None:
    """Multiply what comes out of a Mapping node."""
    value = mapping.inputs["Scale"].default_value
    for axis, factor in enumerate(factors):
        value[axis] *= 1 / factor if mapping.vector_type == "TEXTURE" else factor  # it divides


def _find_mapping(
    nodes: list[bpy.types.ShaderNodeTexImage], factors: _Factors
) -> bpy.types.ShaderNodeMapping | None:
    """Return the Mapping node in front of nodes that take the same, if it can be adjusted."""
    links = untiling_taps.get_entry(nodes[0]).links
    source = links[0].from_node if links else None
    if not isinstance(source, bpy.types.ShaderNodeMapping):
        return None
    takers = [untiling_taps.get_entry(node).node for node in nodes]
    others = any(link.to_node not in takers for link in source.outputs[0].links)
    free = source.vector_type in _SCALED_BY and not source.mute and _is_fixed(source, "Scale")
    return source if free and not others and _can_take(source, factors) else None


def _can_take(mapping: bpy.types.ShaderNodeMapping, factors: _Factors) -> bool:
    """Return whether the scale of a Mapping node, which it turns, is that of what comes out."""
    x, y, z = factors
    if mapping.vector_type == "TEXTURE" or (math.isclose(x, y) and math.isclose(y, z)):
        return True
    tilt, roll, turn = mapping.inputs["Rotation"].default_value
    turns = turn and not math.isclose(x, y)
    return _is_fixed(mapping, "Rotation") and not (tilt or roll or turns)


def _is_fixed(mapping: bpy.types.ShaderNodeMapping, name: str) -> bool:
    """Return whether an input is a value that no link, driver or keyframe gives."""
    entry = mapping.inputs[name]
    animation = mapping.id_data.animation_data
    if entry.links or animation is None:
        return not entry.links
    path = entry.path_from_id("default_value")
    curves = [*animation.drivers, *_list_curves(animation.action)]
    return all(curve.data_path != path for curve in curves)


def _list_curves(action: bpy.types.Action | None) -> list[bpy.types.FCurve]:
    """Return what the keyframes of an action make; Blender 5 has it in layers."""
    if action is None or hasattr(action, "fcurves"):
        return [] if action is None else list(action.fcurves)
    strips = [strip for layer in action.layers for strip in layer.strips]
    return [curve for strip in strips for bag in strip.channelbags for curve in bag.fcurves]


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
