"""What is wrong in a layout besides its joints: windows from nowhere, contexts that are lost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..runtime.context import Check, proceed
from .belonging import Map, Places
from .contexts import REACH, Contexts
from .window_distance import WindowDistance

# Windows of a torus that are measured at once: with their cells' averages, half a gigabyte.
_BAND_WINDOWS = 2**16
# Texels whose contexts are measured at once: a hundred megabytes.
_BAND_TEXELS = 2**18
# What is near to a place that was looked at is looked at less: half as much, so many cells or
# windows each way.
_PATIENCE, _PATIENCE_REACH = 0.5, 2
# The least distance of a window that is worth a look.
_LEAST_DISTANCE = 0.02
# Side in texels of the cells in which lost contexts are added up; and what a texel's costs, in what
# one costs at a joint whose sides have nothing to do with each other.
_CELL, _CONTEXT_COST = 8, 0.3


class Change(NamedTuple):
    """How what is wrong would change.

    Attributes:
        cost: By how much there would be more of it, in what joints cost.
        rows, columns: Of what is measured anew.
        values: What that would be, shape (rows, columns).
    """

    cost: float
    rows: Places
    columns: Places
    values: Tensor


class Faults(ABC):
    """Something that is wrong in a layout, by where: measured once, and then where it changes.

    Args:
        origin: Where in the exemplar each texel of the torus is from, shape (2, height, width).
            What changes there is measured when it is asked for.
    """

    values: Tensor  #: how wrong it is, on a grid over the torus

    def __init__(self, origin: Places) -> None:
        self._origin = origin
        self._size = origin.shape[1], origin.shape[2]
        self._patience: Tensor | None = None

    @abstractmethod
    def find_worst(self) -> tuple[int, int] | None:
        """Find row and column of the texel about which most is wrong; None if nothing is."""

    @abstractmethod
    def try_out(self, rows: Places, columns: Places) -> Change:
        """Measure what changes where rows and columns of the torus are new, unwrapped numbers."""

    def keep(self, change: Change) -> None:
        """Keep a change."""
        self.values[change.rows[:, None], change.columns] = change.values

    def _choose_worst(self, values: Tensor) -> tuple[int, int]:
        """Choose what is, with what is about it, the worst; be less patient with it."""
        if self._patience is None:
            self._patience = torch.ones_like(values)
        costs = values * self._patience
        about = sum(costs.roll((i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1))
        assert isinstance(about, Tensor)
        row, column = divmod(int(about.argmax()), values.shape[1])
        span = torch.arange(-_PATIENCE_REACH, _PATIENCE_REACH + 1)
        rows, columns = ((at + span) % n for at, n in zip((row, column), values.shape, strict=True))
        self._patience[rows[:, None], columns] *= _PATIENCE
        return row, column


class WindowFaults(Faults):
    """Windows that are far from all the exemplar's.

    Args:
        origin: See `Faults`.
        describe: Describes places (2, ...) of the exemplar, (..., n).
        distance: Measures windows.
        check: Called while all are measured; an exception of it ends the work.
    """

    def __init__(
        self,
        origin: Places,
        describe: Callable[[Places], Map],
        distance: WindowDistance,
        check: Check = proceed,
    ) -> None:
        super().__init__(origin)
        self._describe, self._distance = describe, distance
        rows, columns = (np.arange(-(-n // distance.step)) for n in self._size)
        band = max(1, _BAND_WINDOWS // len(columns))
        measured = []
        for first in range(0, len(rows), band):
            check()
            measured.append(self._measure(rows[first : first + band], columns))
        self.values = torch.cat(measured)

    def find_worst(self) -> tuple[int, int] | None:
        """Find the middle of the window farthest from the exemplar's."""
        row, column = self._choose_worst(self.values)
        if float(self.values[row, column]) < _LEAST_DISTANCE:
            return None
        step, half = self._distance.step, self._distance.window // 2
        return (row * step + half) % self._size[0], (column * step + half) % self._size[1]

    def try_out(self, rows: Places, columns: Places) -> Change:
        """Measure the windows that have any of some rows and columns."""
        rows, columns = (
            self._find_windows(span % n, n)
            for span, n in zip((rows, columns), self._size, strict=True)
        )
        values = self._measure(rows, columns)
        more = values - self.values[rows[:, None], columns]
        return Change(float(more.sum()) * self._distance.step**2, rows, columns, values)

    def _find_windows(self, texels: Places, n: int) -> Places:
        """Find the windows, along an axis of n texels that closes, that have any of some texels."""
        ends = np.zeros(n, np.int64)
        ends[texels] = 1
        window = self._distance.window
        ahead = np.concatenate([[0], np.cumsum(np.tile(ends, -(-window // n) + 1))])
        first = np.arange(0, n, self._distance.step)
        return np.nonzero(ahead[first + window] > ahead[first])[0]

    def _measure(self, rows: Places, columns: Places) -> Tensor:
        """Measure some rows and columns of windows, numbered from the torus' first texel."""
        return torch.cat(
            [torch.cat([self._measure_run(r, c) for c in _split(columns)], 1) for r in _split(rows)]
        )

    def _measure_run(self, rows: Places, columns: Places) -> Tensor:
        """Measure windows whose numbers follow one another."""
        step, window = self._distance.step, self._distance.window
        spans = [
            np.arange(n[0] * step, n[-1] * step + window) % of
            for n, of in zip((rows, columns), self._size, strict=True)
        ]
        there = self._describe(self._origin[:, spans[0][:, None], spans[1]])
        return self._distance.measure(torch.from_numpy(there).movedim(-1, 0))


class ContextFaults(Faults):
    """Texels about which outlines are not where the exemplar has them.

    Args:
        origin: See `Faults`.
        contexts: The exemplar's.
        check: Called while all are measured; an exception of it ends the work.
    """

    def __init__(self, origin: Places, contexts: Contexts, check: Check = proceed) -> None:
        super().__init__(origin)
        self._contexts = contexts
        rows, columns = (np.arange(n) for n in self._size)
        band = max(1, _BAND_TEXELS // len(columns))
        measured = []
        for first in range(0, len(rows), band):
            check()
            measured.append(contexts.measure(origin, rows[first : first + band], columns))
        self.values = torch.from_numpy(np.concatenate(measured))

    def find_worst(self) -> tuple[int, int] | None:
        """Find the middle of the cell whose texels have lost most of their contexts."""
        cells = F.avg_pool2d(self.values[None], _CELL, ceil_mode=True)[0]
        row, column = (_CELL * at + _CELL // 2 for at in self._choose_worst(cells))
        return min(row, self._size[0] - 1), min(column, self._size[1] - 1)

    def try_out(self, rows: Places, columns: Places) -> Change:
        """Measure the texels that may see some rows and columns."""
        changed = [
            np.arange(first := span[0] - REACH, min(span[-1] + REACH + 1, first + n))
            for span, n in zip((rows, columns), self._size, strict=True)
        ]
        values = torch.from_numpy(self._contexts.measure(self._origin, *changed))
        rows, columns = (span % n for span, n in zip(changed, self._size, strict=True))
        more = values - self.values[rows[:, None], columns]
        return Change(_CONTEXT_COST * float(more.sum()), rows, columns, values)


def _split(numbers: Places) -> list[Places]:
    """Split numbers that rise into runs that follow one another."""
    return np.split(numbers, np.nonzero(np.diff(numbers) > 1)[0] + 1)
