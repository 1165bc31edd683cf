"""Curvature of a height: edges bright, hollows dark, flat in the middle."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from ..surfaces import torus
from ..surfaces.torus import Torus
from .filters import blurred, mirrored

#: Root mean square of the slopes that a relief is taken to have: 17 degrees.
SLOPE = 0.3
# Standard deviation of the smoothing that says how large an edge is, of the shorter side.
_RADIUS = 1 / 256
# What is black or white: so many times the root mean square of the curvature.
_MOST = 2.5
_TORUS = Torus()


def curvature(relief: Tensor, surface: Torus = _TORUS, radius: float | None = None) -> Tensor:
    """Mean curvature (1, h, w) of a height (1, h, w) at a radius: 0.5 is flat, convex is bright.

    The height is smoothed by a Gaussian of ``radius`` texels, g; how high it is, is taken as in
    `deriving.normal`: s is such that the root mean square of the slopes of the relief as it is
    is 0.3. Its mean curvature, H = −½ div(s∇g / √(1 + s²|∇g|²)), is positive where it is convex
    (do Carmo, *Differential Geometry of Curves and Surfaces*, 3.3). The map is 0.5 + H / 5r within
    0...1, r the root mean square of H. Rolling the height rolls the map: nothing knows where the
    border is.

        >>> import torch
        >>> ridge = torch.zeros(1, 32, 32)
        >>> ridge[..., 16] = 1
        >>> shown = curvature(ridge, radius=1.0)
        >>> [round(float(shown[0, 0, column]), 1) for column in (16, 13, 0)]
        [1.0, 0.2, 0.5]

    Args:
        relief: Values 0...1.
        surface: Says where it wraps; where it does not, its mirror image goes on.
        radius: In texels: what is much smaller is passed over. None for 1/256 of the shorter side,
            but at least 1: so the edges of a larger picture of the same thing look alike.
    """
    radius = max(1.0, min(relief.shape[-2:]) * _RADIUS) if radius is None else radius
    return mirrored(partial(_bend, radius=radius), relief, surface)


def _bend(relief: Tensor, radius: float) -> Tensor:
    """The curvature of what lies on the torus."""
    # In double precision the transform's rounding is far below a step of the map.
    exact = relief.double()
    steepness = _mean_square(*_slopes(exact))
    if steepness == 0:
        return relief.new_full(relief.shape, 0.5)
    x, y = (slope * (SLOPE / steepness**0.5) for slope in _slopes(blurred(exact, radius)))
    length = (1 + x.square() + y.square()).sqrt()
    bent = -0.5 * (_along(x / length, -1) + _along(y / length, -2))
    most = _MOST * _mean_square(bent) ** 0.5
    if most == 0:
        return relief.new_full(relief.shape, 0.5)
    return (0.5 + 0.5 * bent / most).clamp(0, 1).to(relief.dtype)


def _slopes(x: Tensor) -> tuple[Tensor, Tensor]:
    return _along(x, -1), _along(x, -2)


def _along(x: Tensor, dim: int) -> Tensor:
    """The derivative along an axis, per texel, by the neighbours on both sides."""
    step = (1, 0) if dim == -2 else (0, 1)
    return (torus.roll(x, *(-n for n in step)) - torus.roll(x, *step)) / 2


def _mean_square(*parts: Tensor) -> float:
    return float(sum(part.square().mean() for part in parts))
