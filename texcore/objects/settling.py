"""Let a part of a surface that was laid flat settle, pulled nowhere more than it must be.

What cannot lie flat is pulled at the rim of an exponential map. Liu et al. 2008, *A Local/Global
Approach to Mesh Parameterization*, share that out: each point shall see its neighbours where they
are along the surface, but for being turned, as rigidly as possible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from .mesh import Floats, Whole

# Of the two steps in turn; of the evenness that is reached in the end four have nearly all.
_ROUNDS = 4
# Two sides that meet round a stalk see each other, and do not lie beside each other: a pair that is
# so many times as far apart as it is along the surface, and by so many texels more, is none.
_MEETING_FACTOR, _MEETING_TEXELS = 2.0, 1.0
# What holds a point that is held, in its pairs' weight; others are held so little that it is none.
_HOLD, _NO_HOLD = 1.0, 1e-9


@dataclass(frozen=True)
class Pairs:
    """Neighbours on a surface, each as the first of two sees the second.

    Attributes:
        first, second: Their numbers, shape (m).
        seen: Where the second lies, in the first's own directions, in texels: shape (m, 2).
        weights: Shape (m).
    """

    first: Whole
    second: Whole
    seen: Floats
    weights: Floats

    def select(self, which: Whole) -> Pairs:
        """Return some of them, by where these are true."""
        return Pairs(self.first[which], self.second[which], self.seen[which], self.weights[which])


@dataclass(frozen=True)
class Settled:
    """Points on a plane, as they have settled.

    Attributes:
        places: From the middle in texels, shape (n, 2).
        turns: By how much directions there are turned against the middle's, in radians: shape (n).
        stretches: Natural logarithm of a texel's side there over its side on the surface: (n).
    """

    places: Floats
    turns: Floats
    stretches: Floats


def settle(pairs: Pairs, places: Floats, turns: Floats, middle: int) -> Settled:
    """Let points settle on a plane.

    Args:
        pairs: Of points and their neighbours, both ways.
        places: Where the points begin, in texels, shape (n, 2).
        turns: By how much their directions are turned, in radians, shape (n).
        middle: Number of the point that stays, with its directions.

    Example:
        >>> first, second = np.array([0, 1, 1, 2, 0, 2]), np.array([1, 0, 2, 1, 2, 0])
        >>> flat = np.array([[0.0, 0], [3, 0], [0, 4]])
        >>> pairs = Pairs(first, second, flat[second] - flat[first], np.ones(6))
        >>> bent = flat + np.array([[0, 0], [0.5, 0], [0, -1]])
        >>> bool(np.abs(settle(pairs, bent, np.zeros(3), 0).stretches).max() < 0.05)
        True
    """
    n = len(places)
    step = np.linalg.norm(places[pairs.second] - places[pairs.first], axis=1)
    along = np.linalg.norm(pairs.seen, axis=1)
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
    solve = splu((coo_array((degree + hold, (numbers, numbers)), shape=(n, n)) - graph).tocsc())
    begun = hold[:, None] * places
    for _ in range(_ROUNDS):
        turns = _turn_as_seen(pairs, places, turns)
        pull = pairs.weights[:, None] * turn(pairs.seen, turns[pairs.first])
        pulled = [
            np.bincount(pairs.second, pull[:, axis], n) - np.bincount(pairs.first, pull[:, axis], n)
            for axis in (0, 1)
        ]
        places = solve.solve(np.stack(pulled, 1) + begun)
    stretches = _measure_stretches(pairs, places)
    places = turn(places - places[middle], np.full(n, -turns[middle]))
    return Settled(places, turns - turns[middle], stretches)


def turn(offsets: Floats, turns: Floats) -> Floats:
    """Turn offsets (..., 2) by turns (...), in radians from right to down."""
    cosine, sine = np.cos(turns), np.sin(turns)
    x, y = offsets[..., 0], offsets[..., 1]
    turned: Floats = np.stack([cosine * x - sine * y, sine * x + cosine * y], -1)
    return turned


def _turn_as_seen(pairs: Pairs, places: Floats, turns: Floats) -> Floats:
    """Find how each point has to be turned to see its neighbours best where they are."""
    seen, step = pairs.seen, places[pairs.second] - places[pairs.first]
    parts = (
        np.einsum("mi,mi->m", seen, step),
        seen[:, 0] * step[:, 1] - seen[:, 1] * step[:, 0],
    )
    cosine, sine = (np.bincount(pairs.first, pairs.weights * part, len(places)) for part in parts)
    certain = np.hypot(cosine, sine) > 1e-12
    found: Floats = np.where(certain, np.arctan2(sine, cosine), turns)
    return found


def _measure_stretches(pairs: Pairs, places: Floats) -> Floats:
    """Measure by how much the plane's lengths are larger, as a natural logarithm.

    By the area that the linear map makes of an area which best leads from where neighbours are seen
    to where they are.
    """
    n = len(places)
    step = places[pairs.second] - places[pairs.first]

    def add_up(left: Floats, right: Floats) -> Floats:
        products: Floats = np.einsum("m,mi,mj->mij", pairs.weights, left, right).reshape(-1, 4)
        sums = [np.bincount(pairs.first, products[:, k], n) for k in range(4)]
        return np.stack(sums, 1).reshape(n, 2, 2).astype(np.float64)

    squares = np.linalg.det(add_up(pairs.seen, pairs.seen))
    areas = np.abs(np.linalg.det(add_up(pairs.seen, step)))
    # Of points with too few neighbours to tell nothing is told.
    known = (squares > 1e-9) & (areas > 1e-9)
    ratios: Floats = np.where(known, areas, 1) / np.where(known, squares, 1)
    return 0.5 * np.log(ratios)
