"""Count what a texture over the surface of an object takes, as `costs` does of a plane's."""

from __future__ import annotations

from dataclasses import dataclass

from .costs import Cost, Load

#: Of a texture, the share that an unwrapping usually covers, where nobody has looked.
USUAL_SHARE = 0.6
# Seconds on the reference (see `costs`). For a texel on the surface: finding out where it is and
# spreading points; and planning the views of it. For a number of the texture: filling and writing.
_LAYING_SECONDS, _PLANNING_SECONDS, _WRITING_SECONDS = 1.2e-5, 2.0e-5, 2.4e-7
# For a piece that is sewn, for each texel of it, and for each of the photo that it is sought in.
_PIECE_SECONDS, _PIECE_TEXEL_SECONDS, _SEEKING_SECONDS = 1.6e-2, 1.5e-6, 0.3e-6
# Of a run however small: its libraries are loaded with the first.
_RUN_SECONDS = 0.3
# Side of a piece as a share of the photo's, and of the way from one to the next in its side.
_PIECE_SHARE, _STEP_SHARE, _LEAST_SIDE = 0.5, 0.53, 16.0
# In how many texels of views each texel on the surface is shown; and how many a view has.
_SHOWN, _VIEW_TEXELS = 3.1, 192**2
# Of an evaluation the features are made twice: once for the statistics of all views together.
_TWICE = 4 / 3


@dataclass(frozen=True)
class SurfaceShape:
    """Of an object, a photo and a texture, what decides the cost.

    Attributes:
        texture: Height and width in texels.
        covered: How many of these are on the surface.
        photo: Height and width at the surface's scale.
        channels: Of all maps together.
        views: Images that the network is shown of each view of the surface.
    """

    texture: tuple[int, int]
    covered: float
    photo: tuple[float, float]
    channels: int = 3
    views: int = 1


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
        >>> 5 < sketch.work.seconds < 20, sketch.work.products
        (True, 0.0)
    """
    numbers = shape.channels * shape.texture[0] * shape.texture[1]
    before = Load(seconds=_RUN_SECONDS + _LAYING_SECONDS * shape.covered)
    side = max(_LEAST_SIDE, _PIECE_SHARE * min(shape.photo))
    pieces = max(1.0, shape.covered / (_STEP_SHARE * side) ** 2)
    one = _PIECE_SECONDS + _PIECE_TEXEL_SECONDS * side**2
    one += _SEEKING_SECONDS * shape.photo[0] * shape.photo[1]
    work = Load(seconds=pieces * one)
    after = Load(seconds=_WRITING_SECONDS * numbers)
    if evaluations:
        shown = _SHOWN * shape.covered
        work += Load(
            products=_TWICE * evaluations * shape.views * products * shown,
            calls=_TWICE * evaluations * shape.views * layers * max(1.0, shown / _VIEW_TEXELS),
            seconds=_PLANNING_SECONDS * shape.covered,
        )
    return Cost(before, work, after)
