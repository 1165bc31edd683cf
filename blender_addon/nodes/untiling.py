"""Un-tile: hide that a texture repeats on a large surface, by nodes, and take them out again.

In front of the maps of a material comes one group, which lays the texture anew in each cell of a
grid (`untiling_cells`); behind each map a second one, which makes one picture of three cells
(`untiling_blending`). The artist's nodes stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..images import marks
from ..images.means import measure_spread
from . import places, untiling_blending, untiling_cells, untiling_taps
from .untiling_subject import Layer, find_layers
from .untiling_taps import BLENDING, CELLS, COORDINATES, PROPERTY, is_group, is_part

SAMPLES = 3  #: of each map, for every sample of the surface
_ABOVE = 45  # of a map's node, where the small nodes lie, in units of the tree


@dataclass(frozen=True)
class Cells:
    """How a texture is laid in the cells.

    Attributes:
        size: Distance of two cells' middles, as a share of the texture's height.
        turn: By how much a cell may be turned to either side, in radians.
        repeats: How often the pattern goes round the texture, across and up: cells are shifted by
            whole patterns. 0 for what does not repeat: cells are shifted anyhow.
        per_object: 1 gives each object other cells, 0 gives all the same.
        seed: Another seed, other cells.
    """

    size: float
    turn: float
    repeats: tuple[int, int] = (0, 0)
    per_object: float = 1.0
    seed: float = 0.0

    def as_inputs(self) -> dict[str, float]:
        """Return what stands in the inputs of the group, by their names."""
        return {
            untiling_taps.CELL_SIZE: self.size,
            untiling_taps.TURN: self.turn,
            untiling_taps.ACROSS: self.repeats[0],
            untiling_taps.UP: self.repeats[1],
            untiling_taps.PER_OBJECT: self.per_object,
            untiling_taps.SEED: self.seed,
        }

    @classmethod
    def read(cls, node: bpy.types.ShaderNodeTexImage) -> Cells | None:
        """Return how an image node is un-tiled, as the artist has set it; None if it is not."""
        cells = untiling_taps.find_cells(node)
        if cells is None:
            return None
        size, turn, across, up, per_object, seed = (
            cells.inputs[name].default_value for name in cls(0, 0).as_inputs()
        )
        return cls(size, turn, (round(across), round(up)), per_object, seed)


def find_untiled(material: bpy.types.Material) -> list[bpy.types.ShaderNodeGroup]:
    """Return the group nodes that lay out the cells of a material's maps, editable or not."""
    tree = places.find_tree(material)
    trees = [] if tree is None else [tree, *places.find_groups(tree)]
    return [node for part in trees for node in part.nodes if is_group(node, CELLS)]


def untile(
    material: bpy.types.Material, like: bpy.types.ShaderNodeTexImage | None, cells: Cells
) -> str:
    """Un-tile the maps of a material that lie alike; those that are so already are laid anew.

    Args:
        material: Whose maps are meant.
        like: See `untiling_subject.find_layers`.
        cells: How the texture is laid.

    Returns:
        What was done, in a sentence.

    Raises:
        BadInput: It cannot be; nothing has been changed then.
    """
    layers, others = find_layers(material, like)
    for layer in layers:
        for node in untiling_taps.list_together(layer.node):
            _take_out(node)
    tree = layers[0].node.id_data
    active = tree.nodes.active
    before: dict[str, bpy.types.ShaderNodeGroup] = {}
    lead: bpy.types.ShaderNodeGroup | None = None
    for layer in layers:
        source = _name_source(layer.node)
        if source not in before:
            before[source] = _put_cells(layer, cells)
        lead = _put_blending(layer, before[source], lead) or lead
    tree.nodes.active = active  # the active node decides which image is meant
    said = f"“{material.name}”: {_count(len(layers))} un-tiled, {SAMPLES} samples a map."
    return f"{said} {_count(others)} with other coordinates left alone." if others else said


def remove(material: bpy.types.Material) -> str:
    """Take out of a material what `untile` has put in.

    Returns:
        What was done, in a sentence.

    Raises:
        BadInput: There is nothing to take out, or it is linked from another file.
    """
    tree = places.find_tree(material)
    trees = [] if tree is None else [tree, *places.find_groups(tree)]
    found = [
        node
        for part in trees
        for node in part.nodes
        if isinstance(node, bpy.types.ShaderNodeTexImage) and untiling_taps.find_blending(node)
    ]
    if not found:
        raise BadInput(f"“{material.name}” is not un-tiled.")
    for node in found:
        places.find_owner(node, material)
    for node in found:
        _take_out(node)
    return f"“{material.name}”: {_count(len(found))} as before."


def refresh(node: bpy.types.ShaderNodeTexImage) -> None:
    """Measure the image of an un-tiled node anew; nothing happens to another node."""
    blending, cells = untiling_taps.find_blending(node), untiling_taps.find_cells(node)
    if blending is None or node.image is None or not all(node.image.size):
        return
    untiling_blending.set_spread(blending.node_tree, measure_spread(node.image))
    repeats = marks.read_repeats(node.image)
    if cells is not None:
        width, height = node.image.size
        cells.inputs[untiling_taps.ASPECT].default_value = width / height
        if any(repeats) and cells.inputs[untiling_taps.TURN].default_value == 0:
            cells.inputs[untiling_taps.ACROSS].default_value = repeats[0]
            cells.inputs[untiling_taps.UP].default_value = repeats[1]


