"""Let a part of a surface that was laid flat settle, pulled nowhere more than it must be.

What cannot lie flat is pulled at the rim of an exponential map. Liu et al. 2008, *A Local/Global
Approach to Mesh Parameterization*, share that out: each point shall see its neighbours where they
are along the surface, but for being turned, as rigidly as possible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from .mesh import Complex, Floats, Whole

# How often points are turned and then moved. Eight rounds reach nearly all of the evenness that
# many more of them would reach.
_ROUNDS = 8
# A pair of points counts as neighbours only if their distance on the plane is at most this many
# times their distance along the surface, and this many texels more. Where a part of the surface
# goes round a stalk, its two sides meet on the plane, though they are no neighbours on the surface.
_MEETING_FACTOR = 2.0
_MEETING_TEXELS = 1.0
# The weight that ties a point to its place, relative to the weight of its pairs: for a point that
# must stay, and for all others, for which it only keeps the matrix from being singular.
_HOLD = 1.0
_NO_HOLD = 1e-9
# Options with which SuperLU solves a matrix that is symmetric, and largest along its diagonal.
_SYMMETRIC = {
    "permc_spec": "MMD_AT_PLUS_A",
    "diag_pivot_thresh": 0.0,
    "options": {"SymmetricMode": True},
}


@dataclass(frozen=True)
class Pairs:
    """Pairs of neighbouring points on a surface, and where the first of each sees the second.

    Attributes:
        first, second: Numbers of the two points, shape (m).
        seen: Offset from the first point to the second along the surface, in the directions of the
            first: complex, in texels, shape (m).
        weights: How much each pair counts, shape (m).
    """

    first: Whole
    second: Whole
    seen: Complex
    weights: Floats

    def select(self, which: NDArray[np.bool_]) -> Pairs:
        """Return the pairs for which a mask of shape (m) is true."""
        return Pairs(self.first[which], self.second[which], self.seen[which], self.weights[which])


@dataclass(frozen=True)
class Settled:
    """Points of a surface that have settled on a plane.

    Attributes:
        places: Offset of each point from the middle one, complex, in texels, shape (n).
        turns: By which each point's directions are turned against those of the middle, as complex
            numbers of length 1, shape (n).
        stretches: Natural logarithm of lengths on the plane over those on the surface, shape (n).
    """

    places: Complex
    turns: Complex
    stretches: Floats


def settle(pairs: Pairs, places: Complex, turns: Complex, middle: int) -> Settled:
    """Let points settle on a plane.

    Args:
        pairs: Of points and their neighbours, both ways.
        places: Where the points begin, complex, shape (n).
        turns: Of their directions, complex, shape (n).
        middle: Number of the point that stays, with its directions.

    Example:
        >>> first, second = np.array([0, 1, 1, 2, 0, 2]), np.array([1, 0, 2, 1, 2, 0])
        >>> flat = np.array([0, 3, 4j])
        >>> pairs = Pairs(first, second, flat[second] - flat[first], np.ones(6))
        >>> bent = flat + np.array([0, 0.5, -1j])
        >>> bool(np.abs(settle(pairs, bent, np.ones(3), 0).stretches).max() < 0.05)
        True
    """
    n = len(places)
    step, along = np.abs(places[pairs.second] - places[pairs.first]), np.abs(pairs.seen)
    pairs = pairs.select(step < _MEETING_FACTOR * along + _MEETING_TEXELS)
    graph = coo_array((pairs.weights, (pairs.first, pairs.second)), shape=(n, n)).tocsr()
    graph = graph + graph.T
    # What hangs on nothing that the middle hangs on stays where it is.
    _, part = connected_components(graph, directed=False)
    held = part != part[middle]
    held[middle] = True
    degree = np.asarray(graph.sum(1)).ravel()
    hold = np.where(held, _HOLD * (degree + 1), _NO_HOLD)
    numbers = np.arange(n)
    matrix = coo_array((degree + hold, (numbers, numbers)), shape=(n, n)) - graph
    solve = splu(matrix.tocsc(), **_SYMMETRIC)
    sights = _Sights(pairs, n)
    begun = hold * places
    for _ in range(_ROUNDS):
        turns = sights.turn(places, turns)
        wanted = sights.pull(turns) + begun
        right, below = solve.solve(np.stack([wanted.real, wanted.imag], 1)).T
        places = right + 1j * below
    stretches = sights.measure_stretches(places)
    back = turns[middle].conj()
    return Settled((places - places[middle]) * back, turns * back, stretches)


class _Sights:
    """Sums over the neighbours of each point, which the two steps of settling are made of."""

    def __init__(self, pairs: Pairs, n: int) -> None:
        at = pairs.first, pairs.second
        self._seen = coo_array((pairs.weights * pairs.seen, at), shape=(n, n)).tocsr()
        self._seen_mirrored = self._seen.conj()
        self._seen_back = self._seen.T.tocsr()
        self._whole = self._seen @ np.ones(n)
        self._size = np.bincount(pairs.first, pairs.weights * np.abs(pairs.seen) ** 2, n)
        squares = pairs.weights * pairs.seen**2
        self._size_by_way = np.abs(coo_array((squares, at), shape=(n, n)) @ np.ones(n))

    def turn(self, places: Complex, turns: Complex) -> Complex:
        """Turn each point so that it sees its neighbours best where they are."""
        best = self._seen_mirrored @ places - places * self._whole.conj()
        size = np.abs(best)
        found: Complex = np.where(size > 1e-12, best / np.maximum(size, 1e-12), turns)
        return found

    def pull(self, turns: Complex) -> Complex:
        """Add up where points, turned so, want their neighbours and themselves."""
        pulled: Complex = self._seen_back @ turns - turns * self._whole
        return pulled

    def measure_stretches(self, places: Complex) -> Floats:
        """Measure by how much the plane's lengths are larger, as a natural logarithm.

        By the area that the linear map makes of an area which best leads from where neighbours are
        seen to where they are: the quotient of the determinants of two sums of products. Of such a
        sum of pairs z and d the determinant is a quarter of |Σ z̄d|² − |Σ zd|².
        """
        turned = self._seen_mirrored @ places - places * self._whole.conj()
        mirrored = self._seen @ places - places * self._whole
        squares = (self._size**2 - self._size_by_way**2) / 4
        areas = np.abs(np.abs(turned) ** 2 - np.abs(mirrored) ** 2) / 4
        # Of points with too few neighbours to tell nothing is told.
        known = (squares > 1e-9) & (areas > 1e-9)
        ratios: Floats = np.where(known, areas, 1) / np.where(known, squares, 1)
        return 0.5 * np.log(ratios)
