"""Scale an exemplar that repeats, so that whole periods of it fit a canvas."""

from __future__ import annotations

from dataclasses import dataclass

from ..exemplars.exemplar import Exemplar
from ..exemplars.views import apply_view
from . import periods
from .lattice import Periods

# So near to a whole number of periods nothing is out of step.
_WHOLE_TOLERANCE = 0.05
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
    """

    scales: tuple[float, float] = (1.0, 1.0)
    periods: Periods = (None, None)
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
    if max(abs(scale - 1) for scale in scales) <= _UNTOLD_SCALING:
        return PeriodFit(scales, (y, x))
    return PeriodFit(
        scales,
        (y, x),
        (
            f"The exemplar repeats: it was scaled to {scales[1]:.0%} in width and "
            f"{scales[0]:.0%} in height, so that whole periods fit.",
        ),
    )


def _is_whole(count: float) -> bool:
    return abs(count - round(count)) < _WHOLE_TOLERANCE
