"""Scale an exemplar that repeats, so that whole periods of it fit a canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..exemplars.exemplar import Exemplar
from ..exemplars.views import apply_view
from . import periods
from .bond import find_bond
from .lattice import Periods

Bond = tuple[float, float]

# So near to a whole number of periods nothing is out of step.
_WHOLE_TOLERANCE = 0.05
# A whole number of periods along an axis is as long as one of the lattice if it differs by less.
_SAME_PERIOD = 0.04
# What a period that the exemplar does not show may be lengthened or shortened by, a logarithm.
_MOST_SPACING = 0.2
# Scaled by less than this share nobody need be told.
_UNTOLD_SCALING = 0.005


@dataclass(frozen=True)
class PeriodFit:
    """How an exemplar that repeats fits a canvas.

    Attributes:
        scales: What it is scaled by, y and x.
        periods: Of the scaled exemplar in texels of the canvas, y and x, where whole numbers of
            them go round; else None.
        notes: A sentence for the user where the scales are not 1.
        own: The periods as the scaled exemplar has them, where its pieces may have to be laid
            closer or farther apart; else None.
    """

    scales: tuple[float, float] = (1.0, 1.0)
    periods: Periods = (None, None)
    notes: tuple[str, ...] = ()
    own: Bond | None = None


def find_exemplar_periods(exemplar: Exemplar) -> Periods:
    """Find the periods of an exemplar in texels, y and x; None where it does not repeat.

    Args:
        exemplar: Of its views the first that repeats along an axis tells the period there.
    """
    found: list[float | None] = [None, None]
    for view in exemplar.views[: len(exemplar.views) - exemplar.coarse]:
        if None in found:
            shown = apply_view(exemplar.image, view.to(exemplar.image))[0]
            of_view = periods.find_periods(shown)
            found = [a or b for a, b in zip(found, of_view, strict=True)]
    return found[0], found[1]


def find_exemplar_bond(exemplar: Exemplar, along: Periods) -> Bond | None:
    """Find the periods, in texels, y and x, of the lattice of an exemplar; None if it has none.

    Args:
        exemplar: Of its views the first that has a lattice tells both periods.
        along: Its periods along each axis; those are more exact.
    """
    for view in exemplar.views[: len(exemplar.views) - exemplar.coarse]:
        bond = find_bond(apply_view(exemplar.image, view.to(exemplar.image))[0])
        if bond is not None:
            y, x = (_sharpen(period, axis) for period, axis in zip(bond, along, strict=True))
            return y, x
    return None


def _sharpen(period: float, along: float | None) -> float:
    """Take a whole number of what was found along an axis, which is exact, if that is a period."""
    count = round(period / along) if along else 0
    if not along or not count or abs(period / (count * along) - 1) > _SAME_PERIOD:
        return period
    return count * along


def fit_bond(
    bond: Bond | None,
    along: Periods,
    shown: tuple[int, int],
    canvas: tuple[int, int],
    wraps: tuple[bool, bool],
) -> PeriodFit:
    """Choose what an exemplar with a lattice is scaled by, as `fit_periods` does.

    A period that is longer than the exemplar is nowhere in it: the exemplar is not scaled for it,
    but its pieces are laid a little closer or farther apart.

    Args:
        bond: Periods of the lattice in texels, y and x; None if it has none.
        along: Those along each axis, which count where the lattice's do not fit.
        shown: Height and width of the exemplar in texels.
        canvas: Height and width in texels.
        wraps: Which axes of the result repeat, y and x.

    Example:
        >>> fit = fit_bond((60.0, 140.0), (30.0, None), (100, 100), (240, 256), (True, True))
        >>> fit.scales, fit.periods, fit.own
        ((1.0, 1.0), (60.0, 128.0), (60.0, 140.0))
    """
    if bond is None:
        return fit_periods(along, canvas, wraps)
    y, x = (period if period <= side else None for period, side in zip(bond, shown, strict=True))
    scales = periods.choose_scales((y, x), canvas, wraps)
    y, x = (
        _space_out(period * scale, n, loose=period > side) if wrap else period * scale
        for period, scale, n, side, wrap in zip(bond, scales, canvas, shown, wraps, strict=True)
    )
    if y is None or x is None:
        return fit_periods(along, canvas, wraps)
    return PeriodFit(
        scales, (y, x), _note_scaling(scales), (bond[0] * scales[0], bond[1] * scales[1])
    )


def fit_periods(found: Periods, canvas: tuple[int, int], wraps: tuple[bool, bool]) -> PeriodFit:
    """Choose what an exemplar is scaled by so that whole periods of it fit a canvas.

    Args:
        found: Its periods in texels, y and x; None where it does not repeat.
        canvas: Height and width in texels.
        wraps: Which axes of the result repeat, y and x.

    Example:
        >>> fit = fit_periods((27.0, None), (120, 120), (True, True))
        >>> round(fit.scales[0], 3), fit.periods
        (1.111, (30.0, None))
    """
    scales = periods.choose_scales(found, canvas, wraps)
    y, x = (
        period * scale if period and _is_whole(n / (period * scale)) else None
        for period, scale, n in zip(found, scales, canvas, strict=True)
    )
    return PeriodFit(scales, (y, x), _note_scaling(scales))


def _note_scaling(scales: tuple[float, float]) -> tuple[str, ...]:
    """Tell the user what an exemplar was scaled by, if it was."""
    if max(abs(scale - 1) for scale in scales) <= _UNTOLD_SCALING:
        return ()
    return (
        f"The exemplar repeats: it was scaled to {scales[1]:.0%} in width and "
        f"{scales[0]:.0%} in height, so that whole periods fit.",
    )


def _space_out(period: float, n: int, loose: bool) -> float | None:
    """Find the period with which whole numbers go round n texels; None if there is none."""
    count = n / period
    if _is_whole(count):
        return period
    whole = [n / k for k in {math.floor(count), math.ceil(count)} if k]
    nearest = min(whole, key=lambda spaced: abs(math.log(spaced / period)))
    return nearest if loose and abs(math.log(nearest / period)) <= _MOST_SPACING else None


def _is_whole(count: float) -> bool:
    return abs(count - round(count)) < _WHOLE_TOLERANCE
