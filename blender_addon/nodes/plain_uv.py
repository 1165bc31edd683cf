"""Lay an image that was made for an object by the object's UV map alone, and give back what was.

A photo may lie on an object by a Mapping node, many times over, or by coordinates that are no UVs.
What is made for an object fits its UV map and nothing else. So a node that holds such an image
takes a UV Map node. What fed it before feeds a Reroute node meanwhile, and the image node again as
soon as this gets any other image: none of the artist's nodes is changed, and none is lost.
"""

from __future__ import annotations

import bpy

from ..images import marks

UV_LABEL = "Texcore UV Map"  #: of the UV Map nodes put in
KEPT_LABEL = "Texcore Coordinates"  #: of the Reroute nodes that keep what fed an image node
_KEPT = "texcore_kept"  # of an image node: the name of the Reroute node; empty for no link before
_EXTENT = "texcore_kept_extent"  # of an image node: what the coordinates before were scaled for


def is_laid(node: bpy.types.ShaderNodeTexImage) -> bool:
    """Return whether an image node takes a UV map of ours instead of what fed it before."""
    return isinstance(node.get(_KEPT), str)


def measure_kept(node: bpy.types.ShaderNodeTexImage) -> tuple[float, float] | None:
    """Return the extent of the image that the coordinates before were scaled for, if they are kept.

    See `marks.measure_extent`.
    """
    return marks.read_sides(node.get(_EXTENT)) if is_laid(node) else None


def takes(node: bpy.types.ShaderNodeTexImage, uv_map: str, rendered: str) -> bool:
    """Return whether an image node takes a UV map as it is already.

    Args:
        node: The node.
        uv_map: Name of the UV map.
        rendered: Name of the one that a node without a link takes.
    """
    links = node.inputs["Vector"].links
    if not links:
        return uv_map == rendered
    source, name = links[0].from_node, links[0].from_socket.name
    if isinstance(source, bpy.types.ShaderNodeUVMap):
        return (source.uv_map or rendered) == uv_map and not source.from_instancer
    is_uv = isinstance(source, bpy.types.ShaderNodeTexCoord) and name == "UV"
    return is_uv and uv_map == rendered and not source.from_instancer


def lay(node: bpy.types.ShaderNodeTexImage, uv_map: str) -> None:
    """Let an image node take a UV map, and keep what feeds it now.

    Args:
        node: The node, with the image in it that it had so far.
        uv_map: Name of the UV map.
    """
    tree, entry = node.id_data, node.inputs["Vector"]
    active = tree.nodes.active
    before = entry.links[0].from_node if entry.links else None
    if not is_laid(node) and node.image is not None:
        node[_EXTENT] = marks.measure_extent(node.image)
    if not is_laid(node) or before is None or before.label != UV_LABEL:
        _forget(node)  # the artist has linked something else meanwhile, and that is kept
        node[_KEPT] = _keep(node) if entry.links else ""
    tree.links.new(_find_or_add(node, uv_map).outputs["UV"], entry)
    _remove_idle(tree, before)
    tree.nodes.active = active  # the active node decides which image is meant


def lay_alike(
    node: bpy.types.ShaderNodeTexImage, like: bpy.types.ShaderNodeTexImage, uv_map: str
) -> None:
    """Let an image node of the same tree take a UV map as another does, with the same before it."""
    kept = _find_kept(like)
    if kept is not None and kept.inputs[0].links:
        node.id_data.links.new(kept.inputs[0].links[0].from_socket, node.inputs["Vector"])
    lay(node, uv_map)
    if _EXTENT in like:
        node[_EXTENT] = like[_EXTENT]


def give_back(node: bpy.types.ShaderNodeTexImage) -> None:
    """Let what fed an image node before feed it again; nothing if it was never taken away.

    Where the artist has linked something else meanwhile, that stays.
    """
    if not is_laid(node):
        return
    tree, entry = node.id_data, node.inputs["Vector"]
    kept = _find_kept(node)
    links = list(entry.links)
    source = links[0].from_node if links else None
    if source is not None and source.label == UV_LABEL:
        tree.links.remove(links[0])
        if kept is not None and kept.inputs[0].links:
            tree.links.new(kept.inputs[0].links[0].from_socket, entry)
        _remove_idle(tree, source)
    _forget(node)
    if _EXTENT in node:
        del node[_EXTENT]


def _find_kept(node: bpy.types.ShaderNodeTexImage) -> bpy.types.Node | None:
    """Return the Reroute node that keeps what fed an image node before, if there is one."""
    kept = node.id_data.nodes.get(node[_KEPT]) if is_laid(node) else None
    return kept if kept is not None and kept.label == KEPT_LABEL else None


def _forget(node: bpy.types.ShaderNodeTexImage) -> None:
    """Remove the Reroute node that keeps what fed an image node before."""
    kept = _find_kept(node)
    if kept is not None:
        node.id_data.nodes.remove(kept)
    if _KEPT in node:
        del node[_KEPT]


def _keep(node: bpy.types.ShaderNodeTexImage) -> str:
    """Let what feeds an image node feed a Reroute node too; returns its name."""
    tree, entry = node.id_data, node.inputs["Vector"]
    kept = tree.nodes.new("NodeReroute")
    kept.label, kept.parent, kept.select = KEPT_LABEL, node.parent, False
    kept.location = node.location.x - 60, node.location.y - 60
    tree.links.new(entry.links[0].from_socket, kept.inputs[0])
    return kept.name


def _find_or_add(node: bpy.types.ShaderNodeTexImage, uv_map: str) -> bpy.types.ShaderNodeUVMap:
    """Return a UV Map node of ours, which the maps of a material share."""
    nodes = node.id_data.nodes
    for each in nodes:
        is_ours = isinstance(each, bpy.types.ShaderNodeUVMap) and each.label == UV_LABEL
        if is_ours and each.uv_map == uv_map:
            return each
    new = nodes.new("ShaderNodeUVMap")
    new.label, new.uv_map, new.parent, new.select = UV_LABEL, uv_map, node.parent, False
    new.location = node.location.x - 220, node.location.y - 160
    return new


def _remove_idle(tree: bpy.types.NodeTree, node: bpy.types.Node | None) -> None:
    """Remove a UV Map node of ours that nothing takes any more."""
    if node is None or node.label != UV_LABEL or any(out.links for out in node.outputs):
        return
    if isinstance(node, bpy.types.ShaderNodeUVMap):
        tree.nodes.remove(node)
