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

from ..exemplars.directions import Directions
from ..layout.description import describe_texels
from ..layout.minimum_cut import CutTerms, find_minimum_cut
from ..runtime.context import Check, proceed
from .atlas import Atlas
from .charts import STRETCH_SHARE, Chart, Charts
from .crumbs import Beside
from .mesh import Whole
from .pieces import BLEND_TEXELS, Pieces
from .points import Points
from .views import choose_middles

# Side of a piece, as a share of the photo's shorter side.
_PIECE_SHARE = 0.5
# Every point is as near as this to the middle of a piece, in its side, which is looked for so far
# beyond the last pieces, in the same.
_STEP_SHARE, _OUTWARDS = 0.42, 0.5
_CUT_STEPS = 120
# What a cut costs that runs where nothing lies, or leaves a texel without any.
_FORBIDDEN = 1e6
# What a use nearby adds to a difference, of the median difference; and any place whose difference
# is larger than the best one's by no more than this share is as good.
_WEAR_COST, _TOLERANCE_SHARE = 0.075, 0.1
# Pieces that are laid once more where folds and creases have been left bare.
_MOST_PATCHES = 64
# A part of a piece with fewer texels than a square of this share of a piece's side is a crumb: what
# lies beside it goes on over it, stretched by no more than this.
_CRUMB_SHARE, _CRUMB_STRETCH_SHARE = 0.1, 0.5


