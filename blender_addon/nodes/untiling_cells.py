"""The node group that lays a texture anew in each cell of a hexagonal grid.

A surface point lies in a triangle of three cells. Each of these shows the texture from another
place and turned by another angle, and how much each counts falls to nothing at the cell's own
border. What happens at the three places is said in `untiling_blending`.

The grid and its weights are those of Heitz and Neyret, *High-Performance By-Example Noise using a
Histogram-Preserving Blending Operator*, 2018; that cells are turned too, and what becomes of
normals then, is Mikkelsen's, *Practical Real-Time Hex-Tiling*, 2022.
"""

from __future__ import annotations

import math

import bpy

from .untiling_graph import Graph, Value
from .untiling_taps import ACROSS, ASPECT, CELL_SIZE, PER_OBJECT, SEED, TURN, UP

NAME = "Texcore Un-Tile"
DEFAULT_CELL_SIZE = 0.45  #: distance of two cells' middles, as a share of the texture's height
_ANYWHERE = 4096.0  # places along an axis where a texture may begin that does not repeat inside
# An object's random number is made so much larger that neighbouring numbers are far apart.
_OBJECT_SPREAD = 1000.0
_TANGENT, _SECANT = math.tan(math.pi / 6), 1 / math.cos(math.pi / 6)


def build_cells() -> bpy.types.NodeTree:
    """Build the node group that cuts a surface into cells, each with a place in the texture.

    Its outputs are the three places in the texture, the cells' weights, which add up to 1, and
    cosine and sine of the angles that the cells are turned by.
    """
    graph = Graph(NAME)
    vector = graph.add_input("Vector", "Vector", hide_value=True)
    size = graph.add_input(CELL_SIZE, "Float", DEFAULT_CELL_SIZE, min_value=0.05, max_value=10.0)
    turn = graph.add_input(
        TURN, "Float", math.pi, min_value=0.0, max_value=math.pi, subtype="ANGLE"
    )
    across = graph.add_input(ACROSS, "Float", 0.0, min_value=0.0, max_value=_ANYWHERE)
    up = graph.add_input(UP, "Float", 0.0, min_value=0.0, max_value=_ANYWHERE)
    of_object = graph.add_input(PER_OBJECT, "Float", 1.0, min_value=0.0, max_value=1.0)
    seed = graph.add_input(SEED, "Float", 0.0, min_value=0.0, max_value=10000.0)
    aspect = graph.add_input(ASPECT, "Float", 1.0, min_value=0.01, max_value=100.0)
    grid = _Grid(graph, vector, size, aspect)
    random = graph.add("ShaderNodeObjectInfo").outputs["Random"]
    whose = graph.compute("MULTIPLY", graph.compute("MULTIPLY", random, of_object), _OBJECT_SPREAD)
    steps = [_count_steps(graph, count) for count in (across, up)]
    cosines, sines, places = [], [], []
    for column, row in grid.corners:
        first, second, third = _draw_numbers(graph, column, row, seed, whose)
        angle = graph.compute("MULTIPLY", graph.compute("MULTIPLY_ADD", third, 2.0, -1.0), turn)
        cosine, sine = graph.compute("COSINE", angle), graph.compute("SINE", angle)
        x, y = grid.turn_about(column, row, cosine, sine)
        places.append(
            graph.combine(
                graph.compute("ADD", x, _draw_step(graph, first, steps[0])),
                graph.compute("ADD", y, _draw_step(graph, second, steps[1])),
            )
        )
        cosines.append(cosine)
        sines.append(sine)
    for number, place in enumerate(places, 1):
        graph.add_output(f"Vector {number}", "Vector", place)
    graph.add_output("Weights", "Vector", graph.combine(*grid.weights))
    graph.add_output("Cosines", "Vector", graph.combine(*cosines))
    graph.add_output("Sines", "Vector", graph.combine(*sines))
    return graph.tree


