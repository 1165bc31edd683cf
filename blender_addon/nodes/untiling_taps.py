"""Know the nodes of an un-tiled map: the artist's own, and two more like it inside a group.

Where the artist's node gets another image, or other coordinates, the others have to follow.
"""

from __future__ import annotations

import bpy

PROPERTY = "texcore_untile"  #: of what un-tiling puts in: which of its parts it is
CELLS, BLENDING, COORDINATES = "cells", "blending", "coordinates"
#: Inputs of the cells that an artist may set.
CELL_SIZE, TURN, PER_OBJECT, SEED = "Cell Size", "Turn", "Per Object", "Seed"
ACROSS, UP = "Repeats Across", "Repeats Up"
ASPECT = "Aspect"  #: of the image: its width over its height
_LOOK = ("extension", "interpolation", "projection")  # of an image node
# What each group has; one that an artist has changed is the artist's own, and left alone.
_INPUTS = {
    CELLS: {"Vector", CELL_SIZE, TURN, PER_OBJECT, SEED, ACROSS, UP, ASPECT},
    BLENDING: {"Color 1", "Vector 2", "Vector 3", "Weights"},
}
_OUTPUTS = {
    CELLS: {"Vector 1", "Vector 2", "Vector 3", "Weights", "Cosines", "Sines"},
    BLENDING: {"Color"},
}


def is_part(block: bpy.types.NodeTree | bpy.types.Node | None, part: str) -> bool:
    """Return whether a group, or a node, is one of the parts that un-tiling puts in."""
    return block is not None and block.get(PROPERTY) == part


def is_group(node: bpy.types.Node | None, part: str) -> bool:
    """Return whether a node is a group node of one of these parts."""
    if not isinstance(node, bpy.types.ShaderNodeGroup) or not is_part(node.node_tree, part):
        return False
    return is_whole(node.node_tree, part)


def is_whole(tree: bpy.types.NodeTree, part: str) -> bool:
    """Return whether a group still has the sockets of a part."""
    sockets = [item for item in tree.interface.items_tree if item.item_type == "SOCKET"]
    inputs = {item.name for item in sockets if item.in_out == "INPUT"}
    outputs = {item.name for item in sockets if item.in_out == "OUTPUT"}
    return _INPUTS[part] <= inputs and _OUTPUTS[part] <= outputs


def find_blending(node: bpy.types.ShaderNodeTexImage) -> bpy.types.ShaderNodeGroup | None:
    """Return the group node that blends what an image node shows, or None if it is not un-tiled."""
    followers = (link.to_node for output in node.outputs for link in output.links)
    return next((each for each in followers if is_group(each, BLENDING)), None)


def find_cells(node: bpy.types.ShaderNodeTexImage) -> bpy.types.ShaderNodeGroup | None:
    """Return the group node that an image node gets its coordinates from, if it is un-tiled."""
    links = node.inputs["Vector"].links
    source = links[0].from_node if links else None
    return source if is_group(source, CELLS) else None


def get_entry(node: bpy.types.ShaderNodeTexImage) -> bpy.types.NodeSocket:
    """Return the input that takes the artist's coordinates: the node's own, or the cells'."""
    cells = find_cells(node)
    return (cells or node).inputs["Vector"]


def separate_cells(nodes: list[bpy.types.ShaderNodeTexImage], scale: float) -> None:
    """Give image nodes whose coordinates will be scaled cells of their own, if others share them.

    They stay as large on the surface, so that all maps still show the same cells.

    Args:
        nodes: They take the same coordinates.
        scale: Of these, upwards.
    """
    old = find_cells(nodes[0])
    if old is None:
        return
    own = [*nodes, *(each for node in nodes if (each := find_blending(node)) is not None)]
    links = [link for output in old.outputs for link in output.links]
    if all(link.to_node in own for link in links):
        return
    tree = old.id_data
    new = tree.nodes.new("ShaderNodeGroup")
    new.node_tree, new.label, new.parent = old.node_tree, old.label, old.parent
    new.location, new.width, new.hide, new.select = old.location, old.width, True, False
    new.location.y += old.height
    for entry, before in zip(new.inputs, old.inputs, strict=True):
        if entry.type == "VALUE":
            entry.default_value = before.default_value
    new.inputs[CELL_SIZE].default_value *= scale
    for link in old.inputs["Vector"].links:
        tree.links.new(link.from_socket, new.inputs["Vector"])
    for link in links:
        if link.to_node in own:
            tree.links.new(new.outputs[link.from_socket.name], link.to_socket)


def list_taps(node: bpy.types.ShaderNodeTexImage) -> list[bpy.types.ShaderNodeTexImage]:
    """Return an image node and, if it is un-tiled, the image nodes inside the group that blends it.

    All of them show the same image.
    """
    blending = find_blending(node)
    if blending is None:
        return [node]
    inside = blending.node_tree.nodes
    return [node, *(n for n in inside if isinstance(n, bpy.types.ShaderNodeTexImage))]


def list_together(node: bpy.types.ShaderNodeTexImage) -> list[bpy.types.ShaderNodeTexImage]:
    """Return the image nodes of all maps that are un-tiled together with that of a node.

    These are blended by the same weights. There are none if the node is not un-tiled.
    """
    lead = find_blending(node)
    if lead is not None and "Weights" not in lead.outputs:
        links = lead.inputs["Weights"].links
        lead = links[0].from_node if links and is_group(links[0].from_node, BLENDING) else lead
    if lead is None:
        return []
    weights = lead.outputs.get("Weights")
    others = [link.to_node for link in weights.links] if weights is not None else []
    found = (each.inputs["Color 1"].links for each in (lead, *others))
    return [links[0].from_node for links in found if links]


def set_image(node: bpy.types.ShaderNodeTexImage, image: bpy.types.Image | None) -> None:
    """Put an image into a node and, if it is un-tiled, into the image nodes of its group."""
    for tap in list_own_taps(node):
        tap.image = image


def list_own_taps(node: bpy.types.ShaderNodeTexImage) -> list[bpy.types.ShaderNodeTexImage]:
    """Return what `list_taps` does, for a change: of a group that is this node's alone.

    A copy of the material has the same group, and the artist means this one.
    """
    blending = find_blending(node)
    if blending is not None and blending.node_tree.users > 1:
        blending.node_tree = blending.node_tree.copy()
    return list_taps(node)


def read_look(node: bpy.types.ShaderNodeTexImage) -> tuple[str, ...]:
    """Return how an image node shows its image, as far as those that show the same have to."""
    return tuple(getattr(node, name) for name in _LOOK)


def give_look(node: bpy.types.ShaderNodeTexImage, look: tuple[str, ...]) -> None:
    """Let an image node show its image as another does, see `read_look`."""
    for name, value in zip(_LOOK, look, strict=True):
        setattr(node, name, value)


def list_links_out(node: bpy.types.ShaderNodeTexImage, output: str) -> list[bpy.types.NodeLink]:
    """Return the links to those that use an output of an image node, or of its blending's."""
    blending = find_blending(node)
    if blending is None or output not in blending.outputs:
        return list(node.outputs[output].links)
    return list(blending.outputs[output].links)


def move_link(link: bpy.types.NodeLink, source: bpy.types.NodeSocket) -> None:
    """Let an input be fed by another socket than before."""
    is_muted = link.is_muted
    new = link.id_data.links.new(source, link.to_socket)
    new.is_muted = is_muted
