"""Sew chunks of an exemplar together on a torus, as a layout to start from.

Image quilting (`texcore.layout.chunks`) goes round a torus here, and a second time over everything,
when every chunk has neighbours on all four sides.

Where the torus is about as large as the exemplar, this can stay in its place, and chunks are sewn
only across where the torus closes: the fewer joints, the less breaks.

Where a new layout is sewn, chunks are then sewn over its worst joints, and kept if the joints are
better for it (as Kwatra et al. 2003, *Graphcut textures*, section 3.2, refine theirs).

A layout is made where the structures are but a few texels wide. Bricks, weave and hexagons come out
whole and in line, which feature statistics alone do not bring about; everything finer is left to
these.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..runtime.context import Check, proceed
from ..runtime.devices import one_thread
from ..surfaces import torus
from .chunks import Chunks, StepKeeper, cut_joint, mark_rim, place_chunks
from .joints import Joints
from .lattice import Lattice
from .progression import Progression

# Chunks are sewn over everything a second time, when each has neighbours on all sides.
_PASS_COUNT = 2
# Joints are mended with chunks of this share of the shorter side, as often as the torus has room
# for such.
_MENDING_CHUNK_SHARE = 3 / 8


@dataclass(frozen=True)
class Patchwork:
    """Chunks of an exemplar on a torus.

    Attributes:
        origin: Shape (2, height, width), row and column in the exemplar that each texel is from.
        side: Height and width of that exemplar.
        moved: Shape (2, height, width), texels of the exemplar that are added to these; see
            `texcore.layout.registration`. None if they stay.

    Example:
        >>> rows = torch.tensor([[1, 1, 0]])
        >>> made = Patchwork(torch.stack([rows, torch.zeros_like(rows)]), side=(2, 1))
        >>> made.render(torch.tensor([[[5.0], [7.0]]]), 1, 3)
        tensor([[[7., 7., 5.]]])
    """

    origin: Tensor
    side: tuple[int, int]
    moved: Tensor | None = None

    def state(self) -> dict[str, Tensor]:
        """Give all of it in tensors, by name."""
        moved = {} if self.moved is None else {"layout.moved": self.moved}
        return {"layout.origin": self.origin, "layout.side": torch.tensor(self.side), **moved}

    @classmethod
    def restore(cls, tensors: dict[str, Tensor]) -> Patchwork:
        """Make it from a `state`, whose tensors are taken out of ``tensors``.

        Raises:
            KeyError: They are not among them.
            ValueError: They are no layout.
        """
        origin, side = tensors.pop("layout.origin"), tensors.pop("layout.side")
        moved = tensors.pop("layout.moved", None)
        if (
            not origin.dtype == side.dtype == torch.int64
            or side.shape != (2,)
            or origin.dim() != 3
            or len(origin) != 2
            or not origin.numel()
            or not bool(((origin >= 0) & (origin < side[:, None, None])).all())
        ):
            raise ValueError("tensors that are no layout")
        if moved is not None and not (moved.is_floating_point() and moved.shape == origin.shape):
            raise ValueError("places of a layout that are not moved by texels")
        height, width = side.tolist()
        return cls(origin, (height, width), moved)

    def roll(self, down: int, across: int) -> Patchwork:
        """Move all of it on the torus by whole texels."""
        moved = None if self.moved is None else torus.roll(self.moved, down, across)
        return Patchwork(torus.roll(self.origin, down, across), self.side, moved)

    def render(self, exemplar: Tensor, height: int, width: int) -> Tensor:
        """Sew the same patchwork of the exemplar at another scale.

        Args:
            exemplar: Shape (channels, h, w), of any size.
            height, width: Of the torus at that scale, in texels.

        Returns:
            Shape (channels, height, width), of values of that exemplar only; places that are moved
            are shown where they were.
        """
        rows, columns = self.find_origins(exemplar, height, width)
        return exemplar[:, rows, columns]

    def find_origins(self, exemplar: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
        """Find the row and the column in an exemplar that each texel of a torus is from.

        Args:
            exemplar: Shape (channels, h, w), of any size.
            height, width: Of the torus at that scale, in texels.

        Returns:
            Both of shape (height, width), whole numbers, on the exemplar's device.
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
        return found[0], found[1]


