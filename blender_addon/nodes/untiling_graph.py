"""Write formulas as the nodes of a group: each call adds a node and returns its output."""

from __future__ import annotations

import bpy

#: A socket that feeds an input, or the number that stands in it.
Value = bpy.types.NodeSocket | float
#: A socket that feeds an input of three numbers, or these.
Vector = bpy.types.NodeSocket | tuple[float, float, float]

_STEP, _COLUMNS = 180, 12  # the nodes lie in rows, in the order in which they are computed


class Graph:
    """Adds nodes to a new node group.

    Args:
        name: Of the group; Blender numbers it if that is taken.

    Attributes:
        tree: The group.
    """

    def __init__(self, name: str) -> None:
        self.tree = bpy.data.node_groups.new(name, "ShaderNodeTree")
        self._entry: bpy.types.Node | None = None
        self._exit: bpy.types.Node | None = None

    def add_input(
        self, name: str, kind: str, default: float | None = None, **words: object
    ) -> bpy.types.NodeSocket:
        """Add an input of the group, and return it as seen from inside.

        Args:
            name: That the artist reads.
            kind: ``Float``, ``Vector`` or ``Color``.
            default: Of a number.
            words: Further properties of the input, such as ``min_value`` or ``subtype``.
        """
        item = self._declare(name, kind, "INPUT")
        for word, value in words.items():
            setattr(item, word, value)
        if default is not None:
            item.default_value = default
        if self._entry is None:
            self._entry = self.add("NodeGroupInput")
        return self._entry.outputs[name]

    def add_output(self, name: str, kind: str, value: bpy.types.NodeSocket) -> None:
        """Add an output of the group, and feed it."""
        self._declare(name, kind, "OUTPUT")
        if self._exit is None:
            self._exit = self.add("NodeGroupOutput")
        self.tree.links.new(value, self._exit.inputs[name])

    def add(self, kind: str) -> bpy.types.Node:
        """Add a node of any kind, and return it."""
        node = self.tree.nodes.new(kind)
        place = len(self.tree.nodes) - 1
        node.location = (place % _COLUMNS * _STEP, -(place // _COLUMNS) * _STEP)
        return node

    def feed(self, entry: bpy.types.NodeSocket, value: Value | Vector) -> None:
        """Link an input, or set it."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, entry)
        else:
            entry.default_value = value

    def compute(self, operation: str, *values: Value) -> bpy.types.NodeSocket:
        """Add a Math node."""
        node = self.add("ShaderNodeMath")
        node.operation = operation
        for entry, value in zip(node.inputs, values, strict=False):
            self.feed(entry, value)
        return node.outputs[0]

    def compute_vector(self, operation: str, *values: Vector) -> bpy.types.NodeSocket:
        """Add a Vector Math node; of a product, or a length, its number is returned."""
        node = self.add("ShaderNodeVectorMath")
        node.operation = operation
        for entry, value in zip(node.inputs, values, strict=False):
            self.feed(entry, value)
        return node.outputs["Value" if operation in ("DOT_PRODUCT", "LENGTH") else "Vector"]

    def scale(self, vector: Vector, factor: Value) -> bpy.types.NodeSocket:
        """Multiply a vector by a number."""
        node = self.add("ShaderNodeVectorMath")
        node.operation = "SCALE"
        self.feed(node.inputs[0], vector)
        self.feed(node.inputs["Scale"], factor)
        return node.outputs["Vector"]

    def combine(self, x: Value, y: Value, z: Value = 0.0, name: str = "") -> bpy.types.NodeSocket:
        """Make a vector of three numbers, by a node of a name if one is given."""
        node = self.add("ShaderNodeCombineXYZ")
        if name:
            node.name = node.label = name
        for entry, value in zip(node.inputs, (x, y, z), strict=True):
            self.feed(entry, value)
        return node.outputs[0]

    def separate(self, vector: Vector) -> tuple[bpy.types.NodeSocket, ...]:
        """Take a vector apart."""
        node = self.add("ShaderNodeSeparateXYZ")
        self.feed(node.inputs[0], vector)
        return tuple(node.outputs)

    def raise_to(self, color: bpy.types.NodeSocket, power: float) -> bpy.types.NodeSocket:
        """Raise each channel of a colour, which must not be negative, to a power."""
        node = self.add("ShaderNodeGamma")
        self.feed(node.inputs["Color"], color)
        self.feed(node.inputs["Gamma"], power)
        return node.outputs[0]

    def _declare(self, name: str, kind: str, way: str) -> bpy.types.NodeTreeInterfaceSocket:
        return self.tree.interface.new_socket(name, in_out=way, socket_type=f"NodeSocket{kind}")
