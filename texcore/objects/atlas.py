"""Say of each texel of an unwrapped texture where on the object it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import BadUnwrapping
from .mesh import Floats, Mesh, Whole

Numbers = NDArray[np.int32]

# Texels that are found together, or rows of triangles; each takes some hundred bytes.
_TOGETHER = 1 << 18
# Share of the covered texels that may lie in several triangles: rounding, not overlapping islands.
_OVERLAPPING_SHARE = 0.005
# How far inside of a triangle a texel lies before another there is an overlap: the least of its
# barycentric coordinates.
_INSIDE = 1e-3
# Area below which a triangle of the unwrapping is a line, and how far beyond its border a texel
# still is in it, in texels.
_FLAT_TEXELS, _BORDER_TEXELS = 1e-9, 1e-8


@dataclass(frozen=True)
class Atlas:
    """Texels of a texture that lie on an object's surface.

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


@dataclass(frozen=True)
class Raster:
    """The triangle of an object that each texel of its texture lies in.

    It takes eight bytes for a texel: all else about it is looked up by its triangle.

    Attributes:
        height, width: Of the texture.
        texels: Numbers of those on the surface, row by row from the top, shape (n).
        triangles: Number of the triangle of each, shape (n).
        anchors: Column and row of the first corner of each triangle, shape (triangles, 2).
        places: Where this corner lies, and by how much the place moves for a texel across and for
            one down: shape (3, triangles, 3), in texels as `Atlas` has them.
        normals: The same of its normal.
        shells: Number of the part of the object that hangs together, of each triangle.
    """

    height: int
    width: int
    texels: Numbers
    triangles: Numbers
    anchors: Floats
    places: Floats
    normals: Floats
    shells: Whole

    def look_up(self, which: Whole | Numbers | slice = slice(None)) -> Atlas:
        """Look up where some of the texels lie, by their places among ``texels``."""
        texels, of = self.texels[which].astype(np.int64), self.triangles[which]
        rows, columns = np.divmod(texels, self.width)
        right, below = np.stack([columns, rows])[..., None] + 0.5 - self.anchors[of].T[..., None]
        start, across, down = self.places[:, of]
        facing, facing_across, facing_down = self.normals[:, of]
        facing += right * facing_across + below * facing_down
        facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
        start += right * across + below * down
        return Atlas(self.height, self.width, texels, start, facing, across, down, self.shells[of])


def rasterise(mesh: Mesh, height: int, width: int, name: str) -> Raster:
    """Find the texels of a texture that lie on an object.

    Args:
        mesh: Unwrapped.
        height, width: Of the texture in texels.
        name: Of the object, for the sentence of an error.

    Raises:
        BadUnwrapping: Parts of the object share the same part of the texture, or none has any.

    Example:
        >>> corners = np.array([[0.0, 0], [1, 0], [0, 1]])
        >>> mesh = Mesh(np.pad(corners, ((0, 0), (0, 1))), np.array([[0, 1, 2]]), corners[None])
        >>> raster = rasterise(mesh, 2, 2, "triangle")
        >>> raster.texels.tolist(), raster.look_up(slice(0, 1)).positions.round(2).tolist()
        ([0, 2, 3], [[0.61, 1.84, 0.0]])
    """
    at = _place(mesh, height, width)
    number = np.full(height * width, -1, np.int32)
    for which, first, count in _find_spans(at, height, width):
        for some in _split(count):
            number[number_runs(first[some], count[some])] = np.repeat(which[some], count[some])
    texels = np.flatnonzero(number >= 0).astype(np.int32)
    if not len(texels):
        raise BadUnwrapping(f"No texel of the texture lies on “{name}”: its islands are too small.")
    if _count_crowded(at, height, width) > _OVERLAPPING_SHARE * len(texels):
        raise BadUnwrapping(
            f"Parts of “{name}” share the same place in the texture: unwrap it without overlaps "
            "(in Blender: UV › Smart UV Project)."
        )
    unit = np.sqrt(_measure_area(mesh) / len(texels))
    places = mesh.positions[mesh.triangles] / unit
    return Raster(
        height,
        width,
        texels,
        number[texels],
        at[:, 0],
        np.stack([places[:, 0], *_find_steps(at, places)]),
        np.stack([(normals := mesh.find_normals())[:, 0], *_find_steps(at, normals)]),
        mesh.find_shells(),
    )


