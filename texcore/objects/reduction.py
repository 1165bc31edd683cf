"""Look at a surface at a reduced resolution, and go back to all of its texels.

What decides, such as where a piece lies and where it is cut, is decided for one texel of every few;
the others are found from it by their triangle: over a texel or two a surface is flat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..surfaces.resizing import scaled_to
from .atlas import Atlas, Numbers, Raster
from .charts import Chart, Charts
from .mesh import Complex, Floats, Whole

_T = TypeVar("_T", bound=np.generic)

# Texels of a block lie together if they are no farther apart on the surface than so many times
# what their steps in the texture are, and so many texels more; and face alike by so much.
_REACH_FACTOR, _REACH_TEXELS, _SAME_SIDE = 1.5, 0.5, 0.0
_TOGETHER = 1 << 19
# By how much a step to the next texel on a chart may differ from the one that it is on the surface,
# of this: otherwise it leads elsewhere.
_ALIKE = 0.5


@dataclass(frozen=True)
class Reduction:
    """A surface at a reduced resolution.

    Attributes:
        raster: The whole surface.
        factor: How many texels of it are one across, and down.
        atlas: What is looked at: the first texel of each square of so many across and down, and
            the first of each further part of the surface in the same. Its lengths are in its own
            texels, which are as large as the squares.
        chosen: These texels, by their places among those of the whole surface, shape (n).
        members: For each of these the texels of its part of the square, by their places among
            those of the whole surface, row by row; -1 where there is none: (n, factor squared).
        of: For each texel of the whole surface that which stands for it, shape (texels).
    """

    raster: Raster
    factor: int
    atlas: Atlas
    chosen: Numbers
    members: Numbers
    of: Numbers

    def measure_steps(self, texels: Whole) -> tuple[Whole, Whole]:
        """Measure how far right and down of the chosen texel each member of its part lies.

        Args:
            texels: Numbers in `atlas`, shape (n).

        Returns:
            Columns and rows in texels of the whole surface, of shape (n, factor squared) each.
        """
        row, column = np.divmod(self.raster.texels[self.chosen[texels]], self.raster.width)
        down, right = np.divmod(np.arange(self.factor**2), self.factor)
        return right - (column % self.factor)[:, None], down - (row % self.factor)[:, None]

    def give_back(self, values: NDArray[_T]) -> NDArray[_T]:
        """Give each texel of the whole surface the value, (n, ...), of that which stands for it."""
        return values[self.of]


def reduce_surface(raster: Raster, factor: int) -> Reduction:
    """Look at a surface at a reduced resolution.

    Args:
        raster: The whole surface.
        factor: How many texels of it become one across, and down; 1 leaves it as it is.

    Example:
        >>> corners = np.array([[0.0, 0], [1, 0], [0, 1]])
        >>> from texcore.objects.mesh import Mesh
        >>> from texcore.objects.atlas import rasterise
        >>> mesh = Mesh(np.pad(corners, ((0, 0), (0, 1))), np.array([[0, 1, 2]]), corners[None])
        >>> reduction = reduce_surface(rasterise(mesh, 4, 4, "triangle"), 2)
        >>> reduction.atlas.texels.tolist(), reduction.members[0].tolist()
        ([0, 2, 3], [0, -1, 1, 2])
    """
    width = -(-raster.width // factor)
    rows, columns = np.divmod(raster.texels, np.int32(raster.width))
    square = rows // factor * width + columns // factor
    of = np.full(len(raster.texels), -1, np.int32)
    left: Whole = np.arange(len(raster.texels))
    chosen: list[Whole] = []
    while len(left):
        first = np.full(width * -(-raster.height // factor), -1, np.int64)
        first[square[left[::-1]]] = left[::-1]
        new = first[first >= 0]
        number = np.full(len(first), -1, np.int32)
        number[first >= 0] = np.arange(len(new)) + sum(map(len, chosen))
        chosen.append(new)
        farther = []
        for begin in range(0, len(left), _TOGETHER):
            some = left[begin : begin + _TOGETHER]
            near = _are_together(raster, some, first[square[some]])
            of[some[near]] = number[square[some[near]]]
            farther.append(some[~near])
        left = np.concatenate(farther)
    every = np.concatenate(chosen)
    members = np.full((len(every), factor**2), -1, np.int32)
    members[of, rows % factor * factor + columns % factor] = np.arange(len(of))
    seen = raster.look_up(every)
    atlas = replace(
        seen,
        height=-(-raster.height // factor),
        width=width,
        texels=square[every].astype(np.int64),
        positions=seen.positions / factor,
    )
    return Reduction(raster, factor, atlas, every.astype(np.int32), members, of)


def reduce_photo(photo: Tensor, factor: int) -> Tensor:
    """Reduce a photo (channels, h, w) as a surface; what is left over at its end is cut off."""
    h, w = (length // factor for length in photo.shape[-2:])
    return scaled_to(photo[:, : h * factor, : w * factor], h, w)


def _are_together(raster: Raster, some: Whole, others: Whole) -> NDArray[np.bool_]:
    """Say of pairs of texels in one square whether both lie beside each other on the surface."""
    together: NDArray[np.bool_] = raster.triangles[some] == raster.triangles[others]
    apart = np.flatnonzero(~together)
    together[apart] = _are_beside(raster, some[apart], others[apart])
    return together


def _are_beside(raster: Raster, some: Whole, others: Whole) -> NDArray[np.bool_]:
    """Say of pairs of texels in two triangles whether the two lie beside each other on the surface.

    They do if they are about as far apart as they are in the texture, on the same side and shell.
    """
    one, other = raster.look_up(some), raster.look_up(others)
    down, right = np.subtract(
        np.divmod(one.texels, raster.width), np.divmod(other.texels, raster.width)
    )
    steps = np.abs(right) * np.linalg.norm(other.across, axis=1)
    steps += np.abs(down) * np.linalg.norm(other.down, axis=1)
    away = np.linalg.norm(one.positions - other.positions, axis=1)
    beside: NDArray[np.bool_] = away <= _REACH_FACTOR * steps + _REACH_TEXELS
    beside &= np.einsum("ni,ni->n", one.normals, other.normals) > _SAME_SIDE
    return beside & (one.shells == other.shells)


class Refinement:
    """Charts of a surface that is seen at a reduced resolution, with all of its texels.

    Args:
        reduction: The surface.
        charts: Of its atlas.

    Attributes:
        reduction: The same.
        sizes: How large things are at each texel of the atlas, as factors, shape (n).
    """

    def __init__(self, reduction: Reduction, charts: Charts) -> None:
        self.reduction, self.sizes = reduction, charts.sizes
        atlas = reduction.atlas
        frames = charts.find_right(), charts.find_down()
        self._steps = [
            (_turn_into(step, *frames) / charts.sizes).astype(np.complex64)
            for step in (atlas.across, atlas.down)
        ]
        self._next = _find_next(reduction)
        # Where on the chart that is refined each texel of the atlas is; between charts nowhere.
        self._where = np.full(len(atlas.texels) + 1, -1, np.int32)

    def refine(self, chart: Chart) -> Chart:
        """Return a chart with all texels of the whole surface; its lengths are in these then."""
        return self.refine_with(chart, np.zeros(len(chart.texels)))[0]

    def refine_with(self, chart: Chart, values: Floats) -> tuple[Chart, Floats]:
        """Return a chart with all texels of the whole surface, and values for each of them.

        Args:
            chart: Of the surface at a reduced resolution, with n texels.
            values: One for each of these, shape (n).
        """
        reduction, texels = self.reduction, chart.texels
        if reduction.factor == 1:
            return chart, values
        places = chart.places.view(np.complex128)[:, 0]
        members = reduction.members[texels]
        found = np.repeat(reduction.factor * places[:, None], members.shape[1], 1)
        told = np.repeat(values[:, None], members.shape[1], 1)
        self._where[texels] = np.arange(len(texels))
        for steps, next_, ways in zip(
            self._steps, self._next, reduction.measure_steps(texels), strict=True
        ):
            # As the surface lies on the chart, if the next texel is there, or as it lies about.
            own = steps[texels] * np.exp(chart.stretches + 1j * chart.turns)
            beside = self._where[next_[texels]]
            step = places[beside] - places
            known = (beside >= 0) & (np.abs(step - own) < _ALIKE * np.abs(own))
            found += ways * np.where(known, step, own)[:, None]
            change = np.where(known, values[beside] - values, 0)
            told += ways * (change / reduction.factor)[:, None]
        self._where[texels] = -1
        here, slot = np.nonzero(members >= 0)
        refined = Chart(
            members[here, slot].astype(np.int64),
            found[here, slot].view(np.float64).reshape(-1, 2),
            chart.turns[here],
            chart.stretches[here],
        )
        return refined, told[here, slot]


def _find_next(reduction: Reduction) -> list[Numbers]:
    """Find the texels of a reduced atlas on the right of each and below it, or none: -1.

    Of these and of itself the same member is chosen, so that they are as far apart as squares are.
    """
    atlas, raster, factor = reduction.atlas, reduction.raster, reduction.factor
    n = np.arange(len(atlas.texels), dtype=np.int32)
    number = np.full((atlas.height + 1, atlas.width + 1), -1, np.int32)
    rows, columns = np.divmod(atlas.texels, atlas.width)
    number[rows, columns] = n
    row, column = np.divmod(raster.texels[reduction.chosen], raster.width)
    slot = row % factor * factor + column % factor
    found = []
    for down, right in ((0, 1), (1, 0)):
        beside = number[rows + down, columns + right]
        beside[slot[beside] != slot] = -1
        found.append(beside)
    return found


def _turn_into(steps: Floats, right: Floats, down: Floats) -> Complex:
    """Say how far steps (n, 3) go right, and i times how far down, as long as they are."""
    seen: Complex = np.einsum("ni,ni->n", steps, right) + 1j * np.einsum("ni,ni->n", steps, down)
    return seen * (np.linalg.norm(steps, axis=1) / np.maximum(np.abs(seen), 1e-9))
