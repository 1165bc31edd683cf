"""The node group of a solid texture: it looks a place up in the picture of a cube's slices.

Between two slices it mixes, and each slice has a gutter of what lies beyond its border, so that the
cube repeats without a seam. It has the photo that it stands for as an input: the texture itself is
mixed over it, and whoever walks the tree goes on to the photo.
"""

from __future__ import annotations

import bpy

from ..bundled.texcore.contract.solids import GUTTER, SliceAtlas
from .untiling_graph import Graph

NAME = "Texcore Solid {}"
PHOTO, VECTOR, SIZE, AMOUNT = "Photo", "Vector", "Size", "Amount"  #: inputs of the group
COLOR = "Color"  #: its output
_PROPERTY = "texcore_solid"  # of the group: the voxels of its cube's side
_DECIMETRE, _MILLIMETRE = 0.1, 0.001  # what a cube is by itself, and at least


def is_solid_tree(tree: bpy.types.ID | None) -> bool:
    """Return whether a node group is that of a solid texture."""
    return tree is not None and isinstance(tree.get(_PROPERTY), int)


def is_solid(node: bpy.types.Node | None) -> bool:
    """Return whether a node is a group node of a solid texture, with all its sockets."""
    if not isinstance(node, bpy.types.ShaderNodeGroup) or not is_solid_tree(node.node_tree):
        return False
    return {PHOTO, VECTOR, SIZE} <= set(node.inputs.keys()) and COLOR in node.outputs


def find_photo(node: bpy.types.ShaderNodeGroup) -> bpy.types.NodeSocket:
    """Return the input that takes what the solid texture stands for."""
    return node.inputs[PHOTO]


def build_solid(image: bpy.types.Image, voxels: int) -> bpy.types.NodeTree:
    """Build the group of a solid texture.

    Args:
        image: The picture of its slices.
        voxels: Of the cube's side.
    """
    graph = Graph(NAME.format(image.name))
    graph.tree[_PROPERTY] = voxels
    atlas = SliceAtlas(voxels)
    photo = graph.add_input(PHOTO, "Color", hide_value=True)
    vector = graph.add_input(VECTOR, "Vector", hide_value=True)
    size = graph.add_input(SIZE, "Float", _DECIMETRE, min_value=_MILLIMETRE, subtype="DISTANCE")
    amount = graph.add_input(AMOUNT, "Float", 1.0, min_value=0.0, max_value=1.0, subtype="FACTOR")
    place = graph.scale(vector, graph.compute("DIVIDE", 1.0, size))
    x, y, z = graph.separate(graph.compute_vector("FRACTION", place))
    # Of pictures and of the cube, all is counted from the top.
    right = graph.compute("ADD", graph.compute("MULTIPLY", x, float(voxels)), float(GUTTER))
    down = graph.compute("MULTIPLY_ADD", y, -float(voxels), float(voxels + GUTTER))
    depth = graph.compute("MULTIPLY_ADD", z, -float(voxels), voxels - 0.5)
    first = graph.compute("FLOOR", depth)
    between = graph.compute("SUBTRACT", depth, first)
    colors = []
    for step in (0.0, 1.0):
        number = graph.compute("ADD", first, step)
        number = graph.compute("FLOORED_MODULO", number, float(voxels))
        colors.append(_look_up(graph, image, atlas, number, right, down))
    mixed = _mix(graph, between, *colors)
    graph.add_output(COLOR, "Color", _mix(graph, amount, photo, mixed))
    return graph.tree


def _look_up(
    graph: Graph,
    image: bpy.types.Image,
    atlas: SliceAtlas,
    number: bpy.types.NodeSocket,
    right: bpy.types.NodeSocket,
    down: bpy.types.NodeSocket,
) -> bpy.types.NodeSocket:
    """Look a slice up, by its number, at a place within it in pixels."""
    cell, columns = float(atlas.cell), float(atlas.columns)
    # A whole number over a power of two is exact, so its floor is.
    row = graph.compute("FLOOR", graph.compute("DIVIDE", number, columns))
    column = graph.compute("FLOORED_MODULO", number, columns)
    across = graph.compute("MULTIPLY_ADD", column, cell, right)
    below = graph.compute("MULTIPLY_ADD", row, cell, down)
    u = graph.compute("DIVIDE", across, float(atlas.width))
    v = graph.compute("SUBTRACT", 1.0, graph.compute("DIVIDE", below, float(atlas.height)))
    texture = graph.add("ShaderNodeTexImage")
    texture.image = image
    # EEVEE looks a coarser picture up where neighbours on the screen lie far apart in this one, as
    # they do between two cells; but none for cubic interpolation.
    texture.interpolation, texture.extension = "Cubic", "CLIP"
    graph.feed(texture.inputs["Vector"], graph.combine(u, v))
    return texture.outputs["Color"]


def _mix(
    graph: Graph,
    factor: bpy.types.NodeSocket,
    one: bpy.types.NodeSocket,
    other: bpy.types.NodeSocket,
) -> bpy.types.NodeSocket:
    """Mix two colours."""
    node = graph.add("ShaderNodeMix")
    node.data_type = "RGBA"
    entries = {entry.identifier: entry for entry in node.inputs}
    graph.feed(entries["Factor_Float"], factor)
    graph.feed(entries["A_Color"], one)
    graph.feed(entries["B_Color"], other)
    outputs = {output.identifier: output for output in node.outputs}
    return outputs["Result_Color"]
