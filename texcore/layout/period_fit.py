"""Scale an exemplar that repeats, so that whole periods of it fit a canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..exemplars.exemplar import Exemplar
from ..exemplars.views import apply_view
from . import periods
from .bond import find_bond
from .lattice import Periods

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
        own: The same as the scaled exemplar has them, which what is laid closer or farther apart
            does not keep.
        notes: A sentence for the user where the scales are not 1.
    """

    scales: tuple[float, float] = (1.0, 1.0)
    periods: Periods = (None, None)
    own: Periods = (None, None)
    notes: tuple[str, ...] = ()


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


def find_exemplar_bond(exemplar: Exemplar) -> Periods:
    """Find the periods of an exemplar whose pieces may lie anywhere, in texels, y and x.

    They are those of the lattice along which it repeats, if it has one, and then one may be longer
    than the exemplar; else those that are found along each axis.

    Args:
        exemplar: Of its views the first that has a lattice tells both periods.
    """
    along = find_exemplar_periods(exemplar)
    for view in exemplar.views[: len(exemplar.views) - exemplar.coarse]:
        bond = find_bond(apply_view(exemplar.image, view.to(exemplar.image))[0])
        if bond is not None:
            y, x = (_sharpen(period, axis) for period, axis in zip(bond, along, strict=True))
            return y, x
    return along


def _sharpen(period: float, along: float | None) -> float:
    """Take a whole number of what was found along an axis, which is exact, if that is a period."""
    count = round(period / along) if along else 0
    if not along or not count or abs(period / (count * along) - 1) > _SAME_PERIOD:
        return period
    return count * along


def fit_periods(
    found: Periods,
    canvas: tuple[int, int],
    wraps: tuple[bool, bool],
    shown: tuple[int, int] | None = None,
) -> PeriodFit:
    """Choose what an exemplar is scaled by so that whole periods of it fit a canvas.

    A period that is longer than the exemplar is nowhere in it: the exemplar is not scaled for it,
    but its pieces are laid a little closer or farther apart.

    Args:
        found: Its periods in texels, y and x; None where it does not repeat.
        canvas: Height and width in texels.
        wraps: Which axes of the result repeat, y and x.
        shown: Height and width of the exemplar in texels; None if it shows all its periods.

    Example:
        >>> fit = fit_periods((27.0, None), (120, 120), (True, True))
        >>> round(fit.scales[0], 3), fit.periods
        (1.111, (30.0, None))
    """
    long = [
        shown is not None and period is not None and period > shown[axis]
        for axis, period in enumerate(found)
    ]
    of_scale = [None if hidden else period for hidden, period in zip(long, found, strict=True)]
    scales = periods.choose_scales((of_scale[0], of_scale[1]), canvas, wraps)
    y, x = (
        _space_out(period * scale, n, hidden and wrap) if period else None
        for period, scale, n, hidden, wrap in zip(found, scales, canvas, long, wraps, strict=True)
    )
    own = tuple(period and period * scale for period, scale in zip(found, scales, strict=True))
    if max(abs(scale - 1) for scale in scales) <= _UNTOLD_SCALING:
        return PeriodFit(scales, (y, x), (own[0], own[1]))
    return PeriodFit(
        scales,
        (y, x),
        (own[0], own[1]),
        (
            f"The exemplar repeats: it was scaled to {scales[1]:.0%} in width and "
            f"{scales[0]:.0%} in height, so that whole periods fit.",
        ),
    )


def _space_out(period: float, n: int, loose: bool) -> float | None:
    """Find the period with which whole numbers go round n texels; None if there is none."""
    count = n / period
    if abs(count - round(count)) < _WHOLE_TOLERANCE:
        return period
    whole = [n / k for k in {math.floor(count), math.ceil(count)} if k]
    nearest = min(whole, key=lambda spaced: abs(math.log(spaced / period)))
    return nearest if loose and abs(math.log(nearest / period)) <= _MOST_SPACING else None
