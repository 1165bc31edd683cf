"""Maps guessed from a base color: which ones a material lacks, and where they are plugged in.

The guessing is the engine's, see its ``material/derive.py``. What a material has already is kept:
a socket that anything feeds stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import KINDS, check_derivable
from ..bundled.texcore.contract.recipe import Choice
from ..images import marks
from ..images.exchange import Exemplar
from . import maps
from .maps import MapImage
from .places import same
from .wiring import COLUMN, ROW, Wiring

#: What can be derived, in the words of the panel.
CHOICES = (
    Choice("height", "Height", "An estimate: dark is taken for deep. Into a Displacement node"),
    Choice("normal", "Normal", "An estimate: the slopes of that height. Into a Normal Map node"),
    Choice("roughness", "Roughness", "An estimate: grain is taken for rough, raised for smooth"),
    Choice("ao", "AO", "An estimate: how deep in that height. Multiplied into the base color"),
)
DESCRIPTION = (
    "Guess these maps from the new base color, where the material has none. They are estimates: a "
    "stain becomes a dent"
)
_FRAME = "Estimated by Texcore"
_HIGH = 320  # of a node that has not been drawn yet


def chosen(text: str) -> list[str]:
    """The kinds in a text such as ``height,normal``.

    Raises:
        BadInput: One cannot be derived.
    """
    kinds = [kind for word in text.split(",") if (kind := word.strip())]
    check_derivable(kinds)
    return [choice.id for choice in CHOICES if choice.id in kinds]


def text(kinds: Iterable[str]) -> str:
    """The inverse of `chosen`."""
    return ",".join(choice.id for choice in CHOICES if choice.id in kinds)


def is_derived(image: bpy.types.Image) -> bool:
    """Whether an image was guessed from a base color."""
    return marks.DERIVED_PROPERTY in image


def lacking(
    material: bpy.types.Material, wanted: Iterable[str], found: Iterable[MapImage]
) -> list[str]:
    """Those of some kinds that a material has no map for, and nothing else either.

    Raises:
        BadInput: There is no Principled BSDF to plug them into, or nothing that colours it.
    """
    wanted = list(wanted)
    if not wanted:
        return []
    shader = _shader(material)
    if not shader.inputs["Base Color"].is_linked:
        raise BadInput(
            f"Nothing colours the Principled BSDF of “{material.name}”: maps are derived from its "
            "base color."
        )
    kinds = {entry.kind.rstrip("0123456789") for entry in found}
    says = kinds | {channel for kind in kinds for channel in KINDS[kind].channels}
    has = {
        "height": _output(material).inputs["Displacement"].is_linked or bool({"bump"} & kinds),
        "normal": shader.inputs["Normal"].is_linked,
        "roughness": shader.inputs["Roughness"].is_linked,
        "ao": "ao" in says,
    }
    return [kind for kind in wanted if not has[kind] and kind not in kinds]


def exemplar(kind: str) -> Exemplar:
    """What `images.bring_in` must know of a derived map."""
    return Exemplar(
        path=Path(f"{kind}.png"),
        encoding="data",
        bit_depth="auto",
        suffix=".png",
        colorspace="Non-Color",
        alpha_mode="NONE",
    )


def wire(
    material: bpy.types.Material,
    made: Mapping[str, bpy.types.Image],
    base: bpy.types.ShaderNodeTexImage | None,
) -> None:
    """Plug derived maps into a material, in a frame below all else.

    Args:
        material: It lacks them, see `lacking`.
        made: The maps by kind.
        base: The node with the base color, whose coordinates they get.
    """
    shader, output = _shader(material), _output(material)
    outer = [kind for kind in made if kind == "height" and output.id_data != shader.id_data]
    _wire_in(shader, output, {k: image for k, image in made.items() if k not in outer}, base)
    _wire_in(output, output, {k: made[k] for k in outer}, base)


def _wire_in(
    shader: bpy.types.Node,
    output: bpy.types.Node,
    made: Mapping[str, bpy.types.Image],
    base: bpy.types.ShaderNodeTexImage | None,
) -> None:
    """Plug maps into the shader; an output in another tree is a “shader” that is only displaced."""
    if not made:
        return
    wiring = Wiring(shader.id_data)
    x, y = _free_place(shader, base)
    textures = {}
    for row, (kind, image) in enumerate(made.items()):
        node = wiring.texture(image, KINDS[kind].label, x, y - row * ROW)
        node.name = f"Texcore {KINDS[kind].label}"
        _like(node, base)
        textures[kind] = node.outputs["Color"]
    if "ao" in textures:
        entry = shader.inputs["Base Color"]
        colour = wiring.times(entry.links[0].from_socket, textures["ao"], textures["ao"])
        wiring.link(colour, entry)
    if "roughness" in textures:
        wiring.link(textures["roughness"], shader.inputs["Roughness"])
    if "normal" in textures:
        normal = wiring.normal(textures["normal"])
        normal.node.uv_map = _uv_map(base)
        wiring.link(normal, shader.inputs["Normal"])
    if "height" in textures:
        wiring.link(wiring.displacement(textures["height"]), output.inputs["Displacement"])
    frame = wiring.tree.nodes.new("NodeFrame")
    frame.label, frame.select = _FRAME, False
    for node in wiring.added:
        node.parent = frame


def _output(material: bpy.types.Material) -> bpy.types.Node:
    """Raises BadInput."""
    tree = material.node_tree
    output = tree.get_output_node("ALL") or tree.get_output_node("EEVEE")
    if output is None:
        raise BadInput(f"The material “{material.name}” has no Material Output node.")
    return output


def _shader(material: bpy.types.Material) -> bpy.types.Node:
    """The Principled BSDF behind the output, in a group perhaps.

    Raises:
        BadInput: There is none, or it is in data linked from another file.
    """
    sockets = [_output(material).inputs["Surface"]]
    while sockets:
        for link in sockets.pop(0).links:
            node = link.from_node
            if node.type == "BSDF_PRINCIPLED":
                maps.check_editable(node, material)
                return node
            if isinstance(node, bpy.types.ShaderNodeGroup) and node.node_tree is not None:
                ends = [n for n in node.node_tree.nodes if isinstance(n, bpy.types.NodeGroupOutput)]
                sockets += [same(n.inputs, link.from_socket) for n in ends if n.is_active_output]
            else:
                sockets += [entry for entry in node.inputs if entry.type == "SHADER"]
    raise BadInput(
        f"“{material.name}” has no Principled BSDF that derived maps could be plugged into."
    )


def _free_place(
    shader: bpy.types.Node, base: bpy.types.ShaderNodeTexImage | None
) -> tuple[float, float]:
    """Where a column of textures and a node beside each lie over nothing, left of the shader."""
    x = _at(shader)[0] - 2.2 * COLUMN
    if base is not None and base.id_data == shader.id_data:
        x = min(x, _at(base)[0])
    lowest = [
        _at(node)[1] - (node.dimensions.y or _HIGH)
        for node in shader.id_data.nodes
        if node.type != "FRAME" and x - COLUMN < _at(node)[0] < x + 2 * COLUMN
    ]
    return x, min(lowest, default=_at(shader)[1]) - ROW / 3


def _at(node: bpy.types.Node) -> tuple[float, float]:
    """Where a node is, whatever frames it is in."""
    x, y = node.location
    frame = node.parent
    while frame is not None:
        x, y = x + frame.location.x, y + frame.location.y
        frame = frame.parent
    return x, y


def _like(node: bpy.types.ShaderNodeTexImage, base: bpy.types.ShaderNodeTexImage | None) -> None:
    """Let a node lay its image on the surface as another does."""
    if base is None:
        return
    for name in ("extension", "interpolation", "projection", "projection_blend"):
        setattr(node, name, getattr(base, name))
    for name in ("translation", "rotation", "scale"):
        setattr(node.texture_mapping, name, getattr(base.texture_mapping, name))
    links = base.inputs["Vector"].links
    if links and base.id_data == node.id_data:
        node.id_data.links.new(links[0].from_socket, node.inputs["Vector"])


def _uv_map(base: bpy.types.ShaderNodeTexImage | None) -> str:
    """Name of the UV map that a node takes, where a node says it; empty for the active one."""
    node: bpy.types.Node | None = base
    while node is not None:
        if node.type == "UVMAP":
            return node.uv_map
        entry = node.inputs.get("Vector")
        node = entry.links[0].from_node if entry is not None and entry.links else None
    return ""
