"""Say which maps a material lacks that can be guessed from its base color, and plug them in.

The guessing is the engine's, see `texcore.maps.deriving`. What a material has already is kept: a
socket that anything feeds stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import KINDS, NORMALS
from ..images import marks
from ..images.exchange import ExportedImage
from . import places, plain_uv, untiling_taps
from .maps import MapImage
from .walker import Entries, WalkStep, walk_back
from .wiring import COLUMN, ROW, Wiring

_FRAME = "Estimated by Texcore"
# A mask of edges is for the artist to link: the shader has no input for it.
_LOOSE = ("curvature",)
_UNDRAWN_HEIGHT = 320  # of a node that has not been drawn yet, in units of the tree


def split_derived(found: list[MapImage]) -> tuple[dict[str, MapImage], list[MapImage]]:
    """Return the maps that were derived, by what they are, and the others.

    A derived map follows the base color that it was derived from. Where that is gone, it is a map
    like others; so is a second one of a kind.
    """
    derived: dict[str, MapImage] = {}
    given: list[MapImage] = []
    for entry in found:
        image = places.get_image(entry.uid)
        kind = marks.read_derived(image)
        if kind and kind not in derived:
            derived[kind] = entry
        else:
            given.append(entry)
    kinds = _note_normals({entry.kind for entry in given})
    if "base_color" not in kinds:
        return {}, found
    return {kind: entry for kind, entry in derived.items() if kind not in kinds}, given


def _note_normals(kinds: set[str]) -> set[str]:
    """Add the other convention's normals to some kinds where one of the two is among them."""
    return kinds if kinds.isdisjoint(NORMALS) else kinds | set(NORMALS)


def has_derived(material: bpy.types.Material) -> bool:
    """Return whether any map in a material's nodes was derived."""
    images = [node.image for node in places.find_texture_nodes(material)]
    return any(marks.read_derived(image) for image in images if image is not None)


def find_loose(
    material: bpy.types.Material, derived: Iterable[str], given: Iterable[MapImage]
) -> dict[str, MapImage]:
    """Return the derived maps that lie in a material's nodes and feed nothing, by what they are.

    Args:
        material: The material.
        derived: Kinds of derived maps that were found where they feed something.
        given: Its other maps; a kind that is among them follows no base color.
    """
    there = {*derived, *(entry.kind for entry in given)}
    found: dict[str, MapImage] = {}
    for node in places.find_texture_nodes(material):
        kind = marks.read_derived(node.image) if node.image is not None else ""
        if kind in _LOOSE and kind not in there:
            entry = found.setdefault(kind, MapImage(node.image.session_uid, kind))
            if entry.uid == node.image.session_uid:
                entry.places.append(places.locate(node, material))
    return found


def list_lacking(
    material: bpy.types.Material, wanted: Iterable[str], found: Iterable[MapImage]
) -> list[str]:
    """Return those of some kinds that a material has no map for, and nothing else either.

    Args:
        material: The material.
        wanted: Of `map_kinds.DERIVABLE`.
        found: Its maps, see `maps.find_maps`.

    Raises:
        BadInput: There is no Principled BSDF to plug them into, or nothing that colours it.
    """
    wanted = list(wanted)
    if not wanted:
        return []
    shader = _get_shader(material)
    if not shader.inputs["Base Color"].is_linked:
        raise BadInput(
            f"Nothing colours the Principled BSDF of “{material.name}”: maps are derived from its "
            "base color."
        )
    kinds = _note_normals({entry.kind.rstrip("0123456789") for entry in found})
    says = kinds | {channel for kind in kinds for channel in KINDS[kind].channels}
    displacement = _get_output(material).inputs["Displacement"]
    has = {
        "height": displacement.is_linked or "bump" in kinds,
        "normal": shader.inputs["Normal"].is_linked,
        "roughness": shader.inputs["Roughness"].is_linked,
        "ao": "ao" in says,
        "curvature": bool(find_loose(material, (), ())),
    }
    return [kind for kind in wanted if not has[kind] and kind not in kinds]


