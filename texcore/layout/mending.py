"""Make a layout's structures whole: let the exemplar take over whole regions about its joints.

A path through a chunk's rim cannot go round a stone; a minimum cut can (Kwatra et al. 2003,
*Graphcut textures*). About the worst joint the whole exemplar is laid where one of its windows
agrees best with what lies there, and takes over whichever region lowers the energy, if any does:
joints, which cost what the two sides' descriptions of a texel differ by, and uneven use of the
exemplar.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ..runtime.context import Check, proceed
from ..runtime.devices import one_thread
from .belonging import Belonging, Map, Places
from .hiding import Hiding
from .lattice import Lattice
from .minimum_cut import FORBIDDEN, CutTerms, find_minimum_cut
from .patchwork import Patchwork
from .progression import Progression

# Of the exemplar's shorter side, windows by which it is laid: a small one finds the best fit, a
# large one what is part of the same structure.
_WINDOW_SHARES = (3 / 16, 3 / 8)
# Side of the cells in which the worst joints are looked for, and what the cost of a cell is
# multiplied by each time that it was the worst; those beside it by the root of it.
CELL = 8
_REPEATED_FACTOR = 0.5
# What use costs, see `Mending`, and how far it reaches, in texels.
_USE_COST = 0.06
_USE_REACH = 8.0
# Regions that would gain a smaller share of the energy are left as they are.
_LEAST_GAIN = 1e-4


class Mending:
    """A patchwork on a torus whose joints are being mended.

    Args:
        made: Of an exemplar at least 8 texels a side; it stays as it is.
        description: Of each of its texels, shape (n, h, w); see `texcore.layout.description`.
        lattice: The exemplar's, if it repeats.
        progression: Where texels are from; None if they may be from anywhere.
        reach: Side in texels of the square about a joint in which they may be taken over; None for
            the exemplar's.
        use_cost: Of a texel that is used once more than the others are, in what a texel costs at a
            joint whose sides have nothing to do with each other.
        home: Where the exemplar belongs if it is to stay in its place; see `Belonging`.

    Example:
        >>> from texcore.layout.patchwork import sew_patchwork
        >>> exemplar = torch.rand(3, 24, 24, generator=torch.Generator().manual_seed(0))
        >>> mending = Mending(
        ...     sew_patchwork(exemplar, 40, 40, torch.Generator().manual_seed(1)), exemplar
        ... )
        >>> before = mending.measure()
        >>> mending.mend(12)
        >>> mending.measure() < before
        True
    """

    def __init__(
        self,
        made: Patchwork,
        description: Tensor,
        lattice: Lattice | None = None,
        progression: Progression | None = None,
        reach: int | None = None,
        use_cost: float = _USE_COST,
        home: tuple[int, int] | None = None,
    ) -> None:
        self._reach = reach or max(made.side)
        self._use_cost = use_cost
        self._origin = made.origin.numpy().copy()
        self._size = self._origin.shape[1:]
        self._side = made.side
        self._texels = np.ascontiguousarray(description.numpy().reshape(len(description), -1).T)
        self._hiding = Hiding(description)
        self._spectrum = torch.fft.rfft2(description)
        self._squares = torch.fft.rfft2(description.square().sum(0))
        self._belonging = Belonging(made, lattice, progression, home)
        rows, columns = (np.arange(length) for length in self._size)
        self._cost = [self._measure_pairs(rows, columns, axis) for axis in (0, 1)]
        self._cells = np.zeros([-(-length // CELL) for length in self._size])
        self._add_up(rows, columns)
        self._patience = np.ones_like(self._cells)
        self._counts = self._count(self._origin)
        self._uses = self._measure_uses()

    @property
    def patchwork(self) -> Patchwork:
        """What it has come to."""
        return Patchwork(torch.from_numpy(self._origin.copy()), self._side)

    @one_thread()
    def mend(self, rounds: float, check: Check = proceed) -> None:
        """Look at the worst joints, and mend those that can be.

        Args:
            rounds: How many are looked at for each time that the exemplar goes into the torus.
            check: Called before each; an exception of it ends the work.
        """
        windows = [max(4, round(share * min(self._side))) for share in _WINDOW_SHARES]
        for number in range(round(rounds * math.prod(self._size) / math.prod(self._side))):
            check()
            self._mend_worst(windows[number % len(windows)])

    def measure(self) -> float:
        """Measure what all joints and what is astray cost, for each texel of the torus."""
        return float(self._cells.sum()) / math.prod(self._size)

    def _mend_worst(self, window: int) -> None:
        """Let the exemplar, laid by a window of that side, take over about the worst joint."""
        place = self._find_worst()
        corner = self._lay(place, window)
        terms = self._weigh(corner, place)
        region, cost = find_minimum_cut(terms)
        if cost < -_LEAST_GAIN * float(self._cells.sum()):
            self._take(region, corner, place)

    def _find_worst(self) -> tuple[int, int]:
        """Find the middle of the cell whose joints, with those about it, cost most."""
        beside = (np.roll(self._cells, by, axis) for by in (1, -1) for axis in (0, 1))
        costs = self._cells + 0.5 * sum(beside)
        row, column = divmod(int((costs * self._patience).argmax()), costs.shape[1])
        rows, columns = self._patience.shape
        about = np.ix_(
            [(row + by) % rows for by in (-1, 0, 1)], [(column + by) % columns for by in (-1, 0, 1)]
        )
        self._patience[about] *= math.sqrt(_REPEATED_FACTOR)
        self._patience[row, column] *= math.sqrt(_REPEATED_FACTOR)
        return (
            min(row * CELL + CELL // 2, self._size[0] - 1),
            min(column * CELL + CELL // 2, self._size[1] - 1),
        )

    def _add_up(self, rows: Places, columns: Places) -> None:
        """Add up what joints cost in all cells that have any of those rows and columns."""
        cells, spans, firsts = [], [], []
        for places, n in zip((rows, columns), self._size, strict=True):
            found = np.unique(places // CELL)
            inside = [np.arange(i * CELL, min((i + 1) * CELL, n)) for i in found]
            cells.append(found)
            spans.append(np.concatenate(inside))
            firsts.append(np.cumsum([0, *map(len, inside)])[:-1])
        at = np.ix_(*spans)
        costs = self._cost[0][at].astype(np.float64) + self._cost[1][at]
        costs += self._measure_out(self._origin[:, at[0], at[1]], *spans)
        costs = np.add.reduceat(np.add.reduceat(costs, firsts[0], 0), firsts[1], 1)
        self._cells[np.ix_(*cells)] = costs

    def _lay(self, place: tuple[int, int], window: int) -> tuple[int, int]:
        """Find where the exemplar's corner lies when one of its windows fits best about a place."""
        spans = [
            (np.arange(window) + at - window // 2) % n
            for at, n in zip(place, self._size, strict=True)
        ]
        there = self._origin[:, spans[0][:, None], spans[1]]
        sought = torch.from_numpy(self._look_up(there)).movedim(-1, 0)
        ones = torch.fft.rfft2(torch.ones(window, window), s=self._side)
        matches = (self._spectrum * torch.fft.rfft2(sought, s=self._side).conj()).sum(0)
        difference = torch.fft.irfft2(self._squares * ones.conj() - 2 * matches, s=self._side)
        rows, columns = (n - window + 1 for n in self._side)
        difference = difference[:rows, :columns] + sought.square().sum()
        difference = self._belonging.weigh_windows(difference, place, window)
        row, column = divmod(int(difference.argmin()), columns)
        return place[0] - window // 2 - row, place[1] - window // 2 - column

    def _weigh(self, corner: tuple[int, int], place: tuple[int, int]) -> CutTerms:
        """Weigh what the exemplar, laid with its corner there, would gain and cost."""
        rows, columns, there, own = self._overlay(corner, place)
        same = (there == own).all(0)
        beside = self._differ(there, own)
        beside[same] = 0
        worn = self._uses[self._clip(own)] - self._uses[self._clip(there)]
        cost = np.where(same, 0, self._use_cost * worn).astype(np.float64)
        cost += self._measure_out(own, rows, columns)
        cost -= self._measure_out(there, rows, columns)
        leaving, entering = [], []
        for axis in (0, 1):
            p, q = _PAIRS[axis]
            step = np.reshape((1 - axis, axis), (2, 1))
            now = self._cost[axis][rows[:, None], columns][p]
            hidden = self._hide(axis, there[:, p[0], p[1]], own[:, p[0], p[1]])
            leave = hidden * (beside[p] + beside[q])
            enter = leave.copy()
            joint = now > 0
            first, second = there[:, p[0], p[1]][:, joint], there[:, q[0], q[1]][:, joint]
            first_own, second_own = own[:, p[0], p[1]][:, joint], own[:, q[0], q[1]][:, joint]
            leave[joint] = self._differ(first_own, second - step) + beside[q][joint]
            leave[joint] *= self._hide(axis, first_own, second - step)
            enter[joint] = beside[p][joint] + self._differ(first + step, second_own)
            enter[joint] *= self._hide(axis, first, first_own)
            # What is gained where both are taken; where it breaks the triangle inequality, no more.
            now = np.minimum(now, leave + enter)
            cost[p] -= now / 2
            cost[q] -= now / 2
            leaving.append(np.maximum(leave - now / 2, 0))
            entering.append(np.maximum(enter - now / 2, 0))
        cost[[0, -1]] = FORBIDDEN
        cost[:, [0, -1]] = FORBIDDEN
        return CutTerms(cost, (leaving[0], leaving[1]), (entering[0], entering[1]))

    def _take(
        self, region: NDArray[np.bool_], corner: tuple[int, int], place: tuple[int, int]
    ) -> None:
        """Let the exemplar take over a region."""
        rows, columns, there, own = self._overlay(corner, place)
        self._counts += self._count(own[:, region]) - self._count(there[:, region])
        self._uses = self._measure_uses()
        self._origin[:, rows[:, None], columns] = np.where(region, own, there)
        above, before = (
            np.concatenate([span[:1] - 1, span])[:n] % n
            for span, n in zip((rows, columns), self._size, strict=True)
        )
        for axis in (0, 1):
            self._cost[axis][above[:, None], before] = self._measure_pairs(above, before, axis)
        self._add_up(above, before)

    def _overlay(
        self, corner: tuple[int, int], place: tuple[int, int]
    ) -> tuple[Places, Places, Places, Places]:
        """Lay the exemplar, or as much of it as the torus holds, about a place.

        Returns:
            Rows and columns of the torus; origins there, and the exemplar's own places; both of
            shape (2, rows, columns).
        """
        spans, own = [], []
        for first, at, side, n in zip(corner, place, self._side, self._size, strict=True):
            count = min(side, n, self._reach)
            begin = min(max(0, at - first - count // 2), side - count)
            own.append(np.arange(begin, begin + count))
            spans.append((own[-1] + first) % n)
        grid = np.stack(np.meshgrid(*own, indexing="ij"))
        return spans[0], spans[1], self._origin[:, spans[0][:, None], spans[1]], grid

    def _measure_pairs(self, rows: Places, columns: Places, axis: int) -> Map:
        """Measure what the pairs of texels with the next along an axis cost."""
        step = (1 - axis, axis)
        here = self._origin[:, rows[:, None], columns]
        after = self._origin[
            :, (rows[:, None] + step[0]) % self._size[0], (columns + step[1]) % self._size[1]
        ]
        joint = (here + np.reshape(step, (2, 1, 1)) != after).any(0)
        cost = np.zeros(joint.shape, np.float32)
        here, after = here[:, joint], after[:, joint]
        by = np.reshape(step, (2, 1))
        cost[joint] = self._differ(here, after - by) + self._differ(here + by, after)
        cost[joint] *= self._hide(axis, here, after - by)
        return cost

    def _measure_out(self, origins: Places, rows: Places, columns: Places) -> Map:
        """Measure what texels cost for where they are from, whatever lies beside them."""
        return self._belonging.measure(origins, rows, columns)

    def _differ(self, a: Places, b: Places) -> Map:
        """Measure by how much the descriptions of two places differ.

        The distance to the power of 3/2: with the distance itself a cut crosses a line where that
        is narrow, and leaves two ends; squared it goes far out of the way of any line.
        """
        difference = self._look_up(a) - self._look_up(b)
        squares: Map = np.einsum("...k,...k->...", difference, difference)
        return np.sqrt(squares * np.sqrt(squares))

    def _hide(self, axis: int, a: Places, b: Places) -> Map:
        """Measure how little joints are hidden, by both pieces' places of their first texels."""
        (row, column), (row_b, column_b) = self._clip(a), self._clip(b)
        width = self._side[1]
        return self._hiding.measure(axis, row * width + column, row_b * width + column_b)

    def _look_up(self, places: Places) -> Map:
        """Look up descriptions, (..., n), of places (2, ...); they go on beyond the border."""
        row, column = self._clip(places)
        found: Map = self._texels[row * self._side[1] + column]
        return found

    def _clip(self, places: Places) -> tuple[Places, Places]:
        row, column = (axis.clip(0, n - 1) for axis, n in zip(places, self._side, strict=True))
        return row, column

    def _count(self, places: Places) -> Places:
        """Count how often each texel of the exemplar is among places (2, ...)."""
        h, w = self._side
        row, column = self._clip(places)
        return np.bincount((row * w + column).ravel(), minlength=h * w)

    def _measure_uses(self) -> Map:
        """Measure how often the exemplar is used about each of its texels, 1 if it is even."""
        h, w = self._side
        reach = min(round(2 * _USE_REACH), h - 1, w - 1)
        bell = torch.exp(-torch.arange(-reach, reach + 1).float().square() / (2 * _USE_REACH**2))
        bell /= bell.sum()
        x = torch.from_numpy(self._counts).float().view(1, 1, h, w)
        x = F.pad(x, (reach,) * 4, mode="reflect")
        x = F.conv2d(F.conv2d(x, bell.view(1, 1, -1, 1)), bell.view(1, 1, 1, -1))[0, 0]
        x *= h * w / math.prod(self._size)
        uses: Map = x.numpy()
        return uses


# Of each axis, the first and the second texel of its pairs.
_PAIRS = (
    ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
)
