"""Choose chunks of an exemplar that fit what is there, and cut the joints between them.

Image quilting (Efros & Freeman 2001, *Image Quilting for Texture Synthesis and Transfer*): a chunk
is one whose rim agrees with what lies there already, and is joined to it along the path of least
difference.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .lattice import Lattice
from .progression import Progression

Map = NDArray[np.float32]

# Of a chunk's side, what it shares with its neighbour.
_OVERLAP_SHARE = 1 / 3
# Any chunk whose rim differs by so much more than the best one's is as good.
_TOLERANCE_SHARE = 0.1
# What a use nearby adds to a difference, of the median difference: the whole exemplar is used.
_WEAR_COST = 0.075
# What repeats shall stay in step: what a chunk that is as far out of it as can be adds to a
# difference, of the median difference.
_OUT_OF_STEP_COST = 3.0


class StepKeeper:
    """Measures how far a chunk would be out of step with the first one, or the exemplar at home.

    Args:
        lattice: At which lags the exemplar lies over itself in step.
        home: Row and column of the torus where the exemplar's first texel lies; None if it has no
            place, and the first chunk decides.
        progression: Where chunks are from; None if they may be from anywhere.
    """

    def __init__(
        self,
        lattice: Lattice,
        home: tuple[int, int] | None,
        progression: Progression | None = None,
    ) -> None:
        self._lattice, self._first, self._progression = lattice, home, progression

    @property
    def is_bound(self) -> bool:
        """Whether even the first chunk may not be from anywhere."""
        return self._progression is not None

    def begin(self, place: tuple[int, int], corner: tuple[int, int]) -> None:
        """Note the first chunk: its place on the torus, and its corner in the exemplar."""
        if self._first is None:
            self._first = place[0] - corner[0], place[1] - corner[1]

    def measure(self, place: tuple[int, int], sides: tuple[int, int], side: int) -> Tensor:
        """Measure from 0 to 1, for each corner in the exemplar of a chunk at that place.

        Where it would be from elsewhere than the progression says it may be more than 1.

        Args:
            place: Row and column of the chunk's corner on the torus.
            sides: How many corners there are in the exemplar, down and across.
            side: Of the chunk in texels.
        """
        out = self._measure_step(place, sides)
        if self._progression is not None:
            axis = self._progression.axis
            away = self._progression.measure_windows(place[axis], side, sides[axis])
            out = out + away.view((-1, 1) if axis == 0 else (1, -1))
        return out

    def _measure_step(self, place: tuple[int, int], sides: tuple[int, int]) -> Tensor:
        if self._first is None:
            return torch.zeros(sides)
        y, x = (
            torch.arange(n) - (at - first)
            for n, at, first in zip(sides, place, self._first, strict=True)
        )
        return self._lattice.measure_misfit(y, x)


class Chunks:
    """The squares of an exemplar, and how often each neighbourhood has been used.

    Args:
        source: The exemplar, shape (channels, h, w), on the CPU.
        wanted: Side of a square in texels, before it is rounded.
        generator: Chooses among squares that fit alike; on the CPU.
        in_step: Says which squares would be out of step.

    Attributes:
        side: Of a square in texels.
        overlap: Of neighbouring squares.
        step: From one to the next.
    """

    def __init__(
        self, source: Tensor, wanted: float, generator: torch.Generator, in_step: StepKeeper
    ) -> None:
        self.side = side = max(4, round(wanted))
        self.overlap = max(2, round(wanted * _OVERLAP_SHARE))
        self.step = side - self.overlap
        self._source, self._generator, self._in_step = source, generator, in_step
        self._size = source.shape[-2:]
        self._spectrum = torch.fft.rfft2(source)
        self._squares = torch.fft.rfft2(source.square().sum(0))
        self._places = tuple(n - side + 1 for n in self._size)
        self._wear = torch.zeros(self._places)

    def choose(self, there: Map, fixed: Map, place: tuple[int, int]) -> tuple[Map, tuple[int, int]]:
        """Choose one of those that differ least from what is there, where it is fixed (0 or 1).

        Args:
            there: Shape (channels, side, side).
            fixed: Shape (side, side).
            place: Row and column of its corner on the torus.

        Returns:
            The chunk (channels, side, side), and row and column of its corner in the exemplar.
        """
        rows, columns = self._places
        difference = self._differences(torch.from_numpy(there), torch.from_numpy(fixed))
        wear = _WEAR_COST * (self._wear - self._wear.amin())
        out = _OUT_OF_STEP_COST * self._in_step.measure(place, (rows, columns), self.side)
        unit = difference.median()
        if self._in_step.is_bound and not fixed.any():
            # Nothing differs where nothing has been sewn yet; the place is all that counts.
            unit = torch.ones(())
        worn = difference + unit * (wear + out)
        good = (worn <= worn.amin() * (1 + _TOLERANCE_SHARE) + 1e-9).flatten().nonzero()[:, 0]
        pick = torch.randint(len(good), (1,), generator=self._generator)
        top, left = divmod(int(good[pick]), columns)
        self._in_step.begin(place, (top, left))
        y = torch.arange(rows)[:, None] - top
        x = torch.arange(columns)[None] - left
        self._wear += torch.exp(-(y.square() + x.square()) / (2 * (self.side / 4) ** 2))
        chunk = self._source[:, top : top + self.side, left : left + self.side]
        return chunk.numpy(), (top, left)

    def _differences(self, there: Tensor, fixed: Tensor) -> Tensor:
        """Sum up fixed · (chunk − there)² for every place of a chunk, by correlation."""
        rows, columns = self._places
        if not fixed.any():
            return torch.zeros(rows, columns)
        of_mask = torch.fft.rfft2(fixed, s=self._size).conj()
        of_values = torch.fft.rfft2(fixed * there, s=self._size).conj()
        f = self._squares * of_mask - 2 * (self._spectrum * of_values).sum(0)
        correlation = torch.fft.irfft2(f, s=self._size)[:rows, :columns]
        return (correlation + (fixed * there * there).sum()).clamp_min(0)


def place_chunks(n: int, step: int) -> list[int]:
    """Say where chunks begin on a circle of n texels, at most ``step`` apart.

    Example:
        >>> place_chunks(10, 4)
        [0, 3, 6]
    """
    count = math.ceil(n / step)
    return [n * i // count for i in range(count)]


def mark_rim(side: int, overlap: int) -> Map:
    """Mark with 1 what lies within an overlap of the border of a square, (side, side)."""
    rim = np.ones((side, side), np.float32)
    rim[overlap:-overlap, overlap:-overlap] = 0
    return rim


def cut_joint(error: Map, fixed: Map, overlap: int) -> NDArray[np.bool_]:
    """Find where a chunk is taken; elsewhere what is there stays: (side, side).

    Each side where everything is fixed is cut along the path of least error.

    Args:
        error: Shape (side, side), the square of the difference of chunk and what is there.
        fixed: Shape (side, side), 1 where something is there that the chunk has to agree with.
        overlap: Texels from a border within which the cut runs.
    """
    # Each side comes to lie left once; all are cut together, which takes a third of the time.
    borders = fixed[:, 0], fixed[-1], fixed[:, -1], fixed[0]
    turns = [n for n, border in enumerate(borders) if border.mean() > 0.5]
    taken = np.ones(error.shape, bool)
    if not turns:
        return taken
    strips = np.stack([np.rot90(error, -n)[:, :overlap] for n in turns], axis=1)
    columns = np.arange(len(error))[None]
    for n, cut in zip(turns, _find_least_paths(strips), strict=True):
        taken &= np.rot90(columns >= cut[:, None], n)
    return taken | (fixed == 0)


def _find_least_paths(error: Map) -> NDArray[np.int64]:
    """Find the column at each row of the path down with the least sum, at most a step aside.

    Args:
        error: Shape (rows, strips, columns).

    Returns:
        Shape (strips, rows).
    """
    rows, strips, columns = error.shape
    edged = np.full((rows, strips, columns + 2), np.inf)
    edged[..., 1:-1] = error
    left, total, right = edged[..., :-2], edged[..., 1:-1], edged[..., 2:]
    least = np.empty((strips, columns))
    for ahead, above, behind, row in zip(left[:-1], total[:-1], right[:-1], total[1:], strict=True):
        np.minimum(ahead, above, out=least)
        np.minimum(least, behind, out=least)
        row += least
    # Of equal sums the first is taken.
    aside = np.where((left <= total) & (left <= right), -1, total > right)
    path = np.empty((strips, rows), np.int64)
    for strip, (found, steps) in enumerate(
        zip(path, aside.transpose(1, 0, 2).tolist(), strict=True)
    ):
        column = int(total[-1, strip].argmin())
        found[-1] = column
        for row in range(rows - 2, -1, -1):
            column += steps[row][column]
            found[row] = column
    return path