def _count(maps: int) -> str:
    return "1 map" if maps == 1 else f"{maps} maps"


def _name_source(node: bpy.types.ShaderNodeTexImage) -> str:
    """Return what feeds a node's coordinates, in a word."""
    links = node.inputs["Vector"].links
    return f"{links[0].from_node.name} {links[0].from_socket.identifier}" if links else ""


def _put_cells(layer: Layer, cells: Cells) -> bpy.types.ShaderNodeGroup:
    """Put the cells in front of the first of the maps that take the same coordinates."""
    tree, entry = layer.node.id_data, layer.node.inputs["Vector"]
    node = _add_group(layer.node, _get_cells(), 2 * _ABOVE)
    if entry.links:
        tree.links.new(entry.links[0].from_socket, node.inputs["Vector"])
    else:
        coordinates = tree.nodes.new("ShaderNodeTexCoord")
        coordinates[PROPERTY] = COORDINATES
        coordinates.location = (layer.node.location.x - 200, layer.node.location.y + 2 * _ABOVE)
        coordinates.parent, coordinates.hide, coordinates.select = layer.node.parent, True, False
        tree.links.new(coordinates.outputs["UV"], node.inputs["Vector"])
    width, height = layer.node.image.size
    values = cells.as_inputs() | {untiling_taps.ASPECT: width / height}
    for name, value in values.items():
        node.inputs[name].default_value = value
    return node


def _get_cells() -> bpy.types.NodeTree:
    """Return the file's group of cells, or build it."""
    for tree in bpy.data.node_groups:
        if is_part(tree, CELLS) and tree.is_editable and untiling_taps.is_whole(tree, CELLS):
            return tree
    tree = untiling_cells.build_cells()
    tree[PROPERTY] = CELLS
    return tree


def _put_blending(
    layer: Layer, cells: bpy.types.ShaderNodeGroup, lead: bpy.types.ShaderNodeGroup | None
) -> bpy.types.ShaderNodeGroup | None:
    """Put the blending behind a map; returns its node if the maps after it take its weights."""
    node, links = layer.node, layer.node.id_data.links
    blend = layer.describe(leads=lead is None)
    group = untiling_blending.build_blending(node, layer.title, blend)
    group[PROPERTY] = BLENDING
    blending = _add_group(node, group, _ABOVE)
    for name in ("Color", "Alpha"):
        if name in blending.outputs:
            for link in list(node.outputs[name].links):
                untiling_taps.move_link(link, blending.outputs[name])
            links.new(node.outputs[name], blending.inputs[f"{name} 1"])
    links.new(cells.outputs["Vector 1"], node.inputs["Vector"])
    for number in (2, 3):
        links.new(cells.outputs[f"Vector {number}"], blending.inputs[f"Vector {number}"])
    links.new((lead or cells).outputs["Weights"], blending.inputs["Weights"])
    if blend.is_normal:
        for name in ("Cosines", "Sines"):
            links.new(cells.outputs[name], blending.inputs[name])
    return blending if blend.leads else None


def _add_group(
    beside: bpy.types.Node, group: bpy.types.NodeTree, above: float
) -> bpy.types.ShaderNodeGroup:
    """Add a small group node above another node."""
    node = beside.id_data.nodes.new("ShaderNodeGroup")
    node.node_tree = group
    node.label = group.name
    node.parent = beside.parent
    node.location = (beside.location.x, beside.location.y + above)
    node.width = beside.width
    node.hide, node.select = True, False
    return node


def _take_out(node: bpy.types.ShaderNodeTexImage) -> None:
    """Take the blending behind a map out, and the cells in front of it if nothing needs them."""
    tree = node.id_data
    blending, cells = untiling_taps.find_blending(node), untiling_taps.find_cells(node)
    if cells is not None:
        outer = cells.inputs["Vector"].links
        source = outer[0].from_socket if outer else None
        if source is None or is_part(source.node, COORDINATES):
            tree.links.remove(node.inputs["Vector"].links[0])
        else:
            tree.links.new(source, node.inputs["Vector"])
    if blending is not None:
        for name in ("Color", "Alpha"):
            if name in blending.outputs:
                for link in list(blending.outputs[name].links):
                    untiling_taps.move_link(link, node.outputs[name])
        _drop(blending)
    if cells is not None and not any(output.is_linked for output in cells.outputs):
        outer = cells.inputs["Vector"].links
        source_node = outer[0].from_node if outer else None
        _drop(cells)
        if is_part(source_node, COORDINATES):
            tree.nodes.remove(source_node)


def _drop(node: bpy.types.ShaderNodeGroup) -> None:
    """Remove a group node, and its group if that was the last one."""
    group = node.node_tree
    node.id_data.nodes.remove(node)
    if group is not None and group.users == 0:
        bpy.data.node_groups.remove(group)
