"""Choose how a texture is laid in cells: turned, only shifted, or by whole patterns."""

from __future__ import annotations

import math

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.map_kinds import NORMALS
from ..images import marks
from .untiling import Cells, untile
from .untiling_cells import DEFAULT_CELL_SIZE
from .untiling_subject import find_layers

AUTO, TURNED, SHIFTED, LATTICE = "AUTO", "TURNED", "SHIFTED", "LATTICE"
_RELIEF = (*NORMALS, "height", "bump")


def choose_cells(
    material: bpy.types.Material,
    node: bpy.types.ShaderNodeTexImage,
    method: str = AUTO,
    across: int = 0,
    up: int = 0,
) -> Cells:
    """Choose what suits a material's maps.

    Whole patterns come first, where anybody knows them. A photo by itself has its light in it, and
    is shifted only; where light falls on normals or heights, cells are turned too.

    Args:
        material: Whose maps are meant.
        node: One of them, see `untiling_subject.find_layers`.
        method: One of those above.
        across, up: How often the pattern goes round; 0 for what the image tells.

    Raises:
        BadInput: Whole patterns are asked for, and nobody knows which.
    """
    known = marks.read_repeats(marks.resolve_preview(node.image))
    repeats = (across or known[0], up or known[1])
    if method == LATTICE and not any(repeats):
        raise BadInput(
            f"Nobody knows how often the pattern of “{node.image.name}” repeats: say it in "
            "Repeats Across and Repeats Up, or synthesize the texture first."
        )
    if method == LATTICE or (method == AUTO and any(repeats)):
        return Cells(DEFAULT_CELL_SIZE, 0.0, repeats)
    if method == AUTO:
        has_relief = any(layer.kind in _RELIEF for layer in find_layers(material, node).alike)
        method = TURNED if has_relief else SHIFTED
    return Cells(DEFAULT_CELL_SIZE, math.pi if method == TURNED else 0.0)


def untile_as_fits(material: bpy.types.Material, node: bpy.types.ShaderNodeTexImage) -> str:
    """Un-tile a material as suits it; one that is un-tiled is laid anew as it was.

    Returns:
        What was done, in a sentence.

    Raises:
        BadInput: It cannot be, see `untiling.untile`.
    """
    return untile(material, node, Cells.read(node) or choose_cells(material, node))