class _Grid:
    """The triangles whose corners are the middles of cells.

    The corners have three colours, and no triangle has one twice. So each of the three places stays
    with its cell from triangle to triangle until the cell counts for nothing. Without that a place
    would jump within the four pixels by which a graphics card measures how fine to look, and the
    edges of the triangles would be seen as blurred lines.

    Attributes:
        corners: Column and row of the three cells about the point, by colour.
        weights: Of these.
    """

    def __init__(
        self, graph: Graph, vector: bpy.types.NodeSocket, size: Value, aspect: Value
    ) -> None:
        self._graph, self._size, self._aspect = graph, size, aspect
        u, v, _ = graph.separate(vector)
        self._x, self._y = graph.compute("MULTIPLY", u, aspect), v
        x, y = (graph.compute("DIVIDE", each, size) for each in (self._x, v))
        across = graph.compute("MULTIPLY_ADD", y, -_TANGENT, x)
        up = graph.compute("MULTIPLY", y, _SECANT)
        column, row = graph.compute("FLOOR", across), graph.compute("FLOOR", up)
        right, high = (graph.compute("SUBTRACT", a, b) for a, b in ((across, column), (up, row)))
        rest = graph.compute("SUBTRACT", graph.compute("SUBTRACT", 1.0, right), high)
        # 1 in the upper triangle of a rhombus, 0 in the lower one.
        upper = graph.compute("LESS_THAN", rest, 0.0)
        sign = graph.compute("MULTIPLY_ADD", upper, -2.0, 1.0)
        weight = graph.compute("MULTIPLY", rest, sign)
        # The weights of the corners above and to the right of the rhombus' own.
        above = self._choose(upper, graph.compute("SUBTRACT", 1.0, right), high)
        beside = self._choose(upper, graph.compute("SUBTRACT", 1.0, high), right)
        color = self._color(graph.compute("SUBTRACT", column, row))
        self.corners, self.weights = [], []
        for number in range(3):
            is_own, is_beside, is_above = self._tell_apart(number, color)
            moved = graph.compute("MULTIPLY", is_own, upper)
            self.corners.append(
                (
                    graph.compute("ADD", column, graph.compute("ADD", moved, is_beside)),
                    graph.compute("ADD", row, graph.compute("ADD", moved, is_above)),
                )
            )
            part = graph.compute("MULTIPLY", is_own, weight)
            part = graph.compute("MULTIPLY_ADD", is_beside, beside, part)
            self.weights.append(graph.compute("MULTIPLY_ADD", is_above, above, part))

    def turn_about(
        self, column: Value, row: Value, cosine: Value, sine: Value
    ) -> tuple[bpy.types.NodeSocket, bpy.types.NodeSocket]:
        """Turn the point about the middle of a cell, and return it as coordinates of the image."""
        graph = self._graph
        middle_x = graph.compute(
            "MULTIPLY", graph.compute("MULTIPLY_ADD", row, 0.5, column), self._size
        )
        middle_y = graph.compute("MULTIPLY", graph.compute("DIVIDE", row, _SECANT), self._size)
        x = graph.compute("SUBTRACT", self._x, middle_x)
        y = graph.compute("SUBTRACT", self._y, middle_y)
        turned_x = graph.compute(
            "SUBTRACT", graph.compute("MULTIPLY", x, cosine), graph.compute("MULTIPLY", y, sine)
        )
        turned_y = graph.compute("MULTIPLY_ADD", x, sine, graph.compute("MULTIPLY", y, cosine))
        return (
            graph.compute("DIVIDE", graph.compute("ADD", turned_x, middle_x), self._aspect),
            graph.compute("ADD", turned_y, middle_y),
        )

    def _choose(self, first: Value, if_one: Value, if_zero: Value) -> bpy.types.NodeSocket:
        """Return one value where a number is 1, another where it is 0."""
        graph = self._graph
        away = graph.compute("SUBTRACT", if_one, if_zero)
        return graph.compute("MULTIPLY_ADD", first, away, if_zero)

    def _color(self, number: Value) -> bpy.types.NodeSocket:
        """Return the remainder of a whole number by 3."""
        graph = self._graph
        # A half keeps clear of where a graphics card divides a little too small.
        third = graph.compute("DIVIDE", graph.compute("ADD", number, 0.5), 3.0)
        return graph.compute("MULTIPLY_ADD", graph.compute("FLOOR", third), -3.0, number)

    def _tell_apart(
        self, number: int, color: Value
    ) -> tuple[bpy.types.NodeSocket, bpy.types.NodeSocket, bpy.types.NodeSocket]:
        """Return which corner has a colour: 1 for the rhombus' own, that beside or that above."""
        graph = self._graph
        away = graph.compute("SUBTRACT", float(number), color)
        is_below = graph.compute("LESS_THAN", away, -0.5)
        away = graph.compute("MULTIPLY_ADD", is_below, 3.0, away)
        own, beside, above = (graph.compute("COMPARE", away, n, 0.5) for n in (0.0, 1.0, 2.0))
        return own, beside, above


def _draw_numbers(
    graph: Graph, column: Value, row: Value, seed: Value, whose: Value
) -> tuple[bpy.types.NodeSocket, ...]:
    """Draw three random numbers of a cell, 0 to 1; whoever asks for a cell gets the same."""
    noise = graph.add("ShaderNodeTexWhiteNoise")
    noise.noise_dimensions = "4D"
    # Zero has two signs, which are two cells to the noise: whole numbers and a half have one.
    column, row = (graph.compute("ADD", each, 0.5) for each in (column, row))
    graph.feed(noise.inputs["Vector"], graph.combine(column, row, seed))
    graph.feed(noise.inputs["W"], whose)
    return graph.separate(noise.outputs["Color"])


def _count_steps(graph: Graph, repeats: Value) -> bpy.types.NodeSocket:
    """Return at how many places a texture may begin; one that does not repeat inside, anywhere."""
    none = graph.compute("LESS_THAN", repeats, 0.5)
    return graph.compute("MULTIPLY_ADD", none, _ANYWHERE, graph.compute("ROUND", repeats))


def _draw_step(graph: Graph, number: Value, steps: Value) -> bpy.types.NodeSocket:
    """Return a random whole number of steps, as a share of the texture."""
    return graph.compute(
        "DIVIDE", graph.compute("FLOOR", graph.compute("MULTIPLY", number, steps)), steps
    )
