"""Put a solid texture behind a photo's node, and take it out again.

The artist's node stays as it is; what took its colour takes the solid texture's.
"""

from __future__ import annotations

import bpy

from ..bundled.texcore.contract.errors import BadInput
from . import places
from .solid_group import COLOR, PHOTO, SIZE, VECTOR, build_solid, is_solid
from .untiling_taps import list_links_out, move_link

_COORDINATES = "texcore_solid_coordinates"  # property of the node that says where a point is
_ABOVE, _BESIDE = 60, 200  # of the photo's node, where the new ones lie, in units of the tree
# How often the cube goes into the longest side of an object, where nobody has said it.
_TIMES = 2.0


def find_solids(material: bpy.types.Material) -> list[bpy.types.ShaderNodeGroup]:
    """Return the group nodes of solid textures in a material, editable or not."""
    tree = places.find_tree(material)
    trees = [] if tree is None else [tree, *places.find_groups(tree)]
    return [node for part in trees for node in part.nodes if is_solid(node)]


def find_solid(node: bpy.types.ShaderNodeTexImage) -> bpy.types.ShaderNodeGroup | None:
    """Return the group node of the solid texture that stands for a photo's node, or None."""
    followers = (link.to_node for link in list_links_out(node, COLOR))
    return next((each for each in followers if is_solid(each)), None)


def put_in(
    node: bpy.types.ShaderNodeTexImage, image: bpy.types.Image, voxels: int, size: float
) -> bpy.types.ShaderNodeGroup:
    """Let a solid texture stand for a photo's node; one that does already is replaced.

    Args:
        node: The photo's.
        image: The picture of the cube's slices.
        voxels: Of its side.
        size: Of the cube in space, in Blender's units, if none stood there.
    """
    group = build_solid(image, voxels)
    old = find_solid(node)
    if old is not None:
        before, old.node_tree = old.node_tree, group
        old.label = group.name
        _drop_group(before)
        return old
    tree = node.id_data
    active = tree.nodes.active
    links = list_links_out(node, COLOR)
    source = links[0].from_socket if links else node.outputs[COLOR]
    new = tree.nodes.new("ShaderNodeGroup")
    new.node_tree, new.label, new.parent = group, group.name, node.parent
    new.location, new.width = (node.location.x, node.location.y + _ABOVE), node.width
    new.hide, new.select = True, False
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    coordinates[_COORDINATES] = True
    coordinates.location = (node.location.x - _BESIDE, node.location.y + _ABOVE)
    coordinates.parent, coordinates.hide, coordinates.select = node.parent, True, False
    for link in links:
        move_link(link, new.outputs[COLOR])
    tree.links.new(source, new.inputs[PHOTO])
    tree.links.new(coordinates.outputs["Object"], new.inputs[VECTOR])
    new.inputs[SIZE].default_value = size
    tree.nodes.active = active  # the active node decides which image is meant
    return new


def take_out(material: bpy.types.Material) -> int:
    """Take all solid textures out of a material; returns how many there were.

    Raises:
        BadInput: There is none, or one is linked from another file.
    """
    found = find_solids(material)
    if not found:
        raise BadInput(f"“{material.name}” has no solid texture.")
    for node in found:
        places.find_owner(node, material)
    for node in found:
        _take_out(node)
    return len(found)


def measure_size(thing: bpy.types.Object | None) -> float:
    """Return how large a cube is at first that an object shall be of."""
    if thing is None:
        return 1.0
    corners = [tuple(corner) for corner in thing.bound_box]
    sides = (max(along) - min(along) for along in zip(*corners, strict=True))
    return max(sides) / _TIMES or 1.0


def _take_out(node: bpy.types.ShaderNodeGroup) -> None:
    """Give back to the photo's node what the solid texture stands in."""
    tree = node.id_data
    behind = node.inputs[PHOTO].links
    source = behind[0].from_socket if behind else None
    for link in list(node.outputs[COLOR].links):
        if source is None:
            tree.links.remove(link)
        else:
            move_link(link, source)
    outer = node.inputs[VECTOR].links
    coordinates = outer[0].from_node if outer else None
    group = node.node_tree
    tree.nodes.remove(node)
    _drop_group(group)
    if coordinates is None or not coordinates.get(_COORDINATES):
        return
    if not any(output.is_linked for output in coordinates.outputs):
        tree.nodes.remove(coordinates)


def _drop_group(group: bpy.types.NodeTree | None) -> None:
    """Remove a group that no node has any more."""
    if group is not None and group.users == 0:
        bpy.data.node_groups.remove(group)
