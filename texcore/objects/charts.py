"""Lay a part of a surface flat: where the texels about a point are, seen from there.

The discrete exponential map (Schmidt, Grimm & Wyvill 2006, *Interactive Decal Compositing with
Discrete Exponential Maps*): going outwards from the point, each point's place is the mean of where
those before it see it, turned by how they are turned themselves. Then all of them settle
(`texcore.objects.settling`), and what is still too large or too small is left to another chart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from .atlas import Atlas, number_runs
from .mesh import Complex, Floats, Whole
from .points import Points
from .settling import Pairs, settle

# Points whose charts a texel's place is the mean of, out of so many that are near; and the least
# cosine of their normals and its own.
_ABOUT, _SOUGHT, _SAME_SIDE = 3, 6, 0.5
# Bins of turns, in which that of most of a chart is looked for; and what a direction weighs there
# that is not certain at all. A turn of fewer radians is none.
_TURNS, _LEAST_CERTAIN, _UPRIGHT = 24, 0.05, 1e-6
# Width of the rings in which places are found, of the points' spacing.
_RING = 0.6
# By how much those before a point may disagree of where it is, of the points' spacing.
_AGREEMENT = 0.67
STRETCH_SHARE = 0.1  #: by which a texel's side may be larger or smaller than on the surface
# Texels whose points are looked for together; and rounding, as a factor of a distance.
_TOGETHER, _A_LITTLE_MORE = 1 << 18, 1 + 1e-9
# So near to the middle of a chart it may be by any, in texels, so that each has something.
_ALWAYS_TEXELS = 3.0


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

    Attributes:
        sizes: How large things are at each texel of the atlas, as factors, shape (n).
    """

    def __init__(self, atlas: Atlas, points: Points) -> None:
        self._points = points
        first, second = points.edges
        n = len(points.positions)
        self._starts = np.searchsorted(first, np.arange(n + 1))
        # An edge is the first's view of the second. Of each the one that goes back, sorted alike.
        back = np.searchsorted(first * n + second, second * n + first)
        self._offsets_back, self._turns_back = points.offsets[back], points.turns[back]
        self._largest = float(points.sizes.max())
        self._nearness = 1 / points.graph.data
        self._tree = cKDTree(points.positions)
        # Where among those that are looked at each point is; between looks nowhere.
        self._where = np.full(n, -1)
        seen = [
            self._look_from(atlas, slice(begin, begin + _TOGETHER))
            for begin in range(0, len(atlas.texels), _TOGETHER)
        ]
        self._nearest, self._weights, self._offsets, self.sizes = (
            np.concatenate(a) for a in zip(*seen, strict=True)
        )
        order = np.argsort(self._nearest[:, 0], kind="stable")
        self._texels = order
        self._texel_starts = np.searchsorted(self._nearest[order, 0], np.arange(n + 1))

    def _look_from(self, atlas: Atlas, which: slice) -> tuple[Whole, Floats, Complex, Floats]:
        """Find the points about texels, what each tells of these, where they lie, and sizes."""
        points = self._points
        about = min(_SOUGHT, len(points.positions))
        positions, normals = atlas.positions[which], atlas.normals[which]
        distance, nearest = self._tree.query(positions, k=about)
        distance, nearest = distance.reshape(-1, about), nearest.reshape(-1, about)
        cosine = np.einsum("ni,nki->nk", normals, points.normals[nearest])
        same = (cosine > _SAME_SIDE) & (atlas.shells[which, None] == points.shells[nearest])
        # Those on its own side come first, near ones before far ones.
        order = np.argsort(~same, axis=1, kind="stable")[:, :_ABOUT]
        distance, nearest, same = (
            np.take_along_axis(a, order, 1) for a in (distance, nearest, same)
        )
        same[:, 0] = True
        weights = same / (distance + 0.3) ** 2
        weights /= weights.sum(1, keepdims=True)
        step = positions[:, None] - points.positions[nearest]
        along = np.einsum("nki,nki->nk", step, points.right[nearest])
        offsets = along + 1j * np.einsum("nki,nki->nk", step, points.down[nearest])
        own = points.sizes[nearest]
        sizes = np.exp((weights * np.log(own)).sum(1))
        return nearest, weights, offsets / np.sqrt(own * sizes[:, None]), sizes

    def find_nearest(self, texels: Whole) -> Whole:
        """Find the point nearest to each of some texels of the surface, shape (n)."""
        nearest: Whole = self._nearest[texels, 0]
        return nearest

    def find_right(self) -> Floats:
        """Find the direction of the texture's rows at each texel of the surface, (n, 3)."""
        right: Floats = self._points.right[self._nearest[:, 0]]
        return right

    def find_down(self) -> Floats:
        """Find the direction of the texture's columns at each texel of the surface, (n, 3)."""
        down: Floats = self._points.down[self._nearest[:, 0]]
        return down

    def lay_flat(self, middle: int, radius: float, most: float = STRETCH_SHARE) -> Chart:
        """Lay flat what is within a radius of a point, and a little more.

        Args:
            middle: Number of the point.
            radius: In texels along the surface, over the sizes there.
            most: By what share a texel's side may be larger or smaller than on the surface.
        """
        # A texel at the rim is seen from points beyond it.
        spacing = self._points.spacing / float(self._points.sizes[middle])
        found, distances = self.reach(middle, radius + spacing)
        edges = self._find_edges(found)
        start = int(np.searchsorted(found, middle))
        known, places, turns = self._spread(edges, distances, start, spacing)
        pairs = Pairs(edges.first, edges.second, self._points.offsets[edges.which], edges.nearness)
        number = np.cumsum(known) - 1
        pairs = pairs.select(known[pairs.first] & known[pairs.second])
        pairs = replace(pairs, first=number[pairs.first], second=number[pairs.second])
        settled = settle(pairs, places[known], turns[known], int(number[start]))
        found = found[known]
        texels = self._texels[number_runs(self._texel_starts[found], self._count_texels(found))]
        self._where[found] = np.arange(len(found))
        near = self._where[self._nearest[texels]]
        self._where[found] = -1
        weights = np.where(near >= 0, self._weights[texels], 0)
        weights /= weights.sum(1, keepdims=True)
        turns = settled.turns[near]
        seen = settled.places[near] + self._offsets[texels] * turns
        at = (weights * seen).sum(1)
        one = (weights * np.abs(seen - at[:, None]) ** 2).sum(1) < (_AGREEMENT * spacing) ** 2
        stretch = (weights * settled.stretches[near]).sum(1)
        # Directions are told as the nearest point has them, see `find_right`.
        turned = np.angle(turns[:, 0])
        certain = self._points.certain[self._nearest[texels, 0]]
        upright = _find_main_turn(turned[one], certain[one])
        places = (at * np.exp(-1j * upright)).view(np.float64).reshape(-1, 2)
        return Chart(texels, places, turned - upright, stretch).select(one).narrow(most)

    def reach(self, middle: int, radius: float) -> tuple[Whole, Floats]:
        """Find the points within a radius of one along the surface, and their distances."""
        # No way along the surface is shorter than the straight one.
        straight = radius * self._largest * _A_LITTLE_MORE
        about = self._tree.query_ball_point(self._points.positions[middle], straight)
        some = np.sort(np.array(about, np.int64))
        edges = self._find_edges(some)
        lengths = self._points.graph.data[edges.which]
        graph = csr_array((lengths, edges.second, edges.starts), shape=(len(some), len(some)))
        reached = dijkstra(graph, indices=int(np.searchsorted(some, middle)), limit=radius)
        found = np.isfinite(reached)
        return some[found], reached[found]

    def _find_edges(self, points: Whole) -> _Edges:
        """Find the edges from some points, in order of their numbers, to others of them."""
        counts = self._starts[points + 1] - self._starts[points]
        which = number_runs(self._starts[points], counts)
        self._where[points] = np.arange(len(points))
        second = self._where[self._points.edges[1, which]]
        self._where[points] = -1
        both = second >= 0
        first = np.repeat(np.arange(len(points)), counts)[both]
        starts = np.searchsorted(first, np.arange(len(points) + 1))
        which = which[both]
        return _Edges(which, first, second[both], starts, self._nearness[which])

    def _count_texels(self, points: Whole) -> Whole:
        """Count the texels that points are nearest to."""
        counts: Whole = self._texel_starts[points + 1] - self._texel_starts[points]
        return counts

    def _spread(
        self, edges: _Edges, distances: Floats, middle: int, spacing: float
    ) -> tuple[NDArray[np.bool_], Complex, Complex]:
        """Find which points can be seen from one, their places and their turns there."""
        n = len(distances)
        ring = np.floor(distances / (_RING * spacing)).astype(np.int64)
        order = np.argsort(ring, kind="stable")
        places, turns = np.zeros(n, np.complex128), np.ones(n, np.complex128)
        known = np.zeros(n, bool)
        known[middle] = True
        late: Whole = np.zeros(0, np.int64)
        for of_ring in np.split(order, np.flatnonzero(np.diff(ring[order])) + 1):
            some = np.concatenate([late, of_ring])
            some = some[~known[some]]
            late = self._place(some, edges, (places, turns, known), (_AGREEMENT * spacing) ** 2)
        return known, places, turns

    def _place(
        self,
        some: Whole,
        edges: _Edges,
        so_far: tuple[Complex, Complex, NDArray[np.bool_]],
        disagreement: float,
    ) -> Whole:
        """Place points by their known neighbours; returns those that have none that agree."""
        places, turns, known = so_far
        counts = edges.starts[some + 1] - edges.starts[some]
        each = number_runs(edges.starts[some], counts)
        of, other = np.repeat(np.arange(len(some)), counts), edges.second[each]
        usable = known[other]
        each, of, other = each[usable], of[usable], other[usable]
        weight, which = edges.nearness[each], edges.which[each]

        def add_up(values: Complex) -> Complex:
            real, imaginary = (
                np.bincount(of, weight * part, len(some)) for part in (values.real, values.imag)
            )
            sums: Complex = real + 1j * imaginary
            return sums

        seen = places[other] + self._offsets_back[which] * turns[other]
        total = np.bincount(of, weight, len(some))
        means = add_up(seen) / np.maximum(total, 1e-12)
        away = np.bincount(of, weight * np.abs(seen - means[of]) ** 2, len(some))
        # Round a pole, or the other side of a stalk, those before it do not agree: there it ends.
        done = (total > 0) & (away <= disagreement * total)
        places[some[done]] = means[done]
        turned = add_up(turns[other] * self._turns_back[which])[done]
        turns[some[done]] = turned / np.maximum(np.abs(turned), 1e-12)
        known[some[done]] = True
        left: Whole = some[~done]
        return left


@dataclass(frozen=True)
class _Edges:
    """Edges between some points, numbered anew among themselves.

    Attributes:
        which: Their numbers among all edges, shape (m).
        first, second: Points by their new numbers, shape (m), sorted by the first.
        starts: Where those of each first begin, and where the last end.
        nearness: What each weighs, shape (m).
    """

    which: Whole
    first: Whole
    second: Whole
    starts: Whole
    nearness: Floats


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