def number_runs(first: Whole, counts: Whole) -> Whole:
    """Number what is in some runs of so many that begin at these, one run behind the other.

    Example:
        >>> number_runs(np.array([5, 0]), np.array([2, 3])).tolist()
        [5, 6, 0, 1, 2]
    """
    before = np.cumsum(counts) - counts
    numbers: Whole = np.arange(counts.sum()) + np.repeat(first - before, counts)
    return numbers


def _place(mesh: Mesh, height: int, width: int) -> Floats:
    """Place the triangles' corners in texels from the left and from the top."""
    x, y = mesh.corners[..., 0] * width, (1 - mesh.corners[..., 1]) * height
    return np.stack([x, y], -1)


def _find_spans(at: Floats, height: int, width: int) -> Iterator[tuple[Whole, Whole, Whole]]:
    """Find the runs of texels in a row whose middles lie in a triangle.

    Yields:
        The triangle of each, its first texel, and how many there are, some runs at a time.
    """
    area = _cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
    low = np.ceil(at[..., 1].min(1) - 0.5 - _BORDER_TEXELS).astype(np.int64).clip(0)
    high = np.floor(at[..., 1].max(1) - 0.5 + _BORDER_TEXELS).astype(np.int64).clip(-1, height - 1)
    rows = np.where(np.abs(area) < _FLAT_TEXELS, 0, np.maximum(high - low + 1, 0))
    for some in _split(rows):
        which = np.repeat(np.arange(some.start, some.stop), rows[some])
        row = number_runs(low[some], rows[some])
        left, right = _cut_rows(at[which], row.astype(np.float64) + 0.5)
        first = np.ceil(left - 0.5 - _BORDER_TEXELS).clip(0, width).astype(np.int64)
        last = np.floor(right - 0.5 + _BORDER_TEXELS).clip(-1, width - 1).astype(np.int64)
        count = np.maximum(last - first + 1, 0)
        yield which, row * width + first, count


def _cut_rows(at: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Find where horizontal lines enter and leave triangles, (n, 3, 2): one line for each."""
    left, right = np.full(len(y), np.inf), np.full(len(y), -np.inf)
    for i in range(3):
        (x0, y0), (x1, y1) = at[:, i].T, at[:, i - 1].T
        crosses = np.minimum(y0, y1) - _BORDER_TEXELS <= y
        crosses &= (y <= np.maximum(y0, y1) + _BORDER_TEXELS) & (y0 != y1)
        along = ((y - y0) / np.where(y0 == y1, 1, y1 - y0)).clip(0, 1)
        x = x0 + along * (x1 - x0)
        left = np.where(crosses, np.minimum(left, x), left)
        right = np.where(crosses, np.maximum(right, x), right)
    return left, right


def _split(counts: Whole) -> Iterator[slice]:
    """Split what has so many parts each into slices that have not too many together."""
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        before = ends[begin - 1] if begin else 0
        stop = max(begin + 1, int(np.searchsorted(ends, before + _TOGETHER, "right")))
        yield slice(begin, stop)
        begin = stop


def _count_crowded(at: Floats, height: int, width: int) -> int:
    """Count the texels that lie well within several triangles."""
    middles = at.mean(1, keepdims=True)
    changes = np.zeros(height * width + 1, np.int32)
    for _, first, count in _find_spans(middles + (1 - 3 * _INSIDE) * (at - middles), height, width):
        some = count > 0
        np.add.at(changes, first[some], 1)
        np.add.at(changes, (first + count)[some], -1)
    return int((np.cumsum(changes, out=changes) > 1).sum())


def _find_steps(at: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Find by how much values of the corners, (n, 3, k), change for a texel across, and down."""
    first, second = at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]
    whole = _cross(first, second)
    whole = np.where(np.abs(whole) < _FLAT_TEXELS, np.inf, whole)[:, None]
    one, other = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    across = (one * second[:, 1:] - other * first[:, 1:]) / whole
    down = (other * first[:, :1] - one * second[:, :1]) / whole
    return across, down


def _measure_area(mesh: Mesh) -> float:
    a, b, c = (mesh.positions[mesh.triangles[:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def _cross(a: Floats, b: Floats) -> Floats:
    crossed: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return crossed