class Sewing:
    """Sews a photo onto a surface.

    Args:
        photo: Shape (channels, h, w), of the surface's scale: a texel of it for one of the surface.
        atlas: Of the surface.
        points: All over it.
        charts: Of it.
        generator: Chooses among places that fit alike; on the CPU.
        directions: Channels of the photo that turn when it does.

    Attributes:
        side: Of a piece in texels.
        pieces: What has been laid.
        sewn: Where in the photo the texels are from.
    """

    def __init__(
        self,
        photo: Tensor,
        atlas: Atlas,
        points: Points,
        charts: Charts,
        generator: torch.Generator,
        directions: Sequence[Directions] = (),
    ) -> None:
        self._photo, self._atlas = photo.float().cpu(), atlas
        self._points, self._charts = points, charts
        self._generator = generator
        self._size = photo.shape[-2:]
        description = describe_texels(self._photo)
        self._description = description
        self._spectrum = torch.fft.rfft2(description)
        self._squares = torch.fft.rfft2(description.square().sum(0))
        self.side = 2 * (max(16, round(_PIECE_SHARE * min(self._size))) // 2)
        self.pieces = Pieces(self._photo, self.side, len(atlas.texels), directions)
        self.sewn = self.pieces.sewn
        corners = tuple(length - self.side + 1 for length in self._size)
        self._wear = torch.zeros(corners)

    def sew(self, check: Check = proceed) -> Iterator[float]:
        """Cover all of the surface, a piece at a time; yields how much of it is done, 0...1.

        Args:
            check: Called before each piece; an exception of it ends the work.
        """
        middles = choose_middles(self._charts, self._points, _STEP_SHARE * self.side, _OUTWARDS)
        for number, middle in enumerate(middles):
            check()
            self._lay(middle)
            yield (number + 1) / len(middles)
        beside, least = Beside(self._atlas), round((_CRUMB_SHARE * self.side) ** 2)
        self.pieces.merge_crumbs(beside, least, check)
        for _ in range(_MOST_PATCHES):
            bare = np.flatnonzero(self.sewn.pieces < 0)
            if not len(bare):
                break
            check()
            self._lay(self._charts.find_nearest(int(bare[0])))
        self.pieces.merge_crumbs(beside, least, check)
        self._fill_bare()

    def _fill_bare(self) -> None:
        """Give what no chart has reached, in folds and creases, what lies nearest."""
        bare, done = (np.flatnonzero(x) for x in (self.sewn.pieces < 0, self.sewn.pieces >= 0))
        _, nearest = cKDTree(self._atlas.positions[done]).query(self._atlas.positions[bare])
        from_ = done[nearest]
        self.sewn.colours[:, bare] = self.sewn.colours[:, from_]
        self.sewn.origins[bare] = self.sewn.origins[from_]
        self.sewn.pieces[bare] = self.sewn.pieces[from_]

    def _lay(self, middle: int) -> None:
        """Lay a piece of the photo where it fits best, and let it take over along the best cut."""
        wide = self._charts.lay_flat(middle, math.sqrt(0.5) * self.side, _CRUMB_STRETCH_SHARE)
        chart = wide.narrow(STRETCH_SHARE)
        grid = _Grid(chart, self.side)
        old = self.sewn.pieces[chart.texels] >= 0
        h, w = self._size
        origins = np.floor(self.sewn.origins[chart.texels]).astype(np.int64)
        known, there = grid.spread(old, origins.clip(0, [w - 1, h - 1]))
        corner = self._choose(known, there)
        taken = self._cut(known, there, corner, grid)
        share = ndimage.gaussian_filter(taken.astype(float), BLEND_TEXELS, mode="nearest")
        part = chart.select(grid.inside)
        cells = part.places + self.side / 2 - 0.5
        weight = ndimage.map_coordinates(share, cells.T[::-1], order=1, mode="nearest")
        weight[~old[grid.inside]] = 1
        self.pieces.blend(part, weight, self.pieces.add(wide, corner))

    def _choose(self, known: NDArray[np.bool_], there: Whole) -> tuple[int, int]:
        """Choose a place in the photo, row and column of the piece's corner."""
        rows, columns = self._wear.shape
        wear = _WEAR_COST * (self._wear - self._wear.amin())
        if known.any():
            fixed = torch.from_numpy(known).float()
            sought = self._description[:, there[..., 1], there[..., 0]] * fixed
            of_mask = torch.fft.rfft2(fixed, s=self._size).conj()
            of_values = torch.fft.rfft2(sought, s=self._size).conj()
            f = self._squares * of_mask - 2 * (self._spectrum * of_values).sum(0)
            difference = torch.fft.irfft2(f, s=self._size)[:rows, :columns]
            difference = (difference + sought.square().sum()).clamp_min(0)
            worn = difference + difference.median() * wear
        else:
            worn = wear
        good = (worn <= worn.amin() * (1 + _TOLERANCE_SHARE) + 1e-9).flatten().nonzero()[:, 0]
        pick = torch.randint(len(good), (1,), generator=self._generator)
        top, left = divmod(int(good[pick]), columns)
        y = torch.arange(rows)[:, None] - top
        x = torch.arange(columns)[None] - left
        self._wear += torch.exp(-(y.square() + x.square()) / (2 * (self.side / 4) ** 2))
        return top, left

    def _cut(
        self, known: NDArray[np.bool_], there: Whole, corner: tuple[int, int], grid: _Grid
    ) -> NDArray[np.bool_]:
        """Find the cells that the piece takes over."""
        top, left = corner
        if not known.any():
            return np.ones_like(known)
        new = self._description[:, top : top + self.side, left : left + self.side]
        old = self._description[:, there[..., 1], there[..., 0]]
        squares = (new - old).square().sum(0)
        differs = (squares * squares.sqrt()).sqrt()
        differs[torch.from_numpy(~known)] = 0
        own = torch.zeros(known.shape)
        own[torch.from_numpy(~known & grid.domain)] = -_FORBIDDEN
        own[torch.from_numpy(known & ~grid.inner)] = _FORBIDDEN
        down, right = differs[:-1] + differs[1:], differs[:, :-1] + differs[:, 1:]
        outside = torch.from_numpy(~grid.domain)
        down[outside[:-1] | outside[1:]] = 0
        right[outside[:, :-1] | outside[:, 1:]] = 0
        taken, _ = find_minimum_cut(CutTerms(own, (down, right), (down, right)), _CUT_STEPS)
        return taken.numpy() | (~known & grid.domain)


class _Grid:
    """The cells of a piece, laid over a chart.

    Attributes:
        inside: Which of the chart's texels lie in the piece, shape (n).
        domain: Which cells have surface, shape (side, side).
        inner: Which of them are not at the piece's border.
    """

    def __init__(self, chart: Chart, side: int) -> None:
        cells = np.floor(chart.places + side / 2).astype(np.int64)
        inside = (cells >= 0) & (cells < side)
        self.inside = inside[:, 0] & inside[:, 1]
        self._cells = cells[self.inside]
        hit = np.zeros((side, side), bool)
        hit[self._cells[:, 1], self._cells[:, 0]] = True
        distance, nearest = ndimage.distance_transform_edt(~hit, return_indices=True)
        self._nearest = nearest
        self.domain = distance <= 2.0
        inner = np.zeros_like(hit)
        inner[2:-2, 2:-2] = True
        self.inner = inner

    def spread(self, old: NDArray[np.bool_], origins: Whole) -> tuple[NDArray[np.bool_], Whole]:
        """Spread what is known of texels over cells.

        Returns:
            Which cells are known, and column and row in the photo of what lies there.
        """
        shape = self.domain.shape
        known, there = np.zeros(shape, bool), np.zeros((*shape, 2), np.int64)
        column, row = self._cells.T
        known[row, column] = old[self.inside]
        there[row, column] = origins[self.inside]
        near = tuple(self._nearest)
        return known[near] & self.domain, there[near]
