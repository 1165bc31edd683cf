"""Weigh where in an exemplar the texels of a layout should be from, whatever lies beside them.

What repeats is to be in step all over, what progresses along an axis is to do so on the canvas, and
a photo that is as large as its texture is to stay in its place as far as its joints allow.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .lattice import Lattice
from .patchwork import Patchwork
from .progression import Progression

Map = NDArray[np.float32]
Places = NDArray[np.int64]

# What being out of step costs, in the median difference of windows; and a texel that is as far out
# of step as can be, in what one costs at a joint whose sides have nothing to do with each other.
OUT_OF_STEP_COST, _OUT_OF_STEP_TEXEL = 3.0, 0.4
# The same of what is as far from its place as is tolerated, where a progression is kept.
_ASTRAY_COST, _ASTRAY_TEXEL = 1.0, 0.03
# Where an exemplar stays in its place, what a texel costs that shows something else: with half as
# much all of it is moved at times. And what one costs that shows its edge, a share of its shorter
# side, for joints would lie in one line where the torus closes: with more setts grow together.
_AWAY_TEXEL, _EDGE_TEXEL, _EDGE_SHARE = 0.2, 0.05, 1 / 16


class Belonging:
    """Where on a torus the parts of an exemplar belong.

    Args:
        made: What is in step with most of this is in step.
        lattice: The exemplar's, if it repeats.
        progression: Where texels are from; None if they may be from anywhere.
        home: Row and column of the torus where the exemplar's first texel belongs, if it is to stay
            in its place as far as joints allow; negative where the torus has only a part of it.

    Example:
        >>> places = np.stack(np.meshgrid(np.arange(16), np.arange(16), indexing="ij"))
        >>> belonging = Belonging(Patchwork(torch.from_numpy(places), (16, 16)), home=(0, 0))
        >>> costs = belonging.measure(places, np.arange(16), np.arange(16))
        >>> float(costs[0, 8]) > float(costs[8, 8]) == 0
        True
    """

    def __init__(
        self,
        made: Patchwork,
        lattice: Lattice | None = None,
        progression: Progression | None = None,
        home: tuple[int, int] | None = None,
    ) -> None:
        self._side = made.side
        self._lattice = lattice if lattice and any(lattice.periods) else None
        self._phases = lattice.find_phase(made.origin) if lattice else (0.0, 0.0)
        self._progression, self._home = progression, home

    def weigh_windows(self, difference: Tensor, place: tuple[int, int], window: int) -> Tensor:
        """Add to how far windows of the exemplar are from one sought what their places cost.

        Args:
            difference: For each place that the window may have in the exemplar.
            place: Row and column of the torus that the window sought lies about.
            window: Its side in texels.
        """
        rows, columns = difference.shape
        if self._lattice is not None:
            lags = [
                torch.arange(n).neg() + (at - window // 2 - phase)
                for at, n, phase in zip(place, (rows, columns), self._phases, strict=True)
            ]
            out = self._lattice.measure_misfit(*(lag.round().long() for lag in lags))
            difference = difference + OUT_OF_STEP_COST * difference.median() * out
        if self._progression is not None:
            axis = self._progression.axis
            away = self._progression.measure_windows(
                place[axis] - window // 2, window, (rows, columns)[axis]
            ).view((-1, 1) if axis == 0 else (1, -1))
            difference = difference + _ASTRAY_COST * difference.median() * away
        return difference

    def measure(self, origins: Places, rows: Places, columns: Places) -> Map:
        """Measure what texels cost for being out of step, astray from the progression, or away.

        Args:
            origins: Rows and columns of the exemplar, shape (2, len(rows), len(columns)).
            rows, columns: Of the torus, where these lie.
        """
        cost = np.zeros(origins.shape[1:], np.float32)
        if self._lattice is not None:
            y, x = (
                torch.from_numpy(at - of - round(phase))
                for at, of, phase in zip(
                    (rows[:, None], columns[None]), origins, self._phases, strict=True
                )
            )
            cost += _OUT_OF_STEP_TEXEL * self._lattice.measure_each(y, x).numpy()
        if self._progression is not None:
            axis = self._progression.axis
            away = self._progression.measure_origins(origins[axis], (rows, columns)[axis])
            cost += _ASTRAY_TEXEL * away
        if self._home is not None:
            cost += self._measure_away(origins, rows - self._home[0], columns - self._home[1])
        return cost

    def _measure_away(self, origins: Places, rows: Places, columns: Places) -> Map:
        """Measure what texels cost for not showing what the exemplar has at those rows, columns."""
        at_home = (rows[:, None] == origins[0]) & (columns == origins[1])
        edge = round(_EDGE_SHARE * min(self._side))
        (high, low), (left, right) = (
            (places >= edge, places < side - edge)
            for places, side in zip((rows, columns), self._side, strict=True)
        )
        inside = (high & low)[:, None] & (left & right)
        away: Map = _AWAY_TEXEL * (inside & ~at_home) + _EDGE_TEXEL * (at_home & ~inside)
        return away
