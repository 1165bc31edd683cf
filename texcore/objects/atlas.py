"""Say of each texel of an unwrapped texture where on the object it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import BadUnwrapping
from .mesh import Floats, Mesh, Whole

# Candidates that are looked at together; each takes some hundred bytes.
_TOGETHER = 1 << 20
# Share of the covered texels that may lie in several triangles: rounding, not overlapping islands.
_OVERLAPPING_SHARE = 0.005
# How far inside of a triangle a texel lies before another there is an overlap.
_INSIDE = 1e-3
# Area in texels below which a triangle of the unwrapping is a line.
_FLAT_TEXELS = 1e-9


@dataclass(frozen=True)
class Atlas:
    """The texels of a texture that lie on an object's surface.

    Attributes:
        height, width: Of the texture.
        texels: Their number in the texture, row by row from the top, shape (n).
        positions: Where they lie, shape (n, 3), in texels: so that the surface has as much area as
            there are texels on it.
        normals: Shape (n, 3), of length 1.
        across, down: By how much the place moves from a texel to the next in its row, and to the
            one below, shape (n, 3), in the same unit.
        shells: Number of the part of the object that hangs together, shape (n).
    """

    height: int
    width: int
    texels: Whole
    positions: Floats
    normals: Floats
    across: Floats
    down: Floats
    shells: Whole


def lay_out_atlas(mesh: Mesh, height: int, width: int, name: str) -> Atlas:
    """Lay out the texels of a texture on an object.

    Args:
        mesh: Unwrapped.
        height, width: Of the texture in texels.
        name: Of the object, for the sentence of an error.

    Raises:
        BadUnwrapping: Parts of the object share the same part of the texture, or none has any.
    """
    number, weights, claims = _rasterise(mesh, height, width)
    covered = np.flatnonzero(number >= 0)
    if not len(covered):
        raise BadUnwrapping(f"No texel of the texture lies on “{name}”: its islands are too small.")
    if (claims > 1).sum() > _OVERLAPPING_SHARE * len(covered):
        raise BadUnwrapping(
            f"Parts of “{name}” share the same place in the texture: unwrap it without overlaps "
            "(in Blender: UV › Smart UV Project)."
        )
    of = number[covered]
    corners, weight = mesh.triangles[of], weights[covered]
    area = _measure_area(mesh)
    unit = np.sqrt(area / len(covered))
    normals = np.einsum("ni,nij->nj", weight, mesh.find_normals()[of])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    across, down = _find_steps(mesh, height, width)
    return Atlas(
        height,
        width,
        covered,
        np.einsum("ni,nij->nj", weight, mesh.positions[corners]) / unit,
        normals,
        across[of] / unit,
        down[of] / unit,
        mesh.find_shells()[of],
    )


def _rasterise(mesh: Mesh, height: int, width: int) -> tuple[Whole, Floats, NDArray[np.int32]]:
    """Find which triangle each texel's middle is in, -1 for none, and the weights of its corners.

    The last of what is returned says in how many triangles it is, well within.
    """
    number = np.full(height * width, -1, np.int64)
    weights = np.zeros((height * width, 3))
    claims = np.zeros(height * width, np.int32)
    at = _place(mesh, height, width)
    for which, rows, columns in _find_candidates(at, height, width):
        a, b, c = (at[which, i] for i in range(3))
        point = np.stack([columns + 0.5, rows + 0.5], 1)
        whole = _cross(b - a, c - a)
        whole = np.where(np.abs(whole) < _FLAT_TEXELS, np.nan, whole)[:, None]
        parts = [_cross(b - point, c - point), _cross(c - point, a - point)]
        inside = np.stack(parts, 1) / whole
        inside = np.concatenate([inside, 1 - inside[:, :1] - inside[:, 1:]], 1)
        least = np.nan_to_num(inside, nan=-1.0).min(1)
        hit = least >= -1e-9
        texel = (rows * width + columns)[hit]
        number[texel], weights[texel] = which[hit], inside[hit]
        np.add.at(claims, texel[least[hit] > _INSIDE], 1)
    return number, weights, claims


def _place(mesh: Mesh, height: int, width: int) -> Floats:
    """Place the corners in texels from the left and from the top."""
    x, y = mesh.corners[..., 0] * width, (1 - mesh.corners[..., 1]) * height
    return np.stack([x, y], -1)


def _find_candidates(at: Floats, height: int, width: int) -> Iterator[tuple[Whole, Whole, Whole]]:
    """Find pairs of triangle and texel, row and column, that may lie in each other."""
    low = np.floor(at.min(1)).astype(np.int64).clip(0)
    high = np.minimum(np.ceil(at.max(1)).astype(np.int64), [width, height])
    spans = np.maximum(high - low, 0)
    counts = spans[:, 0] * spans[:, 1]
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        before = ends[begin - 1] if begin else 0
        stop = max(begin + 1, int(np.searchsorted(ends, before + _TOGETHER, "right")))
        some = counts[begin:stop]
        which = np.repeat(np.arange(begin, stop), some)
        within = np.arange(some.sum()) - np.repeat(np.cumsum(some) - some, some)
        if len(which):
            rows, columns = np.divmod(within, spans[which, 0])
            yield which, rows + low[which, 1], columns + low[which, 0]
        begin = stop


def _find_steps(mesh: Mesh, height: int, width: int) -> tuple[Floats, Floats]:
    """Find by how much the place on each triangle moves for a texel across, and for one down."""
    at = _place(mesh, height, width)
    a, b, c = (mesh.positions[mesh.triangles[:, i]] for i in range(3))
    first, second = at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]
    whole = _cross(first, second)
    whole = np.where(np.abs(whole) < _FLAT_TEXELS, np.inf, whole)[:, None]
    across = ((b - a) * second[:, 1:] - (c - a) * first[:, 1:]) / whole
    down = ((c - a) * first[:, :1] - (b - a) * second[:, :1]) / whole
    return across, down


def _measure_area(mesh: Mesh) -> float:
    a, b, c = (mesh.positions[mesh.triangles[:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def _cross(a: Floats, b: Floats) -> Floats:
    crossed: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return crossed
