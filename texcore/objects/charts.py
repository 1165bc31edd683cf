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
from .mesh import Complex, Floats, Whole
from .points import SPACING_TEXELS, Points
from .settling import Pairs, Settled, settle

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
        # An edge is the first's view of the second. Of each the one that goes back, sorted alike.
        back = np.searchsorted(first * n + second, second * n + first)
        self._offsets_back, self._turns_back = points.offsets[back], points.turns[back]
        self._nearness = 1 / points.graph.data
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
        along = np.einsum("nki,nki->nk", step, points.right[self._nearest])
        self._offsets = along + 1j * np.einsum("nki,nki->nk", step, points.down[self._nearest])
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
        """Lay flat what is within a radius of a point, and a little more.

        Args:
            middle: Number of the point.
            radius: In texels along the surface.
            most: By what share a texel's side may be larger or smaller than on the surface.
        """
        # A texel at the rim is seen from points beyond it.
        found, places, turns = self._spread(middle, radius + SPACING_TEXELS)
        n = len(self._points.positions)
        where = np.full(n, -1)
        where[found] = np.arange(len(found))
        settled = self._settle(found, where, places, turns, middle)
        texels = self._texels[_number_runs(self._texel_starts, found)]
        near = where[self._nearest[texels]]
        weights = np.where(near >= 0, self._weights[texels], 0)
        weights /= weights.sum(1, keepdims=True)
        turns = settled.turns[near]
        seen = settled.places[near] + self._offsets[texels] * turns
        at = (weights * seen).sum(1)
        one = (weights * np.abs(seen - at[:, None]) ** 2).sum(1) < _AGREEMENT_TEXELS**2
        stretch = (weights * settled.stretches[near]).sum(1)
        turned = np.angle((weights * turns).sum(1))
        certain = self._points.certain[self._nearest[texels, 0]]
        upright = _find_main_turn(turned[one], certain[one])
        places = (at * np.exp(-1j * upright)).view(np.float64).reshape(-1, 2)
        return Chart(texels, places, turned - upright, stretch).select(one).narrow(most)

    def reach(self, middle: int, radius: float) -> tuple[Whole, Floats]:
        """Find the points within a radius of one along the surface, and their distances."""
        reached = dijkstra(self._points.graph, indices=middle, limit=radius)
        found = np.flatnonzero(np.isfinite(reached))
        return found, reached[found]

    def _spread(self, middle: int, radius: float) -> tuple[Whole, Complex, Complex]:
        """Find the points about one, and their places and turns there."""
        n = len(self._points.positions)
        found, distances = self.reach(middle, radius)
        ring = np.floor(distances / (_RING * SPACING_TEXELS)).astype(np.int64)
        order = np.argsort(ring, kind="stable")
        found, ring = found[order], ring[order]
        places, turns = np.zeros(n, np.complex128), np.ones(n, np.complex128)
        known = np.zeros(n, bool)
        known[middle] = True
        late: Whole = np.zeros(0, np.int64)
        for of_ring in np.split(found, np.flatnonzero(np.diff(ring)) + 1):
            some = np.concatenate([late, of_ring])
            some = some[~known[some]]
            late = self._place(some, places, turns, known)
        found = found[known[found]]
        return found, places[found], turns[found]

    def _settle(
        self, found: Whole, where: Whole, places: Complex, turns: Complex, middle: int
    ) -> Settled:
        """Let the points found settle; ``where`` is the number among them of each of all points."""
        points = self._points
        edges = _number_runs(self._starts, found)
        edges = edges[where[points.edges[1, edges]] >= 0]
        first, second = where[points.edges[:, edges]]
        pairs = Pairs(first, second, points.offsets[edges], self._nearness[edges])
        return settle(pairs, places, turns, int(where[middle]))

    def _place(self, some: Whole, places: Complex, turns: Complex, known: Floats) -> Whole:
        """Place points by their known neighbours; returns those that have none."""
        edges = _number_runs(self._starts, some)
        of = np.repeat(np.arange(len(some)), self._starts[some + 1] - self._starts[some])
        other = self._points.edges[1, edges]
        usable = known[other]
        edges, of, other = edges[usable], of[usable], other[usable]
        weight = self._nearness[edges]

        def add_up(values: Complex) -> Complex:
            real, imaginary = (
                np.bincount(of, weight * part, len(some)) for part in (values.real, values.imag)
            )
            sums: Complex = real + 1j * imaginary
            return sums

        seen = places[other] + self._offsets_back[edges] * turns[other]
        total = np.bincount(of, weight, len(some))
        means = add_up(seen) / np.maximum(total, 1e-12)
        away = np.bincount(of, weight * np.abs(seen - means[of]) ** 2, len(some))
        # Round a pole, or the other side of a stalk, those before it do not agree: there it ends.
        done = (total > 0) & (away <= _AGREEMENT_TEXELS**2 * total)
        places[some[done]] = means[done]
        turned = add_up(turns[other] * self._turns_back[edges])[done]
        turns[some[done]] = turned / np.maximum(np.abs(turned), 1e-12)
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


def _number_runs(starts: Whole, which: Whole) -> Whole:
    """Number what is in some of the runs that begin at these starts, one run behind the other."""
    counts = starts[which + 1] - starts[which]
    before = np.cumsum(counts) - counts
    numbers: Whole = np.arange(counts.sum()) + np.repeat(starts[which] - before, counts)
    return numbers
