"""Sew pieces of a photo together on a surface: where in the photo each texel of it is from.

Image quilting (Efros & Freeman 2001) with minimum cuts (Kwatra et al. 2003), as on the torus, but
each piece is laid on a chart of the surface: there it agrees best with what lies there already, and
takes over along the cut that costs least.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from torch import Tensor

from ..layout.minimum_cut import FORBIDDEN, CutTerms, find_minimum_cut
from ..runtime.context import Check, proceed
from ..runtime.devices import one_thread
from .atlas import Atlas
from .charts import STRETCH_SHARE, Chart, Charts
from .crumbs import Beside
from .grid import Grid
from .mesh import Whole
from .parts import Parts
from .photo import Photo
from .pieces import Pieces
from .points import Points
from .views import choose_middles

# Side of a piece, as a share of the photo's shorter side.
_PIECE_SHARE = 0.5
# Every point is as near as this to the middle of a piece, in its side, which is looked for so far
# beyond the last pieces, in the same.
_STEP_SHARE, _OUTWARDS = 0.48, 0.4
# Pieces that are laid once more where folds and creases have been left bare.
_MOST_PATCHES = 64
# A part of a piece with fewer texels than a square of this share of a piece's side is a crumb: what
# lies beside it goes on over it, stretched by no more than this.
_CRUMB_SHARE, _CRUMB_STRETCH_SHARE = 0.1, 0.5
# A crumb with fewer texels, over which nothing can go on, gets what lies nearest.
_SCRAP_TEXELS = 9
# By how much the line of a cut is smoothed.
_SMOOTHING_TEXELS = 1.0
# How far one photo may go over the part of another, of a piece's side: there a cut is looked for.
_BAND_SHARE = 0.0625


class Sewing:
    """Sews photos onto a surface.

    Args:
        photos: Shape (channels, h, w) each, of the surface's scale: a texel of it for one of the
            surface.
        atlas: Of the surface.
        points: All over it.
        charts: Of it.
        generator: Chooses among places that fit alike; on the CPU.
        wanted: Number of the photo that each texel is for, shape (n); None for the first.

    Attributes:
        side: Of a piece in texels.
        pieces: What has been laid.
        sewn: Where in the photos the texels are from.
        beside: Knows which texels lie beside each other.
    """

    def __init__(
        self,
        photos: Sequence[Tensor],
        atlas: Atlas,
        points: Points,
        charts: Charts,
        generator: torch.Generator,
        wanted: Whole | None = None,
    ) -> None:
        self._atlas, self._points, self._charts = atlas, points, charts
        self._generator = generator
        self.side = measure_side(photos)
        self._photos = [Photo(photo, self.side) for photo in photos]
        if wanted is None:
            wanted = np.zeros(len(atlas.texels), np.int64)
        self._parts = Parts(atlas, wanted, len(photos), _BAND_SHARE * self.side)
        self.pieces = Pieces(self._photos, self.side, self._parts)
        self.sewn = self.pieces.sewn
        self.beside = Beside(atlas)

    def sew(self, check: Check = proceed) -> Iterator[float]:
        """Cover all of the surface, a piece at a time; yields how much of it is done, 0...1.

        Args:
            check: Called before each piece; an exception of it ends the work.
        """
        # Where two photos meet comes first, while nothing yet keeps either from fitting the other.
        first = np.zeros(len(self._points.positions), bool)
        first[self._charts.find_nearest(self._parts.find_shared())] = True
        middles = choose_middles(
            self._charts, self._points, _STEP_SHARE * self.side, _OUTWARDS, first
        )
        for number, middle in enumerate(middles):
            check()
            self._lay(middle)
            yield (number + 1) / len(middles)
        beside, least = self.beside, round((_CRUMB_SHARE * self.side) ** 2)
        self.pieces.merge_crumbs(beside, least, check)
        self._lay_bare_what_is_wrong()
        for _ in range(_MOST_PATCHES):
            bare = np.flatnonzero(self.sewn.pieces < 0)
            if not len(bare):
                break
            check()
            self._lay(int(self._charts.find_nearest(bare[:1])[0]))
        self.pieces.merge_crumbs(beside, least, check)
        for scrap in beside.find_crumbs(self.sewn.pieces, _SCRAP_TEXELS):
            if len(beside.find_around(scrap)) > len(scrap):
                self.sewn.pieces[scrap] = -1
        self._fill_bare()

    def _fill_bare(self) -> None:
        """Give what is bare, in folds and creases, what lies nearest of what is beside it."""
        bare = np.flatnonzero(self.sewn.pieces < 0)
        done = self.beside.find_around(bare)
        done = done[self.sewn.pieces[done] >= 0]
        if not len(done):
            done = np.flatnonzero(self.sewn.pieces >= 0)
        _, nearest = cKDTree(self._atlas.positions[done]).query(self._atlas.positions[bare])
        from_ = done[nearest]
        self.sewn.origins[bare] = self.sewn.origins[from_]
        self.sewn.pieces[bare] = self.sewn.pieces[from_]
        self.sewn.photos[bare] = self.sewn.photos[from_]

    def _lay_bare_what_is_wrong(self) -> None:
        """Lay bare what is of another photo than it must be, at the borders of pieces."""
        every = np.arange(len(self._atlas.texels))
        for number in range(len(self._photos)):
            wrong = self._parts.must_be(number, every) & (self.sewn.photos != number)
            self.sewn.pieces[wrong] = -1

    @one_thread()
    def _lay(self, middle: int) -> None:
        """Lay pieces about a point: one of each photo that a part of what is there is for."""
        wide = self._charts.lay_flat(middle, math.sqrt(0.5) * self.side, _CRUMB_STRETCH_SHARE)
        chart = wide.narrow(STRETCH_SHARE)
        # Where things are smaller a texel is larger than a cell.
        smallest = self._charts.sizes[chart.texels].min()
        grid = Grid(chart, self.side, 1 / float(smallest))
        chart = chart.select(grid.inside)
        for number in range(len(self._photos)):
            if self._parts.is_of(number, chart.texels).any():
                self._lay_piece(number, chart, grid, wide)

    def _lay_piece(self, number: int, chart: Chart, grid: Grid, wide: Chart) -> None:
        """Lay a piece of a photo where it fits best, and let it take over along the best cut.

        Args:
            number: Of the photo.
            chart: What the piece may cover.
            grid: Its cells.
            wide: The chart, with what is stretched too much.
        """
        sewn, photo = self.sewn, self._photos[number]
        may = grid.domain & self._parts.may_be(number, grid.texels)
        known = may & (sewn.pieces[grid.texels] >= 0)
        # What another photo has taken of what is for this one alone.
        lost = known & self._parts.must_be(number, grid.texels)
        lost &= sewn.photos[grid.texels] != number
        there = self._describe(grid.texels)
        corner = photo.choose(known & ~lost, there, self._generator)
        stays = known & ~lost & (~grid.inner | grid.widen(grid.domain & ~may))
        taken = _cut(photo.describe_piece(corner), there, known, lost, stays, may)
        share = ndimage.gaussian_filter(taken.astype(float), _SMOOTHING_TEXELS, mode="nearest")
        cells = chart.places + self.side / 2 - 0.5
        weight = ndimage.map_coordinates(share, cells.T[::-1], order=1, mode="nearest")
        weight[sewn.pieces[chart.texels] < 0] = 1
        weight[~self._parts.may_be(number, chart.texels)] = 0
        self.pieces.take(chart.select(weight > 0.5), self.pieces.add(wide, number, corner))

    def show(self) -> NDArray[np.float32]:
        """Show what has been sewn, shape (channels, n), unblended; black where nothing is yet."""
        sewn = self.sewn
        shown = np.zeros((self._photos[0].channels, len(sewn.pieces)), np.float32)
        for number, photo in enumerate(self._photos):
            mine = (sewn.pieces >= 0) & (sewn.photos == number)
            shown[:, mine] = photo.look_up(sewn.origins[mine])
        return shown

    def _describe(self, texels: Whole) -> Tensor:
        """Describe what lies at texels (side, side), shape (values, side, side)."""
        flat = texels.ravel()
        origins, photos = self.sewn.origins[flat], self.sewn.photos[flat]
        described = self._photos[0].describe_at(origins)
        for number, photo in enumerate(self._photos[1:], 1):
            mine = photos == number
            described[:, torch.from_numpy(mine)] = photo.describe_at(origins[mine])
        return described.view(-1, *texels.shape)


def measure_side(photos: Sequence[Tensor]) -> int:
    """Measure the side of a piece of photos, in their texels."""
    shortest = min(length for photo in photos for length in photo.shape[-2:])
    return 2 * (max(16, round(_PIECE_SHARE * shortest)) // 2)


def _cut(
    new: Tensor,
    there: Tensor,
    known: NDArray[np.bool_],
    lost: NDArray[np.bool_],
    stays: NDArray[np.bool_],
    may: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Find the cells that a piece takes over, all of shape (side, side).

    Args:
        new, there: Descriptions of the piece, and of what lies there: (values, side, side).
        known: Where something lies.
        lost: What of it shall not stay.
        stays: What of it shall.
        may: Where the piece may lie.
    """
    if not known.any():
        return may
    squares = (new - there).square().sum(0)
    differs = (squares * squares.sqrt()).sqrt().numpy()
    differs[~known] = 0
    own = np.zeros(known.shape)
    own[~known & may | lost] = -FORBIDDEN
    own[stays] = FORBIDDEN
    down, right = differs[:-1] + differs[1:], differs[:, :-1] + differs[:, 1:]
    down[~(may[:-1] & may[1:])] = 0
    right[~(may[:, :-1] & may[:, 1:])] = 0
    taken, _ = find_minimum_cut(CutTerms(own, (down, right), (down, right)))
    found: NDArray[np.bool_] = taken | (~known & may)
    return found
