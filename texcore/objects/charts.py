"""Lay a part of a surface flat: where the texels about a point are, seen from there.

The discrete exponential map (Schmidt, Grimm & Wyvill 2006, *Interactive Decal Compositing with
Discrete Exponential Maps*): going outwards from the point, each point's place is the mean of where
those before it see it, turned by how they are turned themselves. Then all of them settle
(`texcore.objects.settling`), and what is still too large or too small is left to another chart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from .atlas import Atlas
from .mesh import Floats, Whole
from .points import SPACING_TEXELS, Points
from .settling import Pairs, Settled, settle, turn

# Points whose charts a texel's place is the mean of, out of so many that are near; and the least
# cosine of their normals and its own.
_ABOUT, _SOUGHT, _SAME_SIDE = 3, 6, 0.5
# Bins of turns, in which that of most of a chart is looked for; and what a direction weighs there
# that is not certain at all. A turn of fewer radians is none.
_TURNS, _LEAST_CERTAIN, _UPRIGHT = 24, 0.05, 1e-6
# Width of the rings in which places are found, of the points' spacing.
_RING = 0.6
# By how much those before a point may disagree of where it is, in texels.
_AGREEMENT_TEXELS = 2.0
STRETCH_SHARE = 0.1  #: by which a texel's side may be larger or smaller than on the surface
# About the middle of a chart it may be by any, in texels, so that each has something.
_ALWAYS_TEXELS = 6.0


@dataclass(frozen=True)
class Chart:
    """A part of a surface, laid flat.

    Attributes:
        texels: Their numbers in the atlas, shape (n).
        places: Right and down from the middle in texels, shape (n, 2), as most of it has these.
        turns: By how much the texture's own directions there are turned against those, in radians,
            shape (n).
        stretches: Natural logarithm of a texel's side there over its side on the surface: (n).
    """

    texels: Whole
    places: Floats
    turns: Floats
    stretches: Floats

    def select(self, which: NDArray[np.bool_]) -> Chart:
        """Return it with some of its texels only, by where these are true."""
        return Chart(
            self.texels[which], self.places[which], self.turns[which], self.stretches[which]
        )

    def narrow(self, most: float) -> Chart:
        """Return it without what is larger or smaller by more than a share; the middle stays."""
        even = np.abs(self.stretches) <= np.log1p(most)
        return self.select(even | (np.linalg.norm(self.places, axis=1) < _ALWAYS_TEXELS))


class Charts:
    """Lays parts of a surface flat.

    Args:
        atlas: Of the surface.
        points: All over it.
    """

    def __init__(self, atlas: Atlas, points: Points) -> None:
        self._points = points
        first, second = points.edges
        n = len(points.positions)
        self._starts = np.searchsorted(first, np.arange(n + 1))
        # Of each edge the number of the one that goes back.
        self._reverse = np.searchsorted(first * n + second, second * n + first)
        tree = cKDTree(points.positions)
        about = min(_SOUGHT, len(points.positions))
        distance, nearest = tree.query(atlas.positions, k=about)
        distance, nearest = distance.reshape(-1, about), nearest.reshape(-1, about)
        cosine = np.einsum("ni,nki->nk", atlas.normals, points.normals[nearest])
        same = (cosine > _SAME_SIDE) & (atlas.shells[:, None] == points.shells[nearest])
        # Those on its own side come first, near ones before far ones.
        order = np.argsort(~same, axis=1, kind="stable")[:, :_ABOUT]
        distance, self._nearest, same = (
            np.take_along_axis(a, order, 1) for a in (distance, nearest, same)
        )
        same[:, 0] = True
        weights = same / (distance + 0.3) ** 2
        self._weights = weights / weights.sum(1, keepdims=True)
        step = atlas.positions[:, None] - points.positions[self._nearest]
        self._offsets = np.stack(
            [
                np.einsum("nki,nki->nk", step, points.right[self._nearest]),
                np.einsum("nki,nki->nk", step, points.down[self._nearest]),
            ],
            2,
        )
        order = np.argsort(self._nearest[:, 0], kind="stable")
        self._texels = order
        self._texel_starts = np.searchsorted(
            self._nearest[order, 0], np.arange(len(points.positions) + 1)
        )

    def find_nearest(self, texel: int) -> int:
        """Find the point nearest to a texel of the surface."""
        return int(self._nearest[texel, 0])

    def find_right(self) -> Floats:
        """Find the direction of the texture's rows at each texel of the surface, (n, 3)."""
        right: Floats = self._points.right[self._nearest[:, 0]]
        return right

    def lay_flat(self, middle: int, radius: float, most: float = STRETCH_SHARE) -> Chart:
        """Lay flat what is within a radius of a point, in texels along the surface.

        Args:
            middle: Number of the point.
            radius: In texels.
            most: By what share a texel's side may be larger or smaller than on the surface.
        """
        found, places, turns = self._spread(middle, radius)
        n = len(self._points.positions)
        where = np.full(n, -1)
        where[found] = np.arange(len(found))
        settled = self._settle(found, where, places, turns, middle)
        texels = _take_runs(self._texels, self._texel_starts, found)
        near = where[self._nearest[texels]]
        weights = np.where(near >= 0, self._weights[texels], 0)
        weights /= weights.sum(1, keepdims=True)
        turns = settled.turns[near]
        seen = settled.places[near] + turn(self._offsets[texels], turns)
        at = np.einsum("nk,nki->ni", weights, seen)
        away = np.square(seen - at[:, None]).sum(2)
        one = np.einsum("nk,nk->n", weights, away) < _AGREEMENT_TEXELS**2
        stretch = np.einsum("nk,nk->n", weights, settled.stretches[near])
        turned = np.angle(np.einsum("nk,nk->n", weights, np.exp(1j * turns)))
        certain = self._points.certain[self._nearest[texels, 0]]
        upright = _find_main_turn(turned[one], certain[one])
        at, turned = turn(at, np.full(len(at), -upright)), turned - upright
        return Chart(texels, at, turned, stretch).select(one).narrow(most)

    def reach(self, middle: int, radius: float) -> tuple[Whole, Floats]:
        """Find the points within a radius of one along the surface, and their distances."""
        reached = dijkstra(self._points.graph, indices=middle, limit=radius)
        found = np.flatnonzero(np.isfinite(reached))
        return found, reached[found]

    def _spread(self, middle: int, radius: float) -> tuple[Whole, Floats, Floats]:
        """Find the points about one, and their places and turns there."""
        points = self._points
        found, distances = self.reach(middle, radius)
        ring = np.floor(distances / (_RING * SPACING_TEXELS)).astype(np.int64)
        order = np.argsort(ring, kind="stable")
        found, ring = found[order], ring[order]
        places = np.zeros((len(points.positions), 2))
        turns = np.zeros(len(points.positions))
        known = np.zeros(len(points.positions), bool)
        known[middle] = True
        late: Whole = np.zeros(0, np.int64)
        for of_ring in np.split(found, np.flatnonzero(np.diff(ring)) + 1):
            some = np.concatenate([late, of_ring])
            some = some[~known[some]]
            late = self._place(some, places, turns, known)
        found = found[known[found]]
        return found, places[found], turns[found]

    def _settle(
        self, found: Whole, where: Whole, places: Floats, turns: Floats, middle: int
    ) -> Settled:
        """Let the points found settle; ``where`` is the number among them of each of all points."""
        points = self._points
        edges = _take_runs(np.arange(points.edges.shape[1]), self._starts, found)
        edges = edges[where[points.edges[1, edges]] >= 0]
        first, second = where[points.edges[:, edges]]
        pairs = Pairs(first, second, points.offsets[edges], 1 / points.graph.data[edges])
        return settle(pairs, places, turns, int(where[middle]))

    def _place(self, some: Whole, places: Floats, turns: Floats, known: Floats) -> Whole:
        """Place points by their known neighbours; returns those that have none."""
        points = self._points
        edges = _take_runs(np.arange(points.edges.shape[1]), self._starts, some)
        of = np.repeat(np.arange(len(some)), self._starts[some + 1] - self._starts[some])
        other = points.edges[1, edges]
        usable = known[other]
        edges, of, other = edges[usable], of[usable], other[usable]
        # An edge is the first's view of the second; its reverse is looked up, sorted as it is.
        back = self._reverse[edges]
        seen = places[other] + turn(points.offsets[back], turns[other])
        weight = 1 / points.graph.data[edges]
        total = np.bincount(of, weight, len(some))
        means = (
            np.stack([np.bincount(of, weight * seen[:, axis], len(some)) for axis in (0, 1)], 1)
            / np.maximum(total, 1e-12)[:, None]
        )
        away = np.bincount(of, weight * np.square(seen - means[of]).sum(1), len(some))
        # Round a pole, or the other side of a stalk, those before it do not agree: there it ends.
        done = (total > 0) & (away <= _AGREEMENT_TEXELS**2 * total)
        places[some[done]] = means[done]
        turned = np.exp(1j * (turns[other] + points.turns[back]))
        real, imaginary = (
            np.bincount(of, weight * part, len(some)) for part in (turned.real, turned.imag)
        )
        turns[some[done]] = np.arctan2(imaginary, real)[done]
        known[some[done]] = True
        left: Whole = some[~done]
        return left


