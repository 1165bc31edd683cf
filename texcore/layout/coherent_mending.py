"""Mend what is nowhere in the exemplar: ends of lines, halves of stones, two stones in one.

The joints that `texcore.layout.mending` leaves cost little, and still some are seen. Here the
window that is farthest from all the exemplar's is looked at, or the place whose outlines are
farthest from where the exemplar has them; pieces of the exemplar that fit about it, and those
beside it, are made to take over its middle and whatever else is a gain by a minimum cut, and the
best is kept if more is mended than joints become dearer.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ..runtime.context import Check, proceed
from ..runtime.devices import one_thread
from .contexts import Contexts
from .faults import Change, ContextFaults, Faults, WindowFaults
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
# The least that is gained.
_LEAST_GAIN = 1e-3


class _Move(NamedTuple):
    """A region that a piece of the exemplar would take over.

    Attributes:
        cost: What joints and faults would cost more.
        region: Of the part of the torus that is laid.
        corner: Where the exemplar would lie.
        change: Of the faults.
    """

    cost: float
    region: NDArray[np.bool_]
    corner: tuple[int, int]
    change: Change


class CoherentMending(Mending):
    """A patchwork being mended, by its joints first, then its windows, its contexts; see `Mending`.

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
        if self._count_rounds(rounds):
            self._mend_faults(self._find_windows(check), rounds, check)

    @one_thread()
    def mend_contexts(self, contexts: Contexts, rounds: float, check: Check = proceed) -> None:
        """Look where outlines are farthest from where the exemplar has them, and mend what can be.

        Args:
            contexts: The exemplar's.
            rounds: How many places are looked at for each time that the exemplar goes into the
                torus.
            check: Called before each, and while all are measured; an exception of it ends the
                work.
        """
        if self._count_rounds(rounds):
            self._mend_faults(ContextFaults(self._origin, contexts, check), rounds, check)

    def measure_windows(self) -> float:
        """Measure how far windows are from the exemplar's on average; 0 if it has them all."""
        return float(self._find_windows().values.mean())

    def _find_windows(self, check: Check = proceed) -> WindowFaults:
        h, w = self._side
        description = torch.from_numpy(self._texels.T.reshape(-1, h, w).copy())
        distance = WindowDistance(description, max(4, round(_WINDOW_SHARE * min(h, w))))
        return WindowFaults(self._origin, self._look_up, distance, check)

    def _count_rounds(self, rounds: float) -> int:
        return round(rounds * math.prod(self._size) / math.prod(self._side))

    def _mend_faults(self, faults: Faults, rounds: float, check: Check) -> None:
        """Let what fits best take over the middle of what is worst, each time that it is a gain."""
        reach, self._reach = self._reach, round(_REACH_SHARE * min(self._side))
        try:
            for _ in range(self._count_rounds(rounds)):
                check()
                place = faults.find_worst()
                if place is None:
                    break
                moves = [self._try(corner, place, faults) for corner in self._find_corners(place)]
                best = min(filter(None, moves), key=lambda move: move.cost, default=None)
                if best is not None and best.cost < -_LEAST_GAIN:
                    self._take(best.region, best.corner, place)
                    faults.keep(best.change)
        finally:
            self._reach = reach

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

    def _try(self, corner: tuple[int, int], place: tuple[int, int], faults: Faults) -> _Move | None:
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
        new = [
            span[0] + np.flatnonzero(region.any(1 - axis))
            for axis, span in enumerate((rows, columns))
        ]
        self._origin[:, rows[:, None], columns] = np.where(region, own, there)
        change = faults.try_out(*new)
        self._origin[:, rows[:, None], columns] = there
        return _Move(cost + change.cost, region, corner, change)
