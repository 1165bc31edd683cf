"""Measure how badly copies of an exemplar that repeats fit, by how far apart they lie.

A wall fits over itself two courses up, and nearly as well one course up and half a brick along;
half a course up it fits nowhere. Its autocorrelation, folded into one period, tells.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .periods import autocorrelate, flatten_light

Periods = tuple[float | None, float | None]

# By this share of a period a copy may be out of step as if it were not; by less in a lattice that
# was found in two dimensions, whose periods are whole bonds, or a narrow joint is lost.
_IN_STEP_SHARE, _IN_BOND_SHARE = 0.06, 0.008
# Of the exemplar's side: at longer lags along an axis without a period too little of it lies over
# itself.
_LONGEST_LAG_SHARE = 0.5


class Lattice:
    """The lags at which an exemplar lies over itself in step.

    Args:
        source: The exemplar, shape (channels, h, w).
        periods: In its texels, down and across; None where it does not repeat.
        own: Those that it has itself, of a lattice that was found in two dimensions: its pieces may
            be laid closer or farther apart. None where each axis has been looked at by itself.

    Attributes:
        periods: As given.

    Example:
        >>> stripes = (torch.arange(48) % 8 < 4).float().expand(1, 40, 48)
        >>> lags = torch.tensor([0, 4, 8])
        >>> Lattice(stripes, (None, 8)).measure_misfit(torch.zeros(1, dtype=int), lags)
        tensor([[0., 1., 0.]])
    """

    def __init__(self, source: Tensor, periods: Periods, own: Periods | None = None) -> None:
        self.periods = periods
        self._misfit: Tensor | None = None
        if any(periods):
            self._misfit = _tabulate_misfit(source, own or periods, in_bond=own is not None)

    def measure_misfit(self, y: Tensor, x: Tensor) -> Tensor:
        """Measure copies that lie so far apart: 0 in step, 1 at worst.

        Args:
            y, x: Shapes (m) and (n), lags in texels, of any sign.

        Returns:
            Shape (m, n).
        """
        if self._misfit is None:
            return torch.zeros(len(y), len(x))
        rows, columns = self._fold_both(y, x)
        return self._misfit[rows[:, None], columns[None]]

    def measure_each(self, y: Tensor, x: Tensor) -> Tensor:
        """Measure lags y and x that belong together as `measure_misfit` does; of their shape."""
        if self._misfit is None:
            return torch.zeros(y.shape)
        return self._misfit[self._fold_both(y, x)]

    def _fold_both(self, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        assert self._misfit is not None
        rows, columns = (
            _fold(lag, period, n)
            for lag, period, n in zip((y, x), self.periods, self._misfit.shape, strict=True)
        )
        return rows, columns

    def measure_scatter(self, origin: Tensor) -> float:
        """Average the misfit of the texels of a patchwork with those of its commonest lag.

        Args:
            origin: Shape (2, height, width), row and column in the exemplar that each is from.
        """
        if self._misfit is None:
            return 0.0
        counts = self._count_lags(origin)
        row, column = divmod(int(counts.argmax()), counts.shape[1])
        misfit = self._misfit.roll((row, column), (0, 1))
        return float((counts * misfit).sum() / counts.sum())

    def find_phase(self, origin: Tensor) -> tuple[float, float]:
        """Find the lag that most of a patchwork is in step with, in texels.

        No mean tells it: of a bond, half of the pieces lie half a period off.

        Args:
            origin: Shape (2, height, width), row and column in the exemplar that each is from.

        Returns:
            What to take from where a piece lies, less its place in the exemplar, down and across.
        """
        if self._misfit is None:
            return 0.0, 0.0
        counts = self._count_lags(origin).float()
        spectrum = torch.fft.rfft2(counts) * torch.fft.rfft2(self._misfit).conj()
        out = torch.fft.irfft2(spectrum, s=counts.shape)
        row, column = divmod(int(out.argmin()), counts.shape[1])
        y, x = (
            -cell * (period or n) / n
            for cell, period, n in zip((row, column), self.periods, counts.shape, strict=True)
        )
        return y, x

    def _count_lags(self, origin: Tensor) -> Tensor:
        """Count the texels of each lag, of origin less place, in the cells of a period."""
        assert self._misfit is not None
        sides = self._misfit.shape
        places = (torch.arange(n) for n in origin.shape[1:])
        rows, columns = (
            _fold(of - (at[:, None] if axis == 0 else at[None]), self.periods[axis], sides[axis])
            for axis, (of, at) in enumerate(zip(origin, places, strict=True))
        )
        counts = torch.bincount(
            (rows * sides[1] + columns).flatten(), minlength=sides[0] * sides[1]
        )
        return counts.view(sides)


def _tabulate_misfit(source: Tensor, periods: Periods, in_bond: bool) -> Tensor:
    """Fold the autocorrelation into one period: (a, b) texels, one along an axis without."""
    h, w = source.shape[-2:]
    flat = flatten_light(source)
    agreement = autocorrelate(flat - flat.mean((1, 2), keepdim=True))
    y, x = torch.arange(agreement.shape[0]), torch.arange(agreement.shape[1])
    x = x - agreement.shape[1] // 2
    # Where but one axis repeats, a copy may lie anywhere along the other.
    if periods[1] is None:
        agreement = agreement[:, x.abs() <= _LONGEST_LAG_SHARE * w].amax(1, keepdim=True)
        x = x.new_zeros(1)
    if periods[0] is None:
        agreement = agreement[y <= _LONGEST_LAG_SHARE * h].amax(0, keepdim=True)
        y = y.new_zeros(1)
    weight = (h - y)[:, None] * (w - x.abs())[None].float()
    # What lies nearly where it is agrees, whether it repeats or not.
    near = [lag.abs() < (period or 1) / 2 for lag, period in zip((y, x), periods, strict=True)]
    weight = weight.masked_fill(near[0][:, None] & near[1][None], 0)
    sides = [round(period or 1) for period in periods]
    sums, weights = torch.zeros(sides), torch.zeros(sides)
    for sign in (1, -1):
        at = [_fold(sign * lag, p, n) for lag, p, n in zip((y, x), periods, sides, strict=True)]
        index = (at[0][:, None].expand_as(weight), at[1][None].expand_as(weight))
        sums.index_put_(index, weight * agreement, accumulate=True)
        weights.index_put_(index, weight, accumulate=True)
    folded = sums / weights.clamp_min(1e-9)
    if in_bond:
        # What no lag tells, for the period is longer than any, is out of step but where it lies.
        folded[weights == 0] = folded.amin()
        if weights[0, 0] == 0:
            folded[0, 0] = folded.amax()
    reach = [round((_IN_BOND_SHARE if in_bond else _IN_STEP_SHARE) * n) for n in sides]
    around = F.pad(folded[None, None], (reach[1], reach[1], reach[0], reach[0]), mode="circular")
    folded = F.max_pool2d(around, [2 * r + 1 for r in reach], 1)[0, 0]
    least, most = folded.amin(), folded[0, 0]
    return ((most - folded) / (most - least).clamp_min(1e-9)).clamp(0, 1)


def _fold(lag: Tensor, period: float | None, n: int) -> Tensor:
    """Find the cell of a period of n that a lag falls into."""
    return (lag * (n / (period or n))).round().long() % n
