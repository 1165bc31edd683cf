"""A layout to start from: chunks of the exemplar sewn together on a torus.

Image quilting (Efros & Freeman 2001): each chunk is one whose rim agrees with what lies there
already, and is joined to it along the path of least difference. Here it goes round a torus, and a
second time over everything, when every chunk has neighbours on all four sides.

Where the torus is about as large as the exemplar, this can stay in its place, and chunks are sewn
only across where the torus closes: the fewer joints, the less breaks.

Where a new layout is sewn, chunks are then sewn over its worst joints, and kept if the joints are
better for it (as Kwatra et al. 2003, *Graphcut textures*, section 3.2, refine theirs).

It is done where the structures are but a few texels wide. Bricks, weave and hexagons come out whole
and in line, which feature statistics alone do not bring about; everything finer is left to these.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..runtime.devices import one_thread
from .joints import Joints
from .lattice import Lattice

Map = NDArray[np.float32]

# Of a chunk's side.
_OVERLAP = 1 / 3
# Any chunk whose rim differs by so much more than the best one's is as good.
_TOLERANCE = 0.1
# What a use nearby adds to a difference, of the median difference: the whole exemplar is used.
_WEAR = 0.075
_PASSES = 2
# What repeats shall stay in step: what a chunk that is as far out of it as can be adds to a
# difference, of the median difference.
_OUT_OF_STEP = 3.0
# Joints are mended with chunks of this size, as often as the torus has room for such.
_MENDING = 3 / 8


@dataclass(frozen=True)
class Patchwork:
    """Chunks of an exemplar on a torus.

    Attributes:
        origin: Shape (2, height, width), row and column in the exemplar that each texel is from.
        side: Height and width of that exemplar.
    """

    origin: Tensor
    side: tuple[int, int]

    def of(self, exemplar: Tensor, height: int, width: int) -> Tensor:
        """The same patchwork of the exemplar at another scale.

        Args:
            exemplar: Shape (channels, h, w), of any size.
            height, width: Of the torus at that scale, in texels.

        Returns:
            Shape (channels, height, width), of values of that exemplar only.
        """
        lengths = zip((height, width), self.origin.shape[1:], strict=True)
        places = [(torch.arange(n) + 0.5) * old / n for n, old in lengths]
        cells = [place.long() for place in places]
        found = []
        for axis, (place, cell) in enumerate(zip(places, cells, strict=True)):
            inside = (place - cell).view((-1, 1) if axis == 0 else (1, -1))
            at = self.origin[axis][cells[0][:, None], cells[1][None]] + inside
            n = exemplar.shape[axis + 1]
            found.append((at * n / self.side[axis]).long().clamp(0, n - 1).to(exemplar.device))
        return exemplar[:, found[0], found[1]]


@one_thread()
def patchwork(
    exemplar: Tensor,
    height: int,
    width: int,
    generator: torch.Generator,
    between: Callable[[], object] | None = None,
    home: tuple[int, int] | None = None,
    chunk: float = 3 / 8,
    lattice: Lattice | None = None,
) -> Patchwork:
    """Sew chunks of an exemplar together on a torus.

    Args:
        exemplar: Shape (channels, h, w), at least 8 texels a side.
        height, width: Of the torus in texels.
        generator: Chooses among chunks that fit alike; on the CPU.
        between: Called before each chunk; an exception of it ends the work.
        home: Row and column of the torus where the exemplar's first texel belongs, if it is to stay
            in its place: chunks then lie only where it does not, and across where the torus
            closes. Negative where the torus is smaller and has only a part of it.
        chunk: Side of a chunk, as a share of the exemplar's shorter side.
        lattice: The exemplar's, if it repeats, and whole numbers of its periods go round the torus.
    """
    source = exemplar.detach().float().cpu()
    shortest = min(*source.shape[-2:], height, width)
    step = _Step(lattice or Lattice(source, (None, None)), home)
    chunks = _Chunks(source, shortest * chunk, generator, step)
    sewing = _Sewing(source, height, width, chunks)
    rows, columns = (_places(n, chunks.step) for n in (height, width))
    if home is not None:
        rows, columns = sewing.lay(home, rows, columns)
    corners = [(top, left) for top in rows for left in columns if not sewing.at_home(top, left)]
    for number in range(_PASSES):
        for top, left in corners:
            if between:
                between()
            sewing.sew(top, left, again=number > 0)
    if home is None:
        sewing.mend(_Chunks(source, shortest * _MENDING, generator, step), between)
    h, w = source.shape[-2:]
    return Patchwork(torch.from_numpy(sewing.origin), (h, w))


class _Sewing:
    """A torus, and what has been sewn on it so far.

    Attributes:
        origin: Shape (2, height, width), row and column in the exemplar that each texel is from.
    """

    def __init__(self, source: Tensor, height: int, width: int, chunks: _Chunks) -> None:
        self._source, self._size = source.numpy(), (height, width)
        self._chunks = chunks
        self._canvas = np.zeros((source.shape[0], height, width), np.float32)
        self._known = np.zeros((height, width), np.float32)
        self.origin = np.zeros((2, height, width), np.int64)
        self._home: list[range] = [range(0), range(0)]

    def lay(self, home: tuple[int, int], *places: list[int]) -> list[list[int]]:
        """Lay the exemplar, and move the chunks' places so that some lie across its border."""
        moved = []
        for axis, (first, n) in enumerate(zip(home, self._size, strict=True)):
            begin, end = max(first, 0), min(first + self._source.shape[axis + 1], n)
            covered = range(begin, max(begin, end))
            self._home[axis] = covered
            middle = (covered.stop + covered.start + n) // 2
            moved.append([middle - self._chunks.side // 2 + place for place in places[axis]])
        rows, columns = (slice(covered.start, covered.stop) for covered in self._home)
        corner = [covered.start - first for covered, first in zip(self._home, home, strict=True)]
        place = np.indices([len(covered) for covered in self._home])
        place += np.reshape(corner, (2, 1, 1))
        self._canvas[:, rows, columns] = self._source[:, place[0], place[1]]
        self.origin[:, rows, columns] = place
        self._known[rows, columns] = 1
        return moved

    def at_home(self, top: int, left: int) -> bool:
        """Whether a chunk at that place would lie on the exemplar where this is in its own."""
        return all(
            (first - covered.start) % n + self._chunks.side <= len(covered)
            for first, n, covered in zip((top, left), self._size, self._home, strict=True)
        )

    def sew(self, top: int, left: int, again: bool) -> None:
        """Sew a chunk over that place, which has neighbours on all sides if it is done again."""
        chunks = self._chunks
        at = self._window(top, left, chunks.side)
        there, known = self._canvas[:, at[0], at[1]], self._known[at]
        fixed = _rim(chunks.side, chunks.overlap) if again or known.all() else known
        chunk, corner = chunks.fitting(there, fixed, (top, left))
        error = ((chunk - there) ** 2).sum(0) * fixed
        taken = _joined(error, fixed, chunks.overlap)
        self._canvas[:, at[0], at[1]] = np.where(taken, chunk, there)
        place = np.indices(taken.shape) + np.reshape(corner, (2, 1, 1))
        self.origin[:, at[0], at[1]] = np.where(taken, place, self.origin[:, at[0], at[1]])
        self._known[at] = 1

    def mend(self, chunks: _Chunks, between: Callable[[], object] | None) -> None:
        """Sew such chunks over the worst joints, and keep them where the joints cost less then."""
        self._chunks = chunks
        joints = Joints(self._source, self.origin, max(2, chunks.overlap))
        height, width = self._size
        for _ in range(math.ceil(height * width / chunks.step**2)):
            if between:
                between()
            place = joints.worst()
            if place is None:
                return
            top, left = (middle - chunks.side // 2 for middle in place)
            at = self._window(top, left, chunks.side)
            before = self._canvas[:, at[0], at[1]], self.origin[:, at[0], at[1]]
            self.sew(top, left, again=True)
            if not joints.better(top, left, chunks.side):
                self._canvas[:, at[0], at[1]], self.origin[:, at[0], at[1]] = before

    def _window(self, top: int, left: int, side: int) -> tuple[NDArray[np.int64], ...]:
        """Indices of a square of the torus."""
        square = np.arange(side)
        lengths = zip((top, left), self._size, strict=True)
        return np.ix_(*((square + first) % n for first, n in lengths))


class _Step:
    """How far a chunk would be out of step with the first one, or with the exemplar at home."""

    def __init__(self, lattice: Lattice, home: tuple[int, int] | None) -> None:
        self._lattice, self._first = lattice, home

    def begin(self, place: tuple[int, int], corner: tuple[int, int]) -> None:
        """Note the first chunk: its place on the torus, and its corner in the exemplar."""
        if self._first is None:
            self._first = place[0] - corner[0], place[1] - corner[1]

    def out(self, place: tuple[int, int], sides: tuple[int, int]) -> Tensor:
        """From 0 to 1, for each corner in the exemplar of a chunk at that place."""
        if self._first is None:
            return torch.zeros(sides)
        y, x = (
            torch.arange(n) - (at - first)
            for n, at, first in zip(sides, place, self._first, strict=True)
        )
        return self._lattice.misfit(y, x)


class _Chunks:
    """The squares of an exemplar, and how often each neighbourhood has been used.

    Attributes:
        side: Of a square in texels.
        overlap: Of neighbouring squares.
        step: From one to the next.
    """

    def __init__(
        self, source: Tensor, wanted: float, generator: torch.Generator, in_step: _Step
    ) -> None:
        self.side = side = max(4, round(wanted))
        self.overlap = max(2, round(wanted * _OVERLAP))
        self.step = side - self.overlap
        self._source, self._generator, self._in_step = source, generator, in_step
        self._size = source.shape[-2:]
        self._spectrum = torch.fft.rfft2(source)
        self._squares = torch.fft.rfft2(source.square().sum(0))
        self._places = tuple(n - side + 1 for n in self._size)
        self._wear = torch.zeros(self._places)

    def fitting(
        self, there: Map, fixed: Map, place: tuple[int, int]
    ) -> tuple[Map, tuple[int, int]]:
        """One of those that differ least from what is there, where it is fixed (0 or 1).

        Args:
            there: Shape (channels, side, side).
            fixed: Shape (side, side).
            place: Row and column of its corner on the torus.

        Returns:
            The chunk (channels, side, side), and row and column of its corner in the exemplar.
        """
        rows, columns = self._places
        difference = self._differences(torch.from_numpy(there), torch.from_numpy(fixed))
        wear = _WEAR * (self._wear - self._wear.amin())
        out = _OUT_OF_STEP * self._in_step.out(place, (rows, columns))
        worn = difference + difference.median() * (wear + out)
        good = (worn <= worn.amin() * (1 + _TOLERANCE) + 1e-9).flatten().nonzero()[:, 0]
        pick = torch.randint(len(good), (1,), generator=self._generator)
        top, left = divmod(int(good[pick]), columns)
        self._in_step.begin(place, (top, left))
        y = torch.arange(rows)[:, None] - top
        x = torch.arange(columns)[None] - left
        self._wear += torch.exp(-(y.square() + x.square()) / (2 * (self.side / 4) ** 2))
        chunk = self._source[:, top : top + self.side, left : left + self.side]
        return chunk.numpy(), (top, left)

    def _differences(self, there: Tensor, fixed: Tensor) -> Tensor:
        """Σ fixed · (chunk − there)² for every place of a chunk, by correlation."""
        rows, columns = self._places
        if not fixed.any():
            return torch.zeros(rows, columns)
        of_mask = torch.fft.rfft2(fixed, s=self._size).conj()
        of_values = torch.fft.rfft2(fixed * there, s=self._size).conj()
        f = self._squares * of_mask - 2 * (self._spectrum * of_values).sum(0)
        correlation = torch.fft.irfft2(f, s=self._size)[:rows, :columns]
        return (correlation + (fixed * there * there).sum()).clamp_min(0)


def _places(n: int, step: int) -> list[int]:
    """Where chunks begin on a circle of n texels, at most ``step`` apart."""
    count = math.ceil(n / step)
    return [n * i // count for i in range(count)]


def _rim(side: int, overlap: int) -> Map:
    rim = np.ones((side, side), np.float32)
    rim[overlap:-overlap, overlap:-overlap] = 0
    return rim


def _joined(error: Map, fixed: Map, overlap: int) -> NDArray[np.bool_]:
    """Where the chunk is taken; elsewhere what is there stays: (side, side).

    Each side where everything is fixed is cut along the path of least error.
    """
    taken = np.ones(error.shape, bool)
    for turns in range(4):  # each side comes to lie left once
        turned = np.rot90(error, -turns)
        if np.rot90(fixed, -turns)[:, 0].mean() > 0.5:
            cut = _least_path(turned[:, :overlap])
            taken &= np.rot90(np.arange(len(error))[None] >= cut[:, None], turns)
    return taken | (fixed == 0)


def _least_path(error: Map) -> NDArray[np.int64]:
    """The column at each row of the path down with the least sum, a step aside in a row at most."""
    edged = np.pad(error.astype(np.float64), ((0, 0), (1, 1)), constant_values=np.inf)
    total = edged[:, 1:-1]
    for above, row in pairwise(edged):
        row[1:-1] += np.minimum(np.minimum(above[:-2], above[1:-1]), above[2:])
    path = np.empty(len(total), np.int64)
    path[-1] = total[-1].argmin()
    for row in range(len(total) - 2, -1, -1):
        first = max(0, path[row + 1] - 1)
        path[row] = first + total[row, first : path[row + 1] + 2].argmin()
    return path