def _find_main_turn(turns: Floats, certain: Floats) -> float:
    """Find the turn that most are near, in radians: the mean of these, and not of all.

    Over the top of a thin board both sides are seen, and what is up on one is down on the other.
    """
    if not len(turns):
        return 0.0
    weights = certain + _LEAST_CERTAIN
    counts, ends = np.histogram(turns % (2 * np.pi), _TURNS, (0, 2 * np.pi), weights=weights)
    # A turn that lies between two bins is not to lose by it.
    best = int((counts + np.roll(counts, -1) + np.roll(counts, 1)).argmax())
    away = np.angle(np.exp(1j * (turns - (ends[best] + ends[best + 1]) / 2)))
    near = np.abs(away) < 3 * np.pi / _TURNS
    found = float(np.angle((weights * np.exp(1j * turns))[near].sum()))
    # What is rounding only would move texels that lie on the border between two cells.
    return found if abs(found) > _UPRIGHT else 0.0


def _take_runs(values: Whole, starts: Whole, which: Whole) -> Whole:
    """Take the runs of values of some numbers, one behind the other."""
    counts = starts[which + 1] - starts[which]
    before = np.cumsum(counts) - counts
    within = np.arange(counts.sum()) - np.repeat(before, counts)
    taken: Whole = values[np.repeat(starts[which], counts) + within]
    return taken
