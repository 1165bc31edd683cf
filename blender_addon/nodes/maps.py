"""Which images make up a material, and what each of them says.

From the output of the node tree back to every Image Texture node: what a socket at its end means
(roughness, a slope, a height) is carried through the nodes between, and so tells what the image is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import KINDS
from ..images import marks
from .places import OWNERS, Place, same

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

    def inverted(self) -> Reading:
        """What goes in where this comes out of 1 − x."""
        return replace(self, role=_OPPOSITE.get(self.role, self.role))


@dataclass
class MapImage:
    """An image of a material.

    Attributes:
        uid: Its ``session_uid``.
        kind: What kind of map it is; see `texcore.contract.map_kinds.kind`.
        places: Every node that holds it.
    """

    uid: int
    kind: str = ""
    places: list[Place] = field(default_factory=list)


def find(material: bpy.types.Material) -> list[MapImage]:
    """Every image that feeds a material's surface or displacement, the base color first.

    Raises:
        BadInput: There is none, or a node is in data linked from another file.
    """
    tree = material.node_tree
    if tree is None or (bpy.app.version < (5, 0, 0) and not material.use_nodes):
        raise BadInput(f"The material “{material.name}” has no nodes.")
    found: dict[int, MapImage] = {}
    readings: dict[int, list[Reading]] = {}
    for node, reading in _textures(tree):
        uid = marks.meant(node.image).session_uid
        entry = found.setdefault(uid, MapImage(uid))
        place = _place(node, material)
        if place not in entry.places:
            entry.places.append(place)
        readings.setdefault(uid, []).append(reading)
    if not found:
        raise BadInput(
            f"The material “{material.name}” has no image: add an Image Texture node to it."
        )
    _tell_occlusion(readings)
    order = list(KINDS)
    named = sorted(
        ((_kind(bpy_image(uid), readings[uid]), entry) for uid, entry in found.items()),
        key=lambda pair: order.index(pair[0]),
    )
    counts: dict[str, int] = {}
    for kind, entry in named:
        counts[kind] = counts.get(kind, 0) + 1
        entry.kind = kind if counts[kind] == 1 else f"{kind}{counts[kind]}"
    return [entry for _, entry in named]


def bpy_image(uid: int) -> bpy.types.Image:
    """The image with a ``session_uid``.

    Raises:
        BadInput: It is gone.
    """
    image = next((image for image in bpy.data.images if image.session_uid == uid), None)
    if image is None:
        raise BadInput("An image of the material is gone.")
    return image


def _tell_occlusion(readings: dict[int, list[Reading]]) -> None:
    """What is mixed into the base color and is no colour itself is ambient occlusion."""
    coloured = [
        uid
        for uid, ways in readings.items()
        if Reading("base_color") in ways and not bpy_image(uid).colorspace_settings.is_data
    ]
    if not coloured:
        return
    for uid, ways in readings.items():
        if bpy_image(uid).colorspace_settings.is_data:
            readings[uid] = [replace(r, role="ao") if r.role == "base_color" else r for r in ways]


def _kind(image: bpy.types.Image, readings: list[Reading]) -> str:
    """The kind of map that an image is, from all ways in which it is used."""
    roles = [r.role for r in readings]
    whole = [r.role for r in readings if r.channel is None and r.role]
    if "normal" in roles:
        return "normal"
    for kind in ("base_color", "emission", "color"):
        if kind in whole:
            return kind
    by_channel = {r.channel: r.role for r in readings if r.channel in (0, 1, 2)}
    if by_channel:
        for id in _PACKED:
            if all(KINDS[id].channels[c] == role for c, role in by_channel.items()):
                return id
        return "packed"
    if whole:
        return whole[0]
    return "data" if image.colorspace_settings.is_data else "color"


def _textures(
    tree: bpy.types.NodeTree,
) -> Iterator[tuple[bpy.types.ShaderNodeTexImage, Reading]]:
    """The Image Texture nodes with an image behind the output, and how each is read."""
    output = tree.get_output_node("ALL") or tree.get_output_node("EEVEE")
    if output is None:
        return
    seen: set[tuple[object, ...]] = set()
    for name, role in (("Surface", ""), ("Displacement", "height")):
        yield from _behind(output.inputs[name], Reading(role), (), seen)


def _behind(
    socket: bpy.types.NodeSocket,
    reading: Reading,
    around: tuple[bpy.types.Node, ...],
    seen: set[tuple[object, ...]],
) -> Iterator[tuple[bpy.types.ShaderNodeTexImage, Reading]]:
    """What is behind an input that is read so; ``around`` are the group nodes around it."""
    for link in socket.links:
        node, source = link.from_node, link.from_socket
        step = (*(group.name for group in around), node.name, source.identifier, reading)
        if step in seen:
            continue
        seen.add(step)
        if isinstance(node, bpy.types.ShaderNodeTexImage):
            if node.image is not None:
                is_alpha = source.identifier == "Alpha"
                yield node, replace(reading, channel=3) if is_alpha else reading
        elif isinstance(node, bpy.types.ShaderNodeGroup) and node.node_tree is not None:
            for inner in node.node_tree.nodes:
                if isinstance(inner, bpy.types.NodeGroupOutput) and inner.is_active_output:
                    inside = same(inner.inputs, source)
                    yield from _behind(inside, reading, (*around, node), seen)
        elif isinstance(node, bpy.types.NodeGroupInput):
            if around:
                outside = same(around[-1].inputs, source)
                yield from _behind(outside, reading, around[:-1], seen)
        else:
            for entry, inner_reading in _inputs(node, source, reading):
                yield from _behind(entry, inner_reading, around, seen)


def _inputs(
    node: bpy.types.Node, source: bpy.types.NodeSocket, reading: Reading
) -> Iterator[tuple[bpy.types.NodeSocket, Reading]]:
    """The inputs of a node, and what they say where its output is read so."""
    if any(output.type == "SHADER" for output in node.outputs):
        for entry in node.inputs:
            yield entry, _of_shader(entry)
        return
    for entry in node.inputs:
        inner = reading
        if node.type == "NORMAL_MAP" and entry.name == "Color":
            inner = Reading("normal")
        elif node.type == "BUMP" and entry.name == "Height":
            inner = Reading("bump")
        elif node.type == "DISPLACEMENT" and entry.name == "Height":
            inner = Reading("height")
        elif node.type in _SEPARATING:
            inner = replace(reading, channel=list(node.outputs).index(source))
        elif node.type == "INVERT" or _is_one_minus(node, entry):
            inner = reading.inverted()
        if entry.name in _AMOUNTS or (node.type in _MIXES and entry.name in ("Fac", "Factor")):
            inner = Reading("data")
        yield entry, inner


def _of_shader(entry: bpy.types.NodeSocket) -> Reading:
    """What an input of a shader says."""
    if entry.type == "SHADER":
        return Reading()
    return Reading(_MEANINGS.get(entry.name, "color" if entry.type == "RGBA" else "data"))


def _is_one_minus(node: bpy.types.Node, entry: bpy.types.NodeSocket) -> bool:
    """Whether an input is the x of a Math node's 1 − x."""
    if node.type != "MATH" or node.operation != "SUBTRACT" or entry != node.inputs[1]:
        return False
    return not node.inputs[0].is_linked and node.inputs[0].default_value == 1.0


def _place(node: bpy.types.ShaderNodeTexImage, material: bpy.types.Material) -> Place:
    """Where a node is.

    Raises:
        BadInput: Its owner is linked from another file.
    """
    owner = check_editable(node, material)
    return Place(OWNERS[0 if owner == material else 1], owner.session_uid, node.name)


def check_editable(
    node: bpy.types.Node, material: bpy.types.Material
) -> bpy.types.Material | bpy.types.NodeTree:
    """What owns a node of a material: the material, or the group that it is in.

    Raises:
        BadInput: It is linked from another file.
    """
    tree = node.id_data
    owner = material if tree == material.node_tree else tree
    if not owner.is_editable:
        raise BadInput(f"“{owner.name}” is linked from another file: make it local to change it.")
    return owner
