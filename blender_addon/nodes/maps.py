"""Find out which images make up a material, and what each of them says.

The tree is walked from its output back to every Image Texture node. What a socket at its end means
(roughness, a slope, a height) is carried through the nodes between, and so tells what the image is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import KINDS, NORMALS
from ..images import marks
from . import places, untiling_taps
from .places import NodePlace
from .walker import Entries, WalkStep, walk_back

# What the inputs of shaders mean, by name; those not named here are colours or data by their type.
_MEANINGS = {
    "Base Color": "base_color",
    "Color": "base_color",
    "Metallic": "metallic",
    "Roughness": "roughness",
    "Normal": "normal",
    "Coat Normal": "normal",
    "Clearcoat Normal": "normal",
    "Alpha": "opacity",
    "Emission": "emission",
    "Emission Color": "emission",
    "Specular": "specular",
    "Specular IOR Level": "specular",
}
# What inputs of other nodes mean, whatever their output is read as.
_RELIEF = {
    ("NORMAL_MAP", "Color"): "normal",
    ("BUMP", "Height"): "bump",
    ("DISPLACEMENT", "Height"): "height",
}
_SEPARATING = {"SEPARATE_COLOR", "SEPRGB", "SEPXYZ"}
_MIXES = {"MIX", "MIX_RGB"}
# Inputs that say how much, whatever the node is about.
_AMOUNTS = {"Strength", "Scale", "Distance", "Midlevel"}
_OPPOSITE = {"roughness": "gloss", "gloss": "roughness"}
_PACKED = ("orm", "rma", "mra")


@dataclass(frozen=True)
class Reading:
    """One way in which an image is used.

    Attributes:
        role: What it says, a kind of map or a channel of one; empty where nobody knows.
        channel: The index of the one channel that says it; None for the whole.
    """

    role: str = ""
    channel: int | None = None

    def invert(self) -> Reading:
        """Return what goes in where this comes out of 1 − x."""
        return replace(self, role=_OPPOSITE.get(self.role, self.role))


@dataclass
class MapImage:
    """An image of a material.

    Attributes:
        uid: Its ``session_uid``.
        kind: What kind of map it is; see `texcore.contract.map_kinds.get_kind`.
        places: Every node that holds it.
    """

    uid: int
    kind: str = ""
    places: list[NodePlace] = field(default_factory=list)


def find_maps(material: bpy.types.Material) -> list[MapImage]:
    """Return every image that feeds a material's surface or displacement, the base color first.

    Raises:
        BadInput: There is none, or a node is in data linked from another file.
    """
    tree = places.find_tree(material)
    if tree is None:
        raise BadInput(f"The material “{material.name}” has no nodes.")
    found: dict[int, MapImage] = {}
    readings: dict[int, list[Reading]] = {}
    for node, reading in _walk_textures(tree):
        uid = marks.resolve_preview(node.image).session_uid
        entry = found.setdefault(uid, MapImage(uid))
        place = places.locate(node, material)
        if place not in entry.places:
            entry.places.append(place)
        readings.setdefault(uid, []).append(reading)
    if not found:
        raise BadInput(
            f"The material “{material.name}” has no image: open a picture, or "
            "add an Image Texture node to it."
        )
    _tell_occlusion(readings)
    for uid, entry in found.items():
        entry.kind = _choose_kind(places.get_image(uid), readings[uid])
    order = list(KINDS)
    entries = sorted(found.values(), key=lambda entry: order.index(entry.kind))
    _number_kinds(entries)
    return entries


def _number_kinds(entries: list[MapImage]) -> None:
    """Tell several maps of one kind apart by a number behind it."""
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.kind] = count = counts.get(entry.kind, 0) + 1
        if count > 1:
            entry.kind = f"{entry.kind}{count}"


def _tell_occlusion(readings: dict[int, list[Reading]]) -> None:
    """Take what is mixed into the base color and is no colour itself for ambient occlusion."""
    coloured = [
        uid
        for uid, ways in readings.items()
        if Reading("base_color") in ways and not places.get_image(uid).colorspace_settings.is_data
    ]
    if not coloured:
        return
    for uid, ways in readings.items():
        if places.get_image(uid).colorspace_settings.is_data:
            readings[uid] = [replace(r, role="ao") if r.role == "base_color" else r for r in ways]


def _choose_kind(image: bpy.types.Image, readings: list[Reading]) -> str:
    """Return the kind of map that an image is, from all ways in which it is used."""
    roles = [r.role for r in readings]
    whole = [r.role for r in readings if r.channel is None and r.role]
    if normals := [role for role in roles if role in NORMALS]:
        return normals[0]
    for kind in ("base_color", "emission", "color"):
        if kind in whole:
            return kind
    by_channel = {r.channel: r.role for r in readings if r.channel in (0, 1, 2)}
    if by_channel:
        for kind in _PACKED:
            if all(KINDS[kind].channels[c] == role for c, role in by_channel.items()):
                return kind
        return "packed"
    if whole:
        return whole[0]
    return "data" if image.colorspace_settings.is_data else "color"


def _walk_textures(
    tree: bpy.types.NodeTree,
) -> Iterator[tuple[bpy.types.ShaderNodeTexImage, Reading]]:
    """Yield the Image Texture nodes with an image behind the output, and how each is read."""
    output = places.find_output(tree)
    if output is None:
        return
    ends = [
        (output.inputs["Surface"], Reading()),
        (output.inputs["Displacement"], Reading("height")),
    ]
    for step in walk_back(ends, _enter):
        if isinstance(step.node, bpy.types.ShaderNodeTexImage) and step.node.image is not None:
            yield step.node, _read_texture(step.node, step)


def _read_texture(node: bpy.types.ShaderNodeTexImage, step: WalkStep[Reading]) -> Reading:
    """Return what an output of an Image Texture node says."""
    reading = step.carried
    if reading.role == "normal" and is_directx(node):
        reading = replace(reading, role="normal_dx")
    return replace(reading, channel=3) if step.output.identifier == "Alpha" else reading


def is_directx(node: bpy.types.ShaderNodeTexImage) -> bool:
    """Return whether the normals of a node are told to be DirectX's by the nodes behind it."""
    for link in untiling_taps.list_links_out(node, "Color"):
        user = link.to_node
        if user.type == "NORMAL_MAP":
            return getattr(user, "convention", "") == "DIRECTX"
        if user.type in _SEPARATING:
            return any(_turns_over(each) for each in user.outputs[1].links)
    return False


