"""Measure the joints of a patchwork: where they are, and how much each can be seen.

Texels s and t beside each other, from different places of the exemplar, cost |A(s) − B(s)|² +
|A(t) − B(t)|²: what either would be had the other's chunk gone on (Kwatra et al. 2003, *Graphcut
textures*, equation 1). Texels that are neighbours in the exemplar too cost nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# What the cost of a cell is multiplied by each time that it was the worst.
_REPEATED_FACTOR = 0.4
_ROWS_AT_ONCE = 128


class Joints:
    """What the joints of a patchwork cost, while others change it.

    Args:
        source: The exemplar, shape (channels, h, w).
        origin: Shape (2, height, width), row and column in the exemplar that each texel is from.
        cell: Side of the squares in which `find_worst` looks, in texels.
    """

    def __init__(self, source: NDArray[np.float32], origin: NDArray[np.int64], cell: int) -> None:
        self._source, self._origin, self._cell = source, origin, cell
        self._size = origin.shape[1:]
        rows, columns = (np.arange(n) for n in self._size)
        # A few rows at a time, for of a huge torus the places are more than the costs.
        parts = np.array_split(rows, -(-len(rows) // _ROWS_AT_ONCE))
        self._cost = np.concatenate([self._measure(part, columns) for part in parts])
        firsts = (np.arange(0, n, cell) for n in self._size)
        self._cells = [len(first) for first in firsts]
        self._sums = np.array(
            [[self._add_up(i, k) for k in range(self._cells[1])] for i in range(self._cells[0])]
        )
        self._tired = np.ones_like(self._sums)

    @property
    def cost(self) -> float:
        """What all joints cost together."""
        return float(self._sums.sum())

    def find_worst(self) -> tuple[int, int] | None:
        """Find the middle of the cell whose joints cost most, less each time; None if none does."""
        cell = divmod(int((self._sums * self._tired).argmax()), self._cells[1])
        if not self._sums[cell]:
            return None
        self._tired[cell] *= _REPEATED_FACTOR
        row, column = (i * self._cell + self._cell // 2 for i in cell)
        return row, column

    def keep_if_better(self, top: int, left: int, side: int) -> bool:
        """Take note of a square of the torus that has changed, if the joints cost less now.

        Returns:
            Whether they do. If not, the caller has to make the square again what it was.
        """
        # Each pair of texels is noted where its upper or left one is.
        spans = (range(first - 1, first + side) for first in (top, left))
        rows, columns = (np.array(span)[:n] % n for span, n in zip(spans, self._size, strict=True))
        at = np.ix_(rows, columns)
        cost = self._measure(rows, columns)
        if cost.sum() >= self._cost[at].sum():
            return False
        self._cost[at] = cost
        for i in np.unique(rows // self._cell):
            for k in np.unique(columns // self._cell):
                self._sums[i, k] = self._add_up(i, k)
        return True

    def _add_up(self, row: int, column: int) -> float:
        n = self._cell
        square = self._cost[row * n : (row + 1) * n, column * n : (column + 1) * n]
        return float(square.sum(dtype=np.float64))

    def _measure(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
        """Measure the pairs of each texel with that below it and that on its right."""
        height, width = self._size
        here = self._origin[:, rows[:, None], columns]
        below = self._origin[:, (rows[:, None] + 1) % height, columns]
        right = self._origin[:, rows[:, None], (columns + 1) % width]
        return self._measure_pairs(here, below, (1, 0)) + self._measure_pairs(here, right, (0, 1))

    def _measure_pairs(
        self, s: NDArray[np.int64], t: NDArray[np.int64], step: tuple[int, int]
    ) -> NDArray[np.float32]:
        d = np.reshape(step, (2, 1, 1))
        joint = (s + d != t).any(0)
        s, t = s[:, joint], t[:, joint]
        d = d[:, 0]
        beyond, before = (
            self._look_up(s + d) - self._look_up(t),
            self._look_up(s) - self._look_up(t - d),
        )
        cost = np.zeros(joint.shape, np.float32)
        cost[joint] = (beyond**2 + before**2).sum(0)
        return cost

    def _look_up(self, place: NDArray[np.int64]) -> NDArray[np.float32]:
        """Look up values of the exemplar, whose border goes on beyond it."""
        limits = np.reshape(self._source.shape[1:], (2, 1)) - 1
        row, column = np.clip(place, 0, limits)
        return self._source[:, row, column]
