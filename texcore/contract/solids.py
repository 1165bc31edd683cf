"""Say how a solid texture lies in a picture, and count what it takes.

A solid texture is a cube of voxels that repeats in all three directions. Its picture, which any
program can read, is an atlas of its slices: cells in rows, the topmost slice first, each with a
gutter of what lies beyond its border, so that a look between its voxels meets no other slice.
"""

from __future__ import annotations

from dataclasses import dataclass

from .costs import Cost, Load

#: Voxels around each slice, of those that lie beyond its border: bicubic interpolation takes two.
GUTTER = 2
# Sides of the cube at each level, as parts of the finest's; and at each quality evaluations there.
# A smaller cube than the least has no room for anything.
_SHARES, _LEAST_VOXELS = (4, 2, 1), 16
_EVALUATIONS = {"draft": (30, 24, 16), "standard": (60, 50, 40), "high": (100, 80, 80)}
# Of a voxel, seconds on the reference that an evaluation takes beside the network: for a number.
_EVALUATION_SECONDS, _RUN_SECONDS, _WRITING_SECONDS = 3.0e-8, 0.3, 1.4e-7
# Slices are looked at along so many axes where only upright cuts show the photo, or all of them.
_UPRIGHT_AXES, _ALL_AXES = 2, 3


@dataclass(frozen=True)
class SliceAtlas:
    """Where the slices of a cube lie in its picture.

    Attributes:
        voxels: Of the cube's side.

    Example:
        >>> atlas = SliceAtlas(64)
        >>> atlas.columns, atlas.rows, atlas.width, atlas.height
        (8, 8, 544, 544)
    """

    voxels: int

    @property
    def columns(self) -> int:
        """How many cells are in a row."""
        return 2 ** -(-(self.voxels.bit_length() - 1) // 2)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-self.voxels // self.columns)

    @property
    def cell(self) -> int:
        """Side of a cell in pixels, with its gutters."""
        return self.voxels + 2 * GUTTER

    @property
    def width(self) -> int:
        """Width of the picture in pixels."""
        return self.columns * self.cell

    @property
    def height(self) -> int:
        """Height of the picture in pixels."""
        return self.rows * self.cell


@dataclass(frozen=True)
class CubeLevel:
    """A size of the cube that is worked on.

    Attributes:
        voxels: Of its side.
        evaluations: Of the objective there.
    """

    voxels: int
    evaluations: int


def plan_levels(voxels: int, quality: str, iterations: int | None = None) -> tuple[CubeLevel, ...]:
    """Plan the sizes of a cube from coarse to fine.

    Args:
        voxels: Of the finest cube's side.
        quality: Of the recipe; there is no sketch of a solid.
        iterations: At each size; None for what the quality says.

    Example:
        >>> [(level.voxels, level.evaluations) for level in plan_levels(64, "standard")]
        [(16, 60), (32, 50), (64, 40)]
    """
    return tuple(
        CubeLevel(voxels // share, iterations or evaluations)
        for share, evaluations in zip(_SHARES, _EVALUATIONS[quality], strict=True)
        if voxels // share >= _LEAST_VOXELS
    )


def count_axes(cuts: str) -> int:
    """Count the axes along which slices look like the photo.

    Args:
        cuts: Of the recipe, of `choices.CUTS`.
    """
    return _UPRIGHT_AXES if cuts == "upright" else _ALL_AXES


def count_solid_cost(
    levels: tuple[CubeLevel, ...], cuts: str, products: float, layers: int, channels: int = 3
) -> Cost:
    """Count what a solid texture takes.

    Args:
        levels: That it goes through.
        cuts: Of the recipe.
        products: Multiplications of the network for a texel of a slice.
        layers: Of the network that are looked at.
        channels: Of the picture.

    Example:
        >>> cost = count_solid_cost((CubeLevel(16, 10),), "all", 1e5, 4)
        >>> cost.work.products == 10 * 3 * 16**3 * 1e5
        True
    """
    work = Load()
    axes = count_axes(cuts)
    for level in levels:
        seen = level.evaluations * axes * level.voxels**3
        work += Load(
            products=products * seen,
            calls=level.evaluations * axes * layers,
            seconds=_EVALUATION_SECONDS * channels * seen,
        )
    finest = SliceAtlas(levels[-1].voxels)
    after = Load(seconds=_WRITING_SECONDS * channels * finest.width * finest.height)
    return Cost(Load(seconds=_RUN_SECONDS), work, after)
