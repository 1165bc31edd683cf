"""The node group of one map that makes one picture of what three cells show of it.

An average of three pictures is greyer than each of them. So weights are sharp, and what differs
from the image's mean is divided by the length of the weights, which leaves variance as it is
(Heitz and Neyret 2018). Of a base color what is brighter counts more (Mikkelsen 2022), and the
other maps of the material take its weights, so that a stone's colour, height and shine stay
together.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..images.means import Spread, measure_spread
from . import untiling_taps
from .untiling_graph import Graph

NAME = "Texcore Un-Tile {}"
MEAN, LOWEST, HIGHEST = "Mean", "Lowest", "Highest"  #: names of the nodes that hold the image's own
_ROOT_PROPERTY = "texcore_root"  # of the node with the mean: whether it is that of square roots
_SHARPNESS = 7.0  # exponent of the weights, as Mikkelsen chooses it
_BRIGHT_SHARE = 0.6  # of a weight that falls with the colour's darkness, as he chooses it
_LUMINANCE = (0.2126, 0.7152, 0.0722)
_LEAST_UP = 0.05  # of a normal: a steeper slope is measured as this one


@dataclass(frozen=True)
class Blend:
    """How the three samples of a map that is un-tiled are blended.

    Attributes:
        leads: Whether the other maps take its weights.
        is_color: Whether it is a colour: blended as the square root of light, nearer to what is
            seen, and with bright texels before dark ones.
        is_normal: Whether it holds normals: they are blended as slopes, and turned with the cells.
        green: 1 for normals as OpenGL has them, -1 for DirectX's.
        has_alpha: Whether the image's alpha is used.
    """

    leads: bool
    is_color: bool = False
    is_normal: bool = False
    green: float = 1.0
    has_alpha: bool = False


def build_blending(
    node: bpy.types.ShaderNodeTexImage, title: str, blend: Blend
) -> bpy.types.NodeTree:
    """Build the group of a map.

    Args:
        node: The artist's node, which shows the first cell; the group has two more like it inside.
        title: Of the map, in the group's name.
        blend: What is made of it.
    """
    graph = Graph(NAME.format(title))
    first = graph.add_input("Color 1", "Color", hide_value=True)
    alphas = [graph.add_input("Alpha 1", "Float", hide_value=True)] if blend.has_alpha else []
    colors = [first]
    vectors = [graph.add_input(f"Vector {n}", "Vector", hide_value=True) for n in (2, 3)]
    for vector in vectors:
        tap = _copy_texture(graph, node)
        graph.feed(tap.inputs["Vector"], vector)
        colors.append(tap.outputs["Color"])
        alphas += [tap.outputs["Alpha"]] if blend.has_alpha else []
    weights = graph.add_input("Weights", "Vector", hide_value=True)
    if blend.leads:
        weights = _sharpen(graph, weights, colors if blend.is_color else None)
    parts = graph.separate(weights)
    length = graph.compute_vector("LENGTH", weights)
    if blend.is_normal:
        made = _blend_normals(graph, colors, parts, length, blend.green)
    else:
        made = _blend_values(graph, colors, parts, length, blend.is_color)
    graph.add_output("Color", "Color", made)
    if blend.has_alpha:
        alpha = graph.compute_vector("DOT_PRODUCT", weights, graph.combine(*alphas))
        graph.add_output("Alpha", "Float", alpha)
    if blend.leads:
        graph.add_output("Weights", "Vector", weights)
    if node.image is not None:
        set_spread(graph.tree, measure_spread(node.image))
    return graph.tree


def set_spread(tree: bpy.types.NodeTree, spread: Spread) -> None:
    """Write mean and range of a map's image into its group; that of normals needs none."""
    square = tree.nodes.get(MEAN) is not None and tree.nodes[MEAN].get(_ROOT_PROPERTY)
    for name, values in zip(
        (MEAN, LOWEST, HIGHEST),
        (spread.root_mean if square else spread.mean, spread.lowest, spread.highest),
        strict=True,
    ):
        holder = tree.nodes.get(name)
        if holder is not None:
            for entry, value in zip(holder.inputs, values, strict=True):
                entry.default_value = value


def _copy_texture(graph: Graph, node: bpy.types.ShaderNodeTexImage) -> bpy.types.Node:
    """Add an Image Texture node that shows what another does."""
    tap = graph.add("ShaderNodeTexImage")
    tap.image = node.image
    untiling_taps.give_look(tap, untiling_taps.read_look(node))
    return tap


