"""Put maps into a node tree, each kind of map with the nodes that it needs."""

from __future__ import annotations

import bpy

COLUMN, ROW = 300, 310  # of the node tree, in its units
# From black to white: a wall's joints, a gravel's stones.
_DISPLACEMENT_METRES = 0.05
_BUMP_METRES = 0.02


class Wiring:
    """Adds nodes to a tree, each to the right of the one that it is fed by.

    Attributes:
        added: The nodes so far.
    """

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree
        self.added: list[bpy.types.Node] = []

    def add_texture(
        self, image: bpy.types.Image, label: str, x: float, y: float
    ) -> bpy.types.ShaderNodeTexImage:
        """Add an Image Texture node, and return it."""
        node = self._add("ShaderNodeTexImage", x, y)
        node.image, node.label = image, label
        return node

    def add_node(
        self, kind: str, source: bpy.types.NodeSocket, entry: str | int = 0
    ) -> bpy.types.Node:
        """Add a node to the right of another, which feeds one of its inputs, and return it."""
        x, y = source.node.location
        node = self._add(kind, x + COLUMN, y)
        self.link(source, node.inputs[entry])
        return node

    def link(self, source: bpy.types.NodeSocket, entry: bpy.types.NodeSocket) -> None:
        """Link an output to the input that it shall feed."""
        self.tree.links.new(source, entry)

    def multiply(
        self, colour: bpy.types.NodeSocket, grey: bpy.types.NodeSocket, beside: bpy.types.NodeSocket
    ) -> bpy.types.NodeSocket:
        """Darken a colour where a grey is dark, by a node to the right of a third socket's.

        Returns:
            The new colour.
        """
        x, y = beside.node.location
        node = self._add("ShaderNodeMix", x + COLUMN, y)
        node.data_type, node.blend_type = "RGBA", "MULTIPLY"
        node.inputs[0].default_value = 1.0
        # A Mix node has sockets of all its types; those of colours are the last.
        first, second = (s for s in node.inputs if s.type == "RGBA")
        self.link(colour, first)
        second.default_value = (1, 1, 1, 1)  # where the link is muted
        self.link(grey, second)
        return next(s for s in node.outputs if s.type == "RGBA")

    def add_normal(
        self, colour: bpy.types.NodeSocket, directx: bool = False
    ) -> bpy.types.NodeSocket:
        """Make normals of either convention, and return them; Blender's own is OpenGL's."""
        knows_both = "convention" in bpy.types.ShaderNodeNormalMap.bl_rna.properties  # from 5.1 on
        if directx and not knows_both:
            separate = self.add_node("ShaderNodeSeparateColor", colour)
            flip = self.add_node("ShaderNodeInvert", separate.outputs[1], "Color")
            combine = self.add_node("ShaderNodeCombineColor", separate.outputs[0])
            self.link(flip.outputs[0], combine.inputs[1])
            self.link(separate.outputs[2], combine.inputs[2])
            colour = combine.outputs[0]
        node = self.add_node("ShaderNodeNormalMap", colour, "Color")
        if directx and knows_both:
            node.convention = "DIRECTX"
        return node.outputs[0]

    def add_bump(
        self, height: bpy.types.NodeSocket, normal: bpy.types.NodeSocket | None
    ) -> bpy.types.NodeSocket:
        """Make normals out of a height, over others if there are any, and return them."""
        node = self.add_node("ShaderNodeBump", height, "Height")
        node.inputs["Distance"].default_value = _BUMP_METRES
        if normal is not None:
            self.link(normal, node.inputs["Normal"])
        return node.outputs[0]

    def add_displacement(self, height: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
        """Make a displacement out of a height, and return it."""
        node = self.add_node("ShaderNodeDisplacement", height, "Height")
        node.inputs["Scale"].default_value = _DISPLACEMENT_METRES
        # Where the link is muted, nothing is moved.
        node.inputs["Height"].default_value = node.inputs["Midlevel"].default_value
        return node.outputs[0]

    def _add(self, kind: str, x: float, y: float) -> bpy.types.Node:
        node = self.tree.nodes.new(kind)
        node.location = (x, y)
        node.select = False
        self.added.append(node)
        return node
