"""Find the maps of a material that lie on the surface alike, and refuse what cannot be un-tiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import KINDS, NORMALS
from ..images import exchange, marks
from . import maps, untiling_taps
from .untiling_blending import Blend

_COLORS = ("base_color", "emission", "color")


@dataclass(frozen=True)
class Layer:
    """A map that is un-tiled.

    Attributes:
        node: The artist's node.
        kind: What kind of map it is.
    """

    node: bpy.types.ShaderNodeTexImage
    kind: str

    @property
    def title(self) -> str:
        """The label of the map's kind, such as “Base Color”."""
        return KINDS[self.kind].label

    def describe(self, leads: bool) -> Blend:
        """Return how the map is blended.

        Args:
            leads: Whether the other maps take its weights.
        """
        is_data = self.node.image.colorspace_settings.is_data
        return Blend(
            leads=leads,
            is_color=self.kind in _COLORS and not is_data,
            is_normal=self.kind in NORMALS,
            green=-1.0 if maps.is_directx(self.node) else 1.0,
            has_alpha=bool(untiling_taps.list_links_out(self.node, "Alpha")),
        )


class Layers(NamedTuple):
    """The maps that lie on the surface alike, the base color first; how many lie otherwise."""

    alike: list[Layer]
    others: int


def find_layers(
    material: bpy.types.Material, like: bpy.types.ShaderNodeTexImage | None = None
) -> Layers:
    """Find the maps that take the same coordinates as one of them.

    A mask that lies on the surface otherwise is none of them.

    Args:
        material: Whose maps are meant.
        like: The node whose coordinates count; None for that of the first map.

    Raises:
        BadInput: There is none, it is linked from another file, or it cannot be un-tiled.
    """
    found = [
        Layer(node, entry.kind.rstrip("0123456789"))
        for entry in maps.find_maps(material)
        for place in entry.places
        if (node := place.find()) is not None
    ]
    nodes = [layer.node for layer in found]
    place = _describe_place(like if like in nodes else nodes[0])
    layers = [layer for layer in found if _describe_place(layer.node) == place]
    for layer in layers:
        _check(layer.node)
    return Layers(layers, len(found) - len(layers))


def _check(node: bpy.types.ShaderNodeTexImage) -> None:
    """Check that the map of an image node can be un-tiled.

    Raises:
        BadInput: Its image cannot be used, is made for an object, or does not repeat there.
    """
    name = node.image.name
    exchange.check_image(node.image)
    if marks.read_uv_map(node.image):
        raise BadInput(f"“{name}” is made for an object, on which it does not repeat.")
    if node.projection != "FLAT":
        kind = node.bl_rna.properties["projection"].enum_items[node.projection].name
        raise BadInput(
            f"“{name}” is projected by {kind}, which cannot be un-tiled: unwrap the object and set "
            "the projection of the Image Texture node to Flat."
        )
    if node.extension not in ("REPEAT", "MIRROR"):
        raise BadInput(
            f"“{name}” does not repeat: set the extension of the Image Texture node to Repeat."
        )
    own = node.texture_mapping
    moved = any(own.translation) or any(own.rotation) or any(side != 1 for side in own.scale)
    if moved or (own.mapping_x, own.mapping_y, own.mapping_z) != ("X", "Y", "Z"):
        raise BadInput(
            f"The Image Texture node of “{name}” has a mapping of its own (in its sidebar, under "
            "Texture): reset it and use a Mapping node."
        )


def _describe_place(node: bpy.types.ShaderNodeTexImage) -> tuple[object, ...]:
    """Return how a map lies on the surface; what lies alike is equal, through whatever nodes."""
    entry = untiling_taps.get_entry(node)
    place: list[object] = [node.id_data.session_uid]
    while entry.links:
        source, output = entry.links[0].from_node, entry.links[0].from_socket
        if isinstance(source, bpy.types.NodeReroute):
            entry = source.inputs[0]
        elif isinstance(source, bpy.types.ShaderNodeMapping) and not _is_driven(source):
            place += [source.vector_type, *(tuple(i.default_value) for i in source.inputs[1:])]
            entry = source.inputs["Vector"]
        else:
            return (*place, *_describe_source(source, output))
    return (*place, "UV")


def _describe_source(source: bpy.types.Node, output: bpy.types.NodeSocket) -> tuple[object, ...]:
    """Return which coordinates a node gives; two nodes that give the same are equal."""
    if isinstance(source, bpy.types.ShaderNodeTexCoord):
        if output.name == "UV":
            return ("UV",)
        return output.name, source.object, source.from_instancer
    if isinstance(source, bpy.types.ShaderNodeUVMap):
        return ("UV map", source.uv_map, source.from_instancer) if source.uv_map else ("UV",)
    return source.name, output.identifier


def _is_driven(mapping: bpy.types.ShaderNodeMapping) -> bool:
    return any(entry.is_linked for entry in mapping.inputs[1:])
