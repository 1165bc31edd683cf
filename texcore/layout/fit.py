"""Scale an exemplar that repeats, so that whole periods of it fit a canvas."""

from __future__ import annotations

from dataclasses import dataclass

from ..exemplars.exemplar import Exemplar
from ..exemplars.views import shown
from . import periods
from .lattice import Periods

# So near to a whole number of periods nothing is out of step.
_ABOUT_WHOLE = 0.05
# Scaled by less than this nobody need be told.
_TOLD = 0.005


@dataclass(frozen=True)
class Fit:
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


def fitting(exemplar: Exemplar, canvas: tuple[int, int], wraps: tuple[bool, bool]) -> Fit:
    """What an exemplar is scaled by so that whole periods of it fit a canvas.

    Args:
        exemplar: Of its views the first that repeats along an axis tells the period there.
        canvas: Height and width in texels.
        wraps: Which axes of the result repeat, y and x.
    """
    found: list[float | None] = [None, None]
    for view in exemplar.views[: len(exemplar.views) - exemplar.coarse]:
        if None in found:
            of_view = periods.periods(shown(exemplar.image, view.to(exemplar.image))[0])
            found = [a or b for a, b in zip(found, of_view, strict=True)]
    scales = periods.fit((found[0], found[1]), canvas, wraps)
    y, x = (
        period * scale if period and _whole(n / (period * scale)) else None
        for period, scale, n in zip(found, scales, canvas, strict=True)
    )
    if max(abs(scale - 1) for scale in scales) <= _TOLD:
        return Fit(scales, (y, x))
    return Fit(
        scales,
        (y, x),
        (
            f"The exemplar repeats: it was scaled to {scales[1]:.0%} in width and "
            f"{scales[0]:.0%} in height, so that whole periods fit.",
        ),
    )


def _whole(count: float) -> bool:
    return abs(count - round(count)) < _ABOUT_WHOLE