def describe_derived(kind: str) -> ExportedImage:
    """Return what `exchange.bring_in` must know of a derived map."""
    return ExportedImage(
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
        material: It lacks them, see `list_lacking`.
        made: The maps by kind.
        base: The node with the base color, whose coordinates they get.
    """
    shader, output = _get_shader(material), _get_output(material)
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
    x, y = _find_free_place(shader, base)
    textures = {}
    for row, (kind, image) in enumerate(made.items()):
        node = wiring.add_texture(image, KINDS[kind].label, x, y - row * ROW)
        node.name = f"Texcore {KINDS[kind].label}"
        _lay_alike(node, base)
        textures[kind] = node.outputs["Color"]
    if "ao" in textures:
        entry = shader.inputs["Base Color"]
        colour = wiring.multiply(entry.links[0].from_socket, textures["ao"], textures["ao"])
        wiring.link(colour, entry)
    if "roughness" in textures:
        wiring.link(textures["roughness"], shader.inputs["Roughness"])
    if "normal" in textures:
        normal = wiring.add_normal(textures["normal"])
        normal.node.uv_map = _find_uv_map(base)
        wiring.link(normal, shader.inputs["Normal"])
    if "height" in textures:
        wiring.link(wiring.add_displacement(textures["height"]), output.inputs["Displacement"])
    frame = wiring.tree.nodes.new("NodeFrame")
    frame.label, frame.select = _FRAME, False
    for node in wiring.added:
        node.parent = frame


def _get_output(material: bpy.types.Material) -> bpy.types.Node:
    """Return the Material Output node of a material.

    Raises:
        BadInput: There is none.
    """
    output = places.find_output(material.node_tree)
    if output is None:
        raise BadInput(f"The material “{material.name}” has no Material Output node.")
    return output


def _get_shader(material: bpy.types.Material) -> bpy.types.Node:
    """Return the Principled BSDF behind the output, in a group perhaps.

    Raises:
        BadInput: There is none, or it is in data linked from another file.
    """
    surface = _get_output(material).inputs["Surface"]
    for step in walk_back([(surface, None)], _enter_shaders):
        if step.node.type == "BSDF_PRINCIPLED":
            places.find_owner(step.node, material)
            return step.node
    raise BadInput(
        f"“{material.name}” has no Principled BSDF that derived maps could be plugged into."
    )


def _enter_shaders(step: WalkStep[None]) -> Entries[None]:
    return [(entry, None) for entry in step.node.inputs if entry.type == "SHADER"]


def _find_free_place(
    shader: bpy.types.Node, base: bpy.types.ShaderNodeTexImage | None
) -> tuple[float, float]:
    """Return where a column of textures, a node beside each, lies over nothing."""
    x = _measure_position(shader)[0] - 2.2 * COLUMN
    if base is not None and base.id_data == shader.id_data:
        x = min(x, _measure_position(base)[0])
    lowest = [
        _measure_position(node)[1] - (node.dimensions.y or _UNDRAWN_HEIGHT)
        for node in shader.id_data.nodes
        if node.type != "FRAME" and x - COLUMN < _measure_position(node)[0] < x + 2 * COLUMN
    ]
    return x, min(lowest, default=_measure_position(shader)[1]) - ROW / 3


def _measure_position(node: bpy.types.Node) -> tuple[float, float]:
    """Return where a node is, whatever frames it is in."""
    x, y = node.location
    frame = node.parent
    while frame is not None:
        x, y = x + frame.location.x, y + frame.location.y
        frame = frame.parent
    return x, y


def _lay_alike(
    node: bpy.types.ShaderNodeTexImage, base: bpy.types.ShaderNodeTexImage | None
) -> None:
    """Let a node lay its image on the surface as another does."""
    if base is None:
        return
    for name in ("extension", "interpolation", "projection", "projection_blend"):
        setattr(node, name, getattr(base, name))
    for name in ("translation", "rotation", "scale"):
        setattr(node.texture_mapping, name, getattr(base.texture_mapping, name))
    uv_map = marks.read_uv_map(node.image)
    if uv_map and base.id_data == node.id_data:
        plain_uv.lay_alike(node, base, uv_map)
        return
    links = untiling_taps.get_entry(base).links
    if links and base.id_data == node.id_data:
        node.id_data.links.new(links[0].from_socket, node.inputs["Vector"])


def _find_uv_map(base: bpy.types.ShaderNodeTexImage | None) -> str:
    """Return the UV map that a node takes, where a node says it; empty for the active one."""
    if base is None:
        return ""
    way = walk_back([(base.inputs["Vector"], None)], _enter_vectors)
    return next((step.node.uv_map for step in way if step.node.type == "UVMAP"), "")


def _enter_vectors(step: WalkStep[None]) -> Entries[None]:
    entry = step.node.inputs.get("Vector")
    return [] if entry is None else [(entry, None)]