def _turns_over(link: bpy.types.NodeLink) -> bool:
    """Return whether what goes through a link comes out as 1 − x."""
    node = link.to_node
    return not node.mute and (node.type == "INVERT" or _is_one_minus(node, link.to_socket))


def _enter(step: WalkStep[Reading]) -> Entries[Reading]:
    """Say what the inputs of a node say where its output is read so."""
    node = step.node
    if isinstance(node, bpy.types.ShaderNodeTexImage):
        return []
    if any(output.type == "SHADER" for output in node.outputs):
        return [(entry, _read_shader(entry)) for entry in node.inputs]
    return [(entry, _read_input(step, entry)) for entry in node.inputs]


def _read_input(step: WalkStep[Reading], entry: bpy.types.NodeSocket) -> Reading:
    """Return what an input of a node that is no shader says."""
    node = step.node
    if entry.name in _AMOUNTS or (node.type in _MIXES and entry.name in ("Fac", "Factor")):
        return Reading("data")
    if meaning := _RELIEF.get((node.type, entry.name)):
        return Reading(meaning)
    if node.type in _SEPARATING:
        return replace(step.carried, channel=list(node.outputs).index(step.output))
    if node.type == "INVERT" or _is_one_minus(node, entry):
        return step.carried.invert()
    return step.carried


def _read_shader(entry: bpy.types.NodeSocket) -> Reading:
    """Return what an input of a shader says."""
    if entry.type == "SHADER":
        return Reading()
    return Reading(_MEANINGS.get(entry.name, "color" if entry.type == "RGBA" else "data"))


def _is_one_minus(node: bpy.types.Node, entry: bpy.types.NodeSocket) -> bool:
    """Return whether an input is the x of a Math node's 1 − x."""
    if node.type != "MATH" or node.operation != "SUBTRACT" or entry != node.inputs[1]:
        return False
    return not node.inputs[0].is_linked and node.inputs[0].default_value == 1.0
