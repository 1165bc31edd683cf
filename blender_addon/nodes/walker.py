"""Walk a node tree from inputs back to what feeds them.

This is the one walker of node trees: which image is meant, what each map says, and which shader a
material has are all found with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import bpy

from ..bundled.texcore.contract.errors import BadInput
from .solid_group import find_photo, is_solid
from .untiling_taps import BLENDING, CELLS, is_group

T = TypeVar("T")
#: Panels walk while they are drawn; the deepest trees of artists have some thousands.
MOST_STEPS = 10_000


@dataclass(frozen=True)
class WalkStep(Generic[T]):
    """A node that a walk from inputs back to what feeds them has reached.

    Attributes:
        node: The node; never a group, the input of one, or a reroute, which are passed through.
        output: The output of the node through which the walk reached it.
        carried: What the walk carries to the node, such as what its output means.
    """

    node: bpy.types.Node
    output: bpy.types.NodeSocket
    carried: T


Entries = Iterable[tuple[bpy.types.NodeSocket, T]]
"""Inputs of nodes, each with what is carried to the node behind it."""


def walk_back(
    entries: Entries[T], enter: Callable[[WalkStep[T]], Entries[T]]
) -> Iterator[WalkStep[T]]:
    """Yield the nodes behind inputs, depth first, in the order of the inputs.

    The walk goes into groups and out of them again; groups that un-tile, and those of solid
    textures, it passes by, for what they show is what the artist's own node shows. A node is met
    again only through another output, in another group node, or with something else carried to it;
    so the walk ends where links run in a circle. It keeps its way in a list and not in Python's
    stack, for artists' trees are deep.

    Args:
        entries: Where it begins; what is carried has to be hashable.
        enter: Says with which inputs of a node the walk goes on.

    Raises:
        BadInput: There are more than `MOST_STEPS` ways. Groups that hold another one twice, and
            that again another, make as many as anybody likes.
    """
    ahead: list[tuple[bpy.types.NodeLink, T, tuple[bpy.types.Node, ...]]] = []
    seen: set[tuple[object, ...]] = set()
    links_of: dict[bpy.types.NodeTree, dict[int, list[bpy.types.NodeLink]]] = {}

    def list_links(entry: bpy.types.NodeSocket) -> list[bpy.types.NodeLink]:
        # Blender looks through all links of a tree for those of one socket: here that is done once.
        tree = entry.id_data
        if tree not in links_of:
            links_of[tree] = _sort_links(tree)
        return links_of[tree].get(entry.as_pointer(), [])

    def push(entries: Entries[T], around: tuple[bpy.types.Node, ...]) -> None:
        links = [(link, carried) for entry, carried in entries for link in list_links(entry)]
        ahead.extend((link, carried, around) for link, carried in reversed(links))

    push(entries, ())
    while ahead:
        link, carried, around = ahead.pop()
        node, output = link.from_node, link.from_socket
        key = (*(group.name for group in around), node.name, output.identifier, carried)
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > MOST_STEPS:
            raise BadInput(
                f"The material has more ways through its nodes than the {MOST_STEPS} that Texcore "
                "follows: choose its image by name, or use fewer groups within groups."
            )
        if is_group(node, BLENDING):
            entry = node.inputs.get(f"{output.name} 1")
            push([] if entry is None else [(entry, carried)], around)
        elif is_group(node, CELLS):
            push([(node.inputs["Vector"], carried)], around)
        elif is_solid(node):
            push([(find_photo(node), carried)], around)
        elif isinstance(node, bpy.types.ShaderNodeGroup) and node.node_tree is not None:
            inside = _find_inside(node, output)
            push([(entry, carried) for entry in inside], (*around, node))
        elif isinstance(node, bpy.types.NodeGroupInput):
            outside = _find_alike(around[-1].inputs, output) if around else []
            push([(entry, carried) for entry in outside], around[:-1])
        elif isinstance(node, bpy.types.NodeReroute):
            push([(node.inputs[0], carried)], around)
        else:
            step = WalkStep(node, output, carried)
            yield step
            push(enter(step), around)


def _sort_links(tree: bpy.types.NodeTree) -> dict[int, list[bpy.types.NodeLink]]:
    """Return the links of a tree by the address of the input that each leads to."""
    links: dict[int, list[bpy.types.NodeLink]] = {}
    for link in tree.links:
        links.setdefault(link.to_socket.as_pointer(), []).append(link)
    return links


def _find_inside(
    group: bpy.types.ShaderNodeGroup, output: bpy.types.NodeSocket
) -> list[bpy.types.NodeSocket]:
    """Return the input inside a group that an output of its node shows."""
    ends = [
        node
        for node in group.node_tree.nodes
        if isinstance(node, bpy.types.NodeGroupOutput) and node.is_active_output
    ]
    return [entry for end in ends for entry in _find_alike(end.inputs, output)]


def _find_alike(
    sockets: bpy.types.bpy_prop_collection, other: bpy.types.NodeSocket
) -> list[bpy.types.NodeSocket]:
    """Return the socket on the other side of a group's border; none if it has just gone."""
    return [socket for socket in sockets if socket.identifier == other.identifier]