def _sharpen(
    graph: Graph,
    weights: bpy.types.NodeSocket,
    colors: list[bpy.types.NodeSocket] | None,
) -> bpy.types.NodeSocket:
    """Return sharper weights, which add up to 1; with colours, those of bright ones larger."""
    sharp = []
    for number, part in enumerate(graph.separate(weights)):
        # Rounding may leave a weight just below zero, of which there is no power.
        power = graph.compute("POWER", graph.compute("MAXIMUM", part, 0.0), _SHARPNESS)
        if colors is not None:
            light = graph.compute_vector("DOT_PRODUCT", colors[number], _LUMINANCE)
            share = graph.compute("MULTIPLY_ADD", light, _BRIGHT_SHARE, 1 - _BRIGHT_SHARE)
            power = graph.compute("MULTIPLY", power, share)
        sharp.append(power)
    together = graph.compute("ADD", graph.compute("ADD", sharp[0], sharp[1]), sharp[2])
    return graph.scale(graph.combine(*sharp), graph.compute("DIVIDE", 1.0, together))


def _add_up(
    graph: Graph, values: list[bpy.types.NodeSocket], weights: tuple[bpy.types.NodeSocket, ...]
) -> bpy.types.NodeSocket:
    first, second, third = (
        graph.scale(value, weight) for value, weight in zip(values, weights, strict=True)
    )
    return graph.compute_vector("ADD", graph.compute_vector("ADD", first, second), third)


def _blend_values(
    graph: Graph,
    colors: list[bpy.types.NodeSocket],
    weights: tuple[bpy.types.NodeSocket, ...],
    length: bpy.types.NodeSocket,
    is_color: bool,
) -> bpy.types.NodeSocket:
    """Blend colours or quantities, within the range of their image."""
    if is_color:
        colors = [graph.raise_to(color, 0.5) for color in colors]
    mean = graph.combine(0.5, 0.5, 0.5, name=MEAN)
    mean.node[_ROOT_PROPERTY] = is_color
    away = graph.compute_vector("SUBTRACT", _add_up(graph, colors, weights), mean)
    wide = graph.scale(away, graph.compute("DIVIDE", 1.0, length))
    made = graph.compute_vector("ADD", wide, mean)
    if is_color:
        made = graph.compute_vector("MAXIMUM", made, (0.0, 0.0, 0.0))
        made = graph.compute_vector("MULTIPLY", made, made)
    made = graph.compute_vector("MAXIMUM", made, graph.combine(0.0, 0.0, 0.0, name=LOWEST))
    return graph.compute_vector("MINIMUM", made, graph.combine(1.0, 1.0, 1.0, name=HIGHEST))


def _blend_normals(
    graph: Graph,
    colors: list[bpy.types.NodeSocket],
    weights: tuple[bpy.types.NodeSocket, ...],
    length: bpy.types.NodeSocket,
    green: float,
) -> bpy.types.NodeSocket:
    """Blend normals as slopes, each turned back by the angle of its cell."""
    cosines = graph.separate(graph.add_input("Cosines", "Vector", hide_value=True))
    sines = graph.separate(graph.add_input("Sines", "Vector", hide_value=True))
    slopes = []
    for color, cosine, sine in zip(colors, cosines, sines, strict=True):
        normal = graph.compute_vector("MULTIPLY_ADD", color, (2.0, 2.0, 2.0), (-1.0, -1.0, -1.0))
        x, y, z = graph.separate(normal)
        z = graph.compute("MAXIMUM", z, _LEAST_UP)
        x = graph.compute("DIVIDE", x, z)
        y = graph.compute("MULTIPLY", graph.compute("DIVIDE", y, z), green)
        slopes.append(
            graph.combine(
                graph.compute("MULTIPLY_ADD", y, sine, graph.compute("MULTIPLY", x, cosine)),
                graph.compute(
                    "SUBTRACT",
                    graph.compute("MULTIPLY", y, cosine),
                    graph.compute("MULTIPLY", x, sine),
                ),
            )
        )
    blended = graph.scale(_add_up(graph, slopes, weights), graph.compute("DIVIDE", 1.0, length))
    x, y, _ = graph.separate(blended)
    up = graph.combine(x, graph.compute("MULTIPLY", y, green), 1.0)
    normal = graph.compute_vector("NORMALIZE", up)
    return graph.compute_vector("MULTIPLY_ADD", normal, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
