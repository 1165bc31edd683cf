"""Count what a texture over the surface of an object takes, as `costs` does of a plane's."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .costs import Cost, Load

#: Of a texture, the share that an unwrapping usually covers, where nobody has looked.
USUAL_SHARE = 0.6
# Pieces are sewn at half of the resolution, unless they have a lesser side then; or the surface has
# fewer texels at all, of which its folds need every one.
_REDUCTION, _LEAST_REDUCED_SIDE, _LEAST_TEXELS = 2, 32, 200_000
# How far points on a surface are apart, in the texels that are looked at. If these are not all, at
# least and at most, and in between so that there are about so many points: a small texture's object
# has as many bends as a large one's.
_SPACING, _LEAST_SPACING, _MOST_SPACING, _POINTS = 3.0, 2.0, 5.0, 30_000
# Seconds on the reference (see `costs`). For a texel on the surface: finding out where it is; if it
# is looked at, spreading points and finding what lies beside what; blending; and planning views.
# For a number of the texture: filling and writing.
_LAYING_SECONDS, _SPREADING_SECONDS, _BLENDING_SECONDS = 3.0e-7, 4.0e-6, 0.7e-6
_PLANNING_SECONDS, _WRITING_SECONDS = 2.0e-5, 1.4e-7
# For a piece that is sewn, for each texel of it and each point on it, and for each texel of the
# photo that it is sought in.
_PIECE_SECONDS, _PIECE_TEXEL_SECONDS, _POINT_SECONDS, _SEEKING_SECONDS = (
    1.0e-2,
    1.1e-6,
    1.1e-5,
    1.0e-7,
)
# Of a run however small: its libraries are loaded with the first.
_RUN_SECONDS = 0.3
# Side of a piece as a share of the photo's, and of the way from one to the next in its side.
_PIECE_SHARE, _STEP_SHARE, _LEAST_SIDE = 0.5, 0.56, 16.0
# In how many texels of views each texel on the surface is shown; and how many a view has.
_SHOWN, _VIEW_TEXELS = 2.3, 192**2
# Of an evaluation the features are made twice: once for the statistics of all views together.
_TWICE = 4 / 3


def choose_factor(side: float, texels: float) -> int:
    """Choose by what factor a surface and its photos are reduced to be sewn.

    Args:
        side: Of a piece in texels.
        texels: Of the surface.

    Example:
        >>> [choose_factor(*of) for of in ((50, 10**6), (150, 10**5), (150, 10**6))]
        [1, 1, 2]
    """
    large = side >= _REDUCTION * _LEAST_REDUCED_SIDE and texels >= _LEAST_TEXELS
    return _REDUCTION if large else 1


def choose_spacing(texels: float, factor: int) -> float:
    """Choose how far points on a surface are apart, in the texels that are looked at.

    Args:
        texels: Of the surface, as many as are looked at.
        factor: By which it is reduced.

    Example:
        >>> [choose_spacing(*of) for of in ((120_000, 1), (120_000, 2), (1_000_000, 2))]
        [3.0, 2.0, 5.0]
    """
    if factor == 1:
        return _SPACING
    return min(max(math.sqrt(texels / _POINTS), _LEAST_SPACING), _MOST_SPACING)


@dataclass(frozen=True)
class SurfaceShape:
    """All of an object, a photo and a texture that decides what a run over the object costs.

    Attributes:
        texture: Height and width in texels.
        covered: How many of these are on the surface.
        photo: Height and width at the surface's scale.
        channels: Of all maps together.
        views: Images that the network is shown of each view of the surface.
        fineness: How many texels of the photo lie on one of the surface, on the mean.
    """

    texture: tuple[int, int]
    covered: float
    photo: tuple[float, float]
    channels: int = 3
    views: int = 1
    fineness: float = 1.0


def count_surface_cost(shape: SurfaceShape, evaluations: int, products: float, layers: int) -> Cost:
    """Count what a run takes.

    Args:
        shape: What it is about.
        evaluations: Of the objective; 0 for a sketch.
        products: Multiplications of the network for a texel.
        layers: Of the network that are looked at.

    Example:
        >>> shape = SurfaceShape((1024, 1024), 600_000, (512, 512))
        >>> sketch = count_surface_cost(shape, 0, 0.0, 0)
        >>> 2 < sketch.work.seconds < 8, sketch.work.products
        (True, 0.0)
    """
    numbers = shape.channels * shape.texture[0] * shape.texture[1]
    side = max(_LEAST_SIDE, _PIECE_SHARE * min(shape.photo))
    factor = choose_factor(side, shape.covered)
    seen = shape.covered / factor**2
    spread = _SPREADING_SECONDS * seen
    before = Load(seconds=_RUN_SECONDS + _LAYING_SECONDS * shape.covered + spread)
    pieces = max(1.0, shape.fineness * shape.covered / (_STEP_SHARE * side) ** 2)
    one = _PIECE_SECONDS + _PIECE_TEXEL_SECONDS * (side / factor) ** 2
    one += _POINT_SECONDS * (side / factor / choose_spacing(seen, factor)) ** 2
    one += _SEEKING_SECONDS * shape.photo[0] * shape.photo[1] / factor**2
    work = Load(seconds=pieces * one + _BLENDING_SECONDS * shape.covered)
    after = Load(seconds=_WRITING_SECONDS * numbers)
    if evaluations:
        shown = _SHOWN * shape.covered
        work += Load(
            products=_TWICE * evaluations * shape.views * products * shown,
            calls=_TWICE * evaluations * shape.views * layers * max(1.0, shown / _VIEW_TEXELS),
            seconds=_PLANNING_SECONDS * shape.covered,
        )
    return Cost(before, work, after)
