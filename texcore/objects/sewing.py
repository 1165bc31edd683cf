"""Sew pieces of a photo together on a surface: where in the photo each texel of it is from.

Image quilting (Efros & Freeman 2001) with minimum cuts (Kwatra et al. 2003), as on the torus, but
each piece is laid on a chart of the surface: there it agrees best with what lies there already, and
takes over along the cut that costs least.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
from .charts import Chart, Charts
from .crumbs import Beside
from .mesh import Floats, Whole
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
# Texels on either side of a cut within which both sides are blended.
_BLEND_TEXELS = 2.0
# A part of a piece with fewer texels than a square of this share of a piece's side is a crumb: what
# lies beside it goes on over it, stretched by no more than this. So many charts are kept meanwhile.
_CRUMB_SHARE, _CRUMB_STRETCH_SHARE, _KEPT_CHARTS = 0.1, 0.5, 16


@dataclass
class Sewn:
    """Where in a photo the texels of a surface are from.

    Attributes:
        origins: Column and row in the photo, in its texels, shape (n, 2).
        colours: Blended at the joints, shape (channels, n); normals are told in the surface's own
            directions.
        pieces: Number of the piece that each is of, shape (n).
    """

    origins: Floats
    colours: NDArray[np.float32]
    pieces: Whole


class Sewing:
    """Sews a photo onto a surface.

    Args:
        photo: Shape (channels, h, w), of the surface's scale: a texel of it for one of the surface.
        atlas: Of the surface.
        points: All over it.
        charts: Of it.
        generator: Chooses among places that fit alike; on the CPU.
        directions: Channels of the photo that turn when it does.
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
        self._generator, self._directions = generator, directions
        self._size = photo.shape[-2:]
        description = describe_texels(self._photo)
        self._description = description
        self._spectrum = torch.fft.rfft2(description)
        self._squares = torch.fft.rfft2(description.square().sum(0))
        self.side = 2 * (max(16, round(_PIECE_SHARE * min(self._size))) // 2)
        n = len(atlas.texels)
        self.sewn = Sewn(np.zeros((n, 2)), np.zeros((len(photo), n), np.float32), np.full(n, -1))
        corners = tuple(length - self.side + 1 for length in self._size)
        self._wear = torch.zeros(corners)
        # Of each piece the point in its middle, and row and column of its corner in the photo.
        self._laid: list[tuple[int, tuple[int, int]]] = []

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
        beside = Beside(self._atlas)
        self.merge_crumbs(beside, check)
        for _ in range(_MOST_PATCHES):
            bare = np.flatnonzero(self.sewn.pieces < 0)
            if not len(bare):
                break
            check()
            self._lay(self._charts.find_nearest(int(bare[0])))
        self.merge_crumbs(beside, check)
        self._fill_bare()

    def lay_again(self, number: int) -> Chart:
        """Lay a piece's part of the surface flat once more, and what is stretched more besides.

        Args:
            number: Of the piece.
        """
        middle, _ = self._laid[number]
        return self._charts.lay_flat(middle, math.sqrt(0.5) * self.side, _CRUMB_STRETCH_SHARE)

    def merge_crumbs(self, beside: Beside, check: Check = proceed) -> None:
        """Let pieces go on over the crumbs beside them.

        Args:
            beside: Knows which texels lie beside each other.
            check: Called before each crumb; an exception of it ends the work.
        """
        pieces = self.sewn.pieces
        lay_again = lru_cache(_KEPT_CHARTS)(self.lay_again)
        for crumb in beside.find_crumbs(pieces, round((_CRUMB_SHARE * self.side) ** 2)):
            check()
            left = crumb
            around = pieces[np.setdiff1d(beside.find_around(crumb), crumb)]
            numbers = np.unique(around[around >= 0]).tolist()
            ranks = {n: self._rank(lay_again(n), n, crumb) for n in numbers}
            for number in sorted(numbers, key=ranks.__getitem__):
                left = np.setdiff1d(left, self._go_on(lay_again(number), number, left))

    def _rank(self, chart: Chart, number: int, crumb: Whole) -> tuple[int, float]:
        """Say how much of a crumb a piece's chart lacks, and how much the rest is stretched."""
        there = np.isin(chart.texels, crumb) & self._is_in_photo(chart, number)
        stretch = np.abs(chart.stretches[there]).mean() if there.any() else 0.0
        return len(crumb) - int(there.sum()), float(stretch)

    def _go_on(self, chart: Chart, number: int, crumb: Whole) -> Whole:
        """Let a piece go on over what its chart has of a crumb; returns these texels.

        A little beyond it is blended in.
        """
        usable = self._is_in_photo(chart, number)
        of_crumb = np.isin(chart.texels, crumb) & usable
        taken: Whole = chart.texels[of_crumb]
        if len(taken):
            reach = 2 * _BLEND_TEXELS
            away, _ = cKDTree(chart.places[of_crumb]).query(
                chart.places, distance_upper_bound=reach
            )
            # What is bare has nothing to be blended with.
            usable &= of_crumb | (self.sewn.pieces[chart.texels] >= 0)
            weight = np.where(usable, np.clip(1 - away / reach, 0, 1), 0)
            self._blend(chart, self._find_origins(chart.places, number), weight, number)
        return taken

    def _is_in_photo(self, chart: Chart, number: int) -> NDArray[np.bool_]:
        """Say of which texels on a piece's chart the photo tells."""
        x, y = self._find_origins(chart.places, number).T
        h, w = self._size
        told: NDArray[np.bool_] = (x >= 0) & (x <= w) & (y >= 0) & (y <= h)
        return told

    def _find_origins(self, places: Floats, number: int) -> Floats:
        """Find column and row in the photo of places on a piece's chart."""
        _, corner = self._laid[number]
        origins: Floats = places + self.side / 2 + np.array(corner[::-1])
        return origins

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
        chart = self._charts.lay_flat(middle, math.sqrt(0.5) * self.side)
        grid = _Grid(chart, self.side)
        old = self.sewn.pieces[chart.texels] >= 0
        h, w = self._size
        origins = np.floor(self.sewn.origins[chart.texels]).astype(np.int64)
        known, there = grid.spread(old, origins.clip(0, [w - 1, h - 1]))
        corner = self._choose(known, there)
        taken = self._cut(known, there, corner, grid)
        share = ndimage.gaussian_filter(taken.astype(float), _BLEND_TEXELS, mode="nearest")
        self._laid.append((middle, corner))
        part, number = chart.select(grid.inside), len(self._laid) - 1
        cells = part.places + self.side / 2 - 0.5
        weight = ndimage.map_coordinates(share, cells.T[::-1], order=1, mode="nearest")
        weight[~old[grid.inside]] = 1
        self._blend(part, self._find_origins(part.places, number), weight, number)

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

    def _blend(self, chart: Chart, origins: Floats, weight: Floats, number: int) -> None:
        """Blend a piece into its texels, by a weight for each; most of it makes them its own."""
        touched = weight > 1e-3
        texels, origins, weight = chart.texels[touched], origins[touched], weight[touched]
        colours = sample_photo(self._photo, origins)
        colours = turn_directions(colours, self._directions, -chart.turns[touched])
        sewn = self.sewn
        sewn.colours[:, texels] += weight.astype(np.float32) * (colours - sewn.colours[:, texels])
        mine = weight > 0.5
        sewn.origins[texels[mine]] = origins[mine]
        sewn.pieces[texels[mine]] = number


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


def turn_directions(
    colours: NDArray[np.float32], directions: Sequence[Directions], angles: Floats
) -> NDArray[np.float32]:
    """Turn the normals among colours (channels, n) of a picture that is turned by angles (n).

    Args:
        colours: As the picture has them.
        directions: Which of the channels hold normals.
        angles: From right to down, in radians.
    """
    if not directions:
        return colours
    cosine, sine = (torch.from_numpy(f(angles)).float()[None] for f in (np.cos, np.sin))
    jacobian = torch.stack([torch.stack([cosine, sine]), torch.stack([-sine, cosine])])
    picture = torch.from_numpy(colours)[:, None]
    for channels in directions:
        picture = channels.turn(picture, jacobian)
    turned: NDArray[np.float32] = picture[:, 0].numpy()
    return turned


def sample_photo(photo: Tensor, origins: Floats) -> NDArray[np.float32]:
    """Sample a photo (channels, h, w) at columns and rows (n, 2) in its texels, bicubically."""
    h, w = photo.shape[-2:]
    at = torch.from_numpy(origins).float() / torch.tensor([w, h]) * 2 - 1
    found = torch.nn.functional.grid_sample(
        photo[None], at[None, None], mode="bicubic", padding_mode="border", align_corners=False
    )[0, :, 0]
    low, high = photo.amin((1, 2))[:, None], photo.amax((1, 2))[:, None]
    sampled: NDArray[np.float32] = torch.minimum(torch.maximum(found, low), high).numpy()
    return sampled