@one_thread()
def sew_patchwork(
    exemplar: Tensor,
    height: int,
    width: int,
    generator: torch.Generator,
    check: Check = proceed,
    home: tuple[int, int] | None = None,
    chunk: float = 3 / 8,
    lattice: Lattice | None = None,
    mend: bool = True,
    progression: Progression | None = None,
) -> Patchwork:
    """Sew chunks of an exemplar together on a torus.

    Args:
        exemplar: Shape (channels, h, w), at least 8 texels a side.
        height, width: Of the torus in texels.
        generator: Chooses among chunks that fit alike; on the CPU.
        check: Called before each chunk; an exception of it ends the work.
        home: Row and column of the torus where the exemplar's first texel belongs, if it is to stay
            in its place: chunks then lie only where it does not, and across where the torus
            closes. Negative where the torus is smaller and has only a part of it.
        chunk: Side of a chunk, as a share of the exemplar's shorter side.
        lattice: The exemplar's, if it repeats, and whole numbers of its periods go round the torus.
        mend: Whether chunks are sewn over the worst joints at last, where nothing has its place.
        progression: Where chunks are from; None if they may be from anywhere.

    Example:
        >>> exemplar = torch.rand(3, 24, 24, generator=torch.Generator().manual_seed(0))
        >>> made = sew_patchwork(exemplar, 32, 40, torch.Generator().manual_seed(1))
        >>> made.render(exemplar, 32, 40).shape
        torch.Size([3, 32, 40])
    """
    source = exemplar.detach().float().cpu()
    shortest = min(*source.shape[-2:], height, width)
    step = StepKeeper(lattice or Lattice(source, (None, None)), home, progression)
    chunks = Chunks(source, shortest * chunk, generator, step)
    sewing = _Sewing(source, height, width, chunks)
    rows, columns = (place_chunks(n, chunks.step) for n in (height, width))
    if home is not None:
        rows, columns = sewing.lay(home, rows, columns)
    corners = [(top, left) for top in rows for left in columns if not sewing.is_home(top, left)]
    for number in range(_PASS_COUNT):
        for top, left in corners:
            check()
            sewing.sew(top, left, again=number > 0)
    if home is None and mend:
        sewing.mend(Chunks(source, shortest * _MENDING_CHUNK_SHARE, generator, step), check)
    h, w = source.shape[-2:]
    return Patchwork(torch.from_numpy(sewing.origin), (h, w))


class _Sewing:
    """A torus, and what has been sewn on it so far.

    Attributes:
        origin: Shape (2, height, width), row and column in the exemplar that each texel is from.
    """

    def __init__(self, source: Tensor, height: int, width: int, chunks: Chunks) -> None:
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

    def is_home(self, top: int, left: int) -> bool:
        """Say whether a chunk at that place would lie on the exemplar where this is in its own."""
        return all(
            (first - covered.start) % n + self._chunks.side <= len(covered)
            for first, n, covered in zip((top, left), self._size, self._home, strict=True)
        )

    def sew(self, top: int, left: int, again: bool) -> None:
        """Sew a chunk over that place, which has neighbours on all sides if it is done again."""
        chunks = self._chunks
        at = self._index_square(top, left, chunks.side)
        there, known = self._canvas[:, at[0], at[1]], self._known[at]
        fixed = mark_rim(chunks.side, chunks.overlap) if again or known.all() else known
        chunk, corner = chunks.choose(there, fixed, (top, left))
        error = ((chunk - there) ** 2).sum(0) * fixed
        taken = cut_joint(error, fixed, chunks.overlap)
        self._canvas[:, at[0], at[1]] = np.where(taken, chunk, there)
        place = np.indices(taken.shape) + np.reshape(corner, (2, 1, 1))
        self.origin[:, at[0], at[1]] = np.where(taken, place, self.origin[:, at[0], at[1]])
        self._known[at] = 1

    def mend(self, chunks: Chunks, check: Check) -> None:
        """Sew such chunks over the worst joints, and keep them where the joints cost less then."""
        self._chunks = chunks
        joints = Joints(self._source, self.origin, max(2, chunks.overlap))
        height, width = self._size
        for _ in range(math.ceil(height * width / chunks.step**2)):
            check()
            place = joints.find_worst()
            if place is None:
                return
            top, left = (middle - chunks.side // 2 for middle in place)
            at = self._index_square(top, left, chunks.side)
            before = self._canvas[:, at[0], at[1]], self.origin[:, at[0], at[1]]
            self.sew(top, left, again=True)
            if not joints.keep_if_better(top, left, chunks.side):
                self._canvas[:, at[0], at[1]], self.origin[:, at[0], at[1]] = before

    def _index_square(self, top: int, left: int, side: int) -> tuple[NDArray[np.int64], ...]:
        """Index a square of the torus."""
        square = np.arange(side)
        lengths = zip((top, left), self._size, strict=True)
        return np.ix_(*((square + first) % n for first, n in lengths))
