"""Points all over an object's surface, a few texels apart: their neighbours, and their directions.

Whatever goes over the surface goes from point to point, not from texel to texel of the unwrapping:
so it does not know where this is cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from .atlas import Atlas
from .mesh import Complex, Floats, Whole

_NEIGHBOURS = 12
_REACH = 2.2  # of the spacing, as far as a neighbour is looked for
# Of two normals the least cosine of neighbours: a leaf's other side is near, and is none. Where two
# shells meet one goes on as the other only if they face alike, and a post does not as a seat.
_LEAST_COSINE, _SHELLS_COSINE = -0.3, 0.9
# From this angle on, as a cosine, neighbours see each other over an edge, if the way over it is no
# longer than so many times the straight one.
_EDGE_COSINE, _LONGEST_WAY = 0.8, 1.5
# Rounds in which directions follow those of their neighbours, and what a round of their own
# direction weighs beside them, where it is certain.
_SMOOTHINGS, _OWN_WEIGHT = 60, 0.3


@dataclass(frozen=True)
class Points:
    """Points on a surface; all lengths are in texels.

    Attributes:
        spacing: How far apart neighbours about are.
        positions, normals: Shape (n, 3).
        right, down: The directions of the texture's rows and columns at each, shape (n, 3); with
            the normal they are perpendicular to each other.
        certain: How certain these are, 0...1: not at all where the surface faces up, shape (n).
        shells: Number of the part of the object that hangs together, shape (n).
        edges: Pairs of neighbours, shape (2, m), both ways, by their first.
        offsets: Where the second lies, as the first sees it: what is right of it and i times what
            is below it, shape (m).
        turns: By how much the second's directions are turned, as the first sees them, from right
            to down: complex numbers of magnitude 1, shape (m).
        graph: Lengths of the edges, (n, n).
        texels: The number in the atlas of the texel that each is, shape (n).
        sizes: How large things are there, as factors: all lengths but positions and spacing are
            those of the surface over these, see `texcore.objects.scaling`; shape (n).
    """

    spacing: float
    positions: Floats
    normals: Floats
    right: Floats
    down: Floats
    certain: Floats
    shells: Whole
    edges: Whole
    offsets: Complex
    turns: Complex
    graph: csr_array
    texels: Whole
    sizes: Floats


def spread_points(atlas: Atlas, up: Floats, spacing: float = 3.0) -> Points:
    """Spread points over a surface.

    Args:
        atlas: Of the surface.
        up: Where the texture's top is, of any length: shape (3), or (n, 3) for each texel of the
            atlas. Where the surface faces that way directions follow those about it.
        spacing: How far apart neighbours shall be about, in texels of the atlas.

    Example:
        >>> n = np.arange(16) * 3.0
        >>> x, y = (a.ravel() for a in np.meshgrid(n, n))
        >>> flat, normal = np.stack([x, y, 0 * x], 1), np.tile([0.0, 0, 1], (256, 1))
        >>> one = np.zeros(256, int)
        >>> atlas = Atlas(16, 16, np.arange(256), flat, normal, flat, flat, one)
        >>> points = spread_points(atlas, np.array([0.0, 1.0, 0.0]))
        >>> np.allclose(points.right, [1, 0, 0]), np.allclose(points.down, [0, -1, 0])
        (True, True)
    """
    cells = np.floor(atlas.positions / spacing).astype(np.int64)
    cells -= cells.min(0)
    spans = cells.max(0) + 1
    column = (atlas.shells * spans[0] + cells[:, 0]) * spans[1] + cells[:, 1]
    _, chosen = np.unique(column * spans[2] + cells[:, 2], return_index=True)
    positions, normals = atlas.positions[chosen], atlas.normals[chosen]
    shells = atlas.shells[chosen]
    first, second = _find_neighbours(positions, normals, shells, _REACH * spacing)
    ups = np.broadcast_to(np.asarray(up, np.float64), atlas.positions.shape)[chosen]
    right, down, certain = _point_down(normals, ups)
    offsets, turns = _see(positions, normals, right, down, first, second)
    angles = _smooth(turns, certain, first, second)
    right, down = (
        np.cos(angles)[:, None] * right + np.sin(angles)[:, None] * down,
        np.cos(angles)[:, None] * down - np.sin(angles)[:, None] * right,
    )
    offsets *= np.exp(-1j * angles)[first]
    turns *= np.exp(1j * (angles[second] - angles[first]))
    lengths = np.abs(offsets)
    n = len(positions)
    graph = csr_array((np.maximum(lengths, 1e-9), (first, second)), shape=(n, n))
    edges = np.stack([first, second])
    return Points(
        spacing,
        positions,
        normals,
        right,
        down,
        certain,
        shells,
        edges,
        offsets,
        turns,
        graph,
        chosen,
        np.ones(n),
    )


def are_beside(normals: tuple[Floats, Floats], shells: tuple[Whole, Whole]) -> NDArray[np.bool_]:
    """Say of pairs of near places whether one lies beside the other along the surface.

    Args:
        normals: Of the first and the second of each pair, shape (..., 3).
        shells: Their numbers, shape (...).
    """
    cosine = (normals[0] * normals[1]).sum(-1)
    beside: NDArray[np.bool_] = cosine > np.where(
        shells[0] == shells[1], _LEAST_COSINE, _SHELLS_COSINE
    )
    return beside


def _find_neighbours(
    positions: Floats, normals: Floats, shells: Whole, reach: float
) -> tuple[Whole, Whole]:
    tree = cKDTree(positions)
    count = min(_NEIGHBOURS + 1, len(positions))
    distance, found = tree.query(positions, k=count, distance_upper_bound=reach)
    first = np.repeat(np.arange(len(positions)), count)
    second, near = found.reshape(-1), np.isfinite(distance.reshape(-1))
    near &= first != second
    first, second = first[near], second[near]
    pairs_of = (normals[first], normals[second]), (shells[first], shells[second])
    same = are_beside(*pairs_of)
    first, second = first[same], second[same]
    # Neighbours of one another, whoever found whom.
    n = len(positions)
    links = coo_array((np.ones(len(first), bool), (first, second)), shape=(n, n)).tocsr()
    links = links + links.T
    links.sort_indices()
    return np.repeat(np.arange(n), np.diff(links.indptr)), links.indices.astype(np.int64)


def _point_down(normals: Floats, ups: Floats) -> tuple[Floats, Floats, Floats]:
    """Point right and down along the surface; and how certain that is, 0...1."""
    ups = ups / np.maximum(np.linalg.norm(ups, axis=1, keepdims=True), 1e-9)
    along = ups - np.einsum("ni,ni->n", normals, ups)[:, None] * normals
    certain = np.linalg.norm(along, axis=1)
    # Where the surface faces up any direction does for now.
    other = np.eye(3)[np.abs(normals).argmin(1)]
    other = other - np.einsum("ni,ni->n", normals, other)[:, None] * normals
    along = np.where(certain[:, None] > 1e-3, along, other)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    right = np.cross(along, normals)
    return right, -along, certain


def _see(
    positions: Floats, normals: Floats, right: Floats, down: Floats, first: Whole, second: Whole
) -> tuple[Complex, Complex]:
    """See neighbours from points: where they lie, and how they are turned."""
    step = positions[second] - positions[first]
    bent = np.flatnonzero(np.einsum("ni,ni->n", normals[first], normals[second]) < _EDGE_COSINE)
    step[bent] = _unfold(step[bent], normals[first[bent]], normals[second[bent]])
    rights, downs = right[first], down[first]
    offsets = _combine(step, rights, downs)
    length = np.linalg.norm(step, axis=1)
    offsets *= length / np.maximum(np.abs(offsets), 1e-9)
    turns = _combine(_carry(right[second], normals[second], normals[first]), rights, downs)
    return offsets, turns / np.maximum(np.abs(turns), 1e-9)


def _combine(vectors: Floats, right: Floats, down: Floats) -> Complex:
    """Say how far vectors go right, and i times how far down."""
    combined: Complex = np.einsum("ni,ni->n", vectors, right) + 1j * np.einsum(
        "ni,ni->n", vectors, down
    )
    return combined


def _unfold(step: Floats, start: Floats, end: Floats) -> Floats:
    """Unfold steps over edges: as they would be if the surface went on as where they start.

    Across an edge, as much of the way lies on either side as leads to the other's plane.
    """
    dot = partial(np.einsum, "ni,ni->n")
    axis = np.cross(start, end)
    cosine, sine = dot(start, end), np.linalg.norm(axis, axis=1)
    rises, falls = dot(step, end), dot(step, start)
    scale = np.maximum(sine, 1e-9)[:, None]
    over = (end - cosine[:, None] * start) / scale * np.sign(rises - falls)[:, None]
    across = (np.abs(rises) + np.abs(falls))[:, None] / scale
    unfolded = across * over + dot(step, axis)[:, None] * axis / scale**2
    length, straight = (np.linalg.norm(vectors, axis=1) for vectors in (unfolded, step))
    steps: Floats = np.where((length < _LONGEST_WAY * straight)[:, None], unfolded, step)
    return steps


def _carry(vectors: Floats, start: Floats, end: Floats) -> Floats:
    """Carry tangents from one normal to another by the least rotation."""
    axis = np.cross(start, end)
    cosine = np.einsum("ni,ni->n", start, end)[:, None]
    along = np.einsum("ni,ni->n", axis, vectors)[:, None]
    carried: Floats = (
        cosine * vectors + np.cross(axis, vectors) + along * axis / np.maximum(1 + cosine, 1e-6)
    )
    return carried


def _smooth(turns: Complex, certain: Floats, first: Whole, second: Whole) -> Floats:
    """Smooth directions where they are not certain: by how much each is to be turned."""
    n = len(certain)
    carried = coo_array((turns, (first, second)), shape=(n, n)).tocsr()
    degree = np.maximum(np.bincount(first, minlength=n), 1)
    own = certain.astype(complex)
    z = own.copy()
    for _ in range(_SMOOTHINGS):
        weight = _OWN_WEIGHT * certain
        z = (carried @ z / degree) * (1 - weight) + weight * own
        z /= np.maximum(np.abs(z), 1e-9)
    angles: Floats = np.angle(z)
    return angles
