"""Mend what is nowhere in the exemplar: ends of lines, halves of stones, a joint within a brick.

The joints that `texcore.layout.mending` leaves cost little, and still some are seen. Here the
window that is farthest from all the exemplar's is looked at; pieces of the exemplar that fit about
it, and those beside it, are made to take over its middle and whatever else is a gain by a minimum
cut, and the best is kept if windows come nearer to the exemplar's than joints become dearer.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..runtime.context import Check, proceed
from ..runtime.devices import one_thread
from .belonging import Places
from .mending import Mending
from .minimum_cut import find_minimum_cut
from .window_distance import WindowDistance

# Of the exemplar's shorter side: the windows that are measured; those by which the exemplar is
# laid; the part of the layout whose pieces may grow; and of what lies about a place, the part that
# may be taken over.
_WINDOW_SHARE = 3 / 16
_FITTED_SHARES = (3 / 16, 3 / 8)
_BESIDE_SHARE = 3 / 8
_REACH_SHARE = 0.6
# Pieces beside a place that may grow, and the least share that they have there.
_BESIDE_COUNT, _BESIDE_LEAST = 2, 0.05
# Texels about a place that are taken over whatever that costs at joints, and what makes sure of it.
_CORE_TEXELS, _CORE_GAIN = 3, 8.0
# Windows of a torus that are measured at once: with their cells' averages, half a gigabyte.
_BAND_WINDOWS = 2**16
# Windows about one that was looked at are looked at less: half as much, so many each way.
_PATIENCE, _PATIENCE_REACH = 0.5, 2
# The least that is gained, and the least distance of a window that is worth a look.
_LEAST_GAIN, _LEAST_DISTANCE = 1e-3, 0.02


class _Move(NamedTuple):
    """A region that a piece of the exemplar would take over.

    Attributes:
        cost: What joints and windows would cost more.
        region: Of the part of the torus that is laid.
        corner: Where the exemplar would lie.
        rows, columns: Of windows that change.
        distances: Of these, shape (rows, columns).
    """

    cost: float
    region: NDArray[np.bool_]
    corner: tuple[int, int]
    rows: Places
    columns: Places
    distances: Tensor


class CoherentMending(Mending):
    """A patchwork being mended, by its joints first and then by its windows; see `Mending`.

    Example:
        >>> from texcore.layout.patchwork import sew_patchwork
        >>> exemplar = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
        >>> made = sew_patchwork(exemplar, 48, 48, torch.Generator().manual_seed(1))
        >>> mending = CoherentMending(made, exemplar)
        >>> before = mending.measure_windows()
        >>> mending.mend_windows(8)
        >>> mending.measure_windows() < before
        True
    """

    @one_thread()
    def mend_windows(self, rounds: float, check: Check = proceed) -> None:
        """Look at the windows farthest from all the exemplar's, and mend those that can be.

        Args:
            rounds: How many are looked at for each time that the exemplar goes into the torus.
            check: Called before each, and while all are measured; an exception of it ends the
                work.
        """
        count = round(rounds * math.prod(self._size) / math.prod(self._side))
        if count == 0:
            return
        distance = self._measure_by()
        windows = self._measure_all(distance, check)
        patience = torch.ones_like(windows)
        reach, self._reach = self._reach, round(_REACH_SHARE * min(self._side))
        try:
            for _ in range(count):
                check()
                row, column = _find_worst(windows, patience)
                if float(windows[row, column]) < _LEAST_DISTANCE:
                    break
                self._mend_window(row, column, distance, windows)
        finally:
            self._reach = reach

    def measure_windows(self) -> float:
        """Measure how far windows are from the exemplar's on average; 0 if it has them all."""
        return float(self._measure_all(self._measure_by()).mean())

    def _measure_by(self) -> WindowDistance:
        h, w = self._side
        description = torch.from_numpy(self._texels.T.reshape(-1, h, w).copy())
        return WindowDistance(description, max(4, round(_WINDOW_SHARE * min(h, w))))

    def _measure_all(self, distance: WindowDistance, check: Check = proceed) -> Tensor:
        """Measure all windows, in bands: each takes some kilobytes while it is measured."""
        rows, columns = (np.arange(-(-n // distance.step)) for n in self._size)
        band = max(1, _BAND_WINDOWS // len(columns))
        measured = []
        for first in range(0, len(rows), band):
            check()
            measured.append(self._measure_some(distance, rows[first : first + band], columns))
        return torch.cat(measured)

    def _measure_some(self, distance: WindowDistance, rows: Places, columns: Places) -> Tensor:
        """Measure some rows and columns of windows, numbered from the torus' first texel."""
        return torch.cat(
            [
                torch.cat([self._measure_run(distance, r, c) for c in _split(columns)], 1)
                for r in _split(rows)
            ]
        )

    def _measure_run(self, distance: WindowDistance, rows: Places, columns: Places) -> Tensor:
        """Measure windows whose numbers follow one another."""
        spans = [
            np.arange(n[0] * distance.step, n[-1] * distance.step + distance.window) % of
            for n, of in zip((rows, columns), self._size, strict=True)
        ]
        there = self._look_up(self._origin[:, spans[0][:, None], spans[1]])
        return distance.measure(torch.from_numpy(there).movedim(-1, 0))

    def _mend_window(self, row: int, column: int, distance: WindowDistance, known: Tensor) -> None:
        """Let what fits best take over the middle of a window, if that is a gain."""
        place = (
            (row * distance.step + distance.window // 2) % self._size[0],
            (column * distance.step + distance.window // 2) % self._size[1],
        )
        moves = [self._try(corner, place, distance, known) for corner in self._find_corners(place)]
        best = min(filter(None, moves), key=lambda move: move.cost, default=None)
        if best is not None and best.cost < -_LEAST_GAIN:
            self._take(best.region, best.corner, place)
            known[best.rows[:, None], best.columns] = best.distances

    def _find_corners(self, place: tuple[int, int]) -> list[tuple[int, int]]:
        """Find where the exemplar's corner may lie: where it fits, and where it lies beside."""
        shortest = min(self._side)
        found = [self._lay(place, max(4, round(share * shortest))) for share in _FITTED_SHARES]
        window = round(_BESIDE_SHARE * shortest)
        spans = [np.arange(window) + at - window // 2 for at in place]
        rows, columns = (span % n for span, n in zip(spans, self._size, strict=True))
        origin = self._origin[:, rows[:, None], columns]
        lags = np.stack([spans[0][:, None] - origin[0], spans[1] - origin[1]]).reshape(2, -1)
        corners, counts = np.unique(lags, axis=1, return_counts=True)
        most = np.argsort(-counts, kind="stable")[:_BESIDE_COUNT]
        many = most[counts[most] > _BESIDE_LEAST * window**2]
        found += [(int(row), int(column)) for row, column in corners[:, many].T]
        return [corner for corner in dict.fromkeys(found) if self._reaches(corner, place)]

    def _reaches(self, corner: tuple[int, int], place: tuple[int, int]) -> bool:
        """Say whether the exemplar, laid with its corner there, has what is about a place."""
        own = (at - first for at, first in zip(place, corner, strict=True))
        return all(
            _CORE_TEXELS < at < n - 1 - _CORE_TEXELS for at, n in zip(own, self._side, strict=True)
        )

    def _try(
        self,
        corner: tuple[int, int],
        place: tuple[int, int],
        distance: WindowDistance,
        known: Tensor,
    ) -> _Move | None:
        """Try what the exemplar, laid with its corner there, would take over about a place."""
        terms = self._weigh(corner, place)
        rows, columns, there, own = self._overlay(corner, place)
        middle = [
            np.abs(np.arange(len(span)) + first - at) <= _CORE_TEXELS
            for span, first, at in zip((rows, columns), own[:, 0, 0] + corner, place, strict=True)
        ]
        core = np.outer(*middle)
        terms.own[core] -= _CORE_GAIN
        region, cost = find_minimum_cut(terms)
        cost += _CORE_GAIN * float((core & region).sum())
        if not region.any():
            return None
        changed = [
            _find_windows(span[region.any(1 - axis)], distance, n)
            for axis, (span, n) in enumerate(zip((rows, columns), self._size, strict=True))
        ]
        self._origin[:, rows[:, None], columns] = np.where(region, own, there)
        distances = self._measure_some(distance, *changed)
        self._origin[:, rows[:, None], columns] = there
        more = distances - known[changed[0][:, None], changed[1]]
        cost += float(more.sum()) * distance.step**2
        return _Move(cost, region, corner, changed[0], changed[1], distances)


def _find_worst(windows: Tensor, patience: Tensor) -> tuple[int, int]:
    """Find the window that is, with those about it, the farthest; be less patient with it."""
    costs = windows * patience
    about = sum(costs.roll((i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1))
    assert isinstance(about, Tensor)
    row, column = divmod(int(about.argmax()), windows.shape[1])
    span = torch.arange(-_PATIENCE_REACH, _PATIENCE_REACH + 1)
    rows, columns = ((at + span) % n for at, n in zip((row, column), windows.shape, strict=True))
    patience[rows[:, None], columns] *= _PATIENCE
    return row, column


def _find_windows(texels: Places, distance: WindowDistance, n: int) -> Places:
    """Find the windows, along an axis of n texels that closes, that have any of some texels."""
    ends = np.zeros(n, np.int64)
    ends[texels] = 1
    ahead = np.concatenate([[0], np.cumsum(np.tile(ends, -(-distance.window // n) + 1))])
    first = np.arange(0, n, distance.step)
    return np.nonzero(ahead[first + distance.window] > ahead[first])[0]


def _split(numbers: Places) -> list[Places]:
    """Split numbers that rise into runs that follow one another."""
    return np.split(numbers, np.nonzero(np.diff(numbers) > 1)[0] + 1)
