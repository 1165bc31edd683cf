"""Fill the holes of a picture with pieces of its own, on a torus.

Chunks that fit what lies about them are laid from the rim of a hole inwards (Efros & Freeman 2001,
*Image Quilting for Texture Synthesis and Transfer*; from where most is known, as Criminisi et al.
2004, *Region Filling and Object Removal by Exemplar-Based Image Inpainting*). Then minimum cuts
mend their joints, those with what stays among them. No piece is from a hole. In a picture that
repeats, such as bricks or hexagons, pieces are from where it is in step.
"""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..contract.errors import BadInput
from ..runtime.context import Check, proceed
from ..runtime.devices import one_thread
from .belonging import OUT_OF_STEP_COST
from .bounded_mending import BoundedMending
from .description import describe_texels
from .healing import render_filled
from .lattice import Lattice
from .patchwork import Patchwork
from .periods import find_periods
from .registration import register_pieces

# Of the picture's shorter side, that of the largest chunks; and texels of the smallest.
_LARGEST_SHARE, _SMALLEST_SIDE = 1 / 4, 6
# Of a chunk, what has to lie on what is known; of all its places, how many have to be whole.
_KNOWN_SHARE, _WHOLE_SHARE = 0.4, 0.03
# Any chunk that differs by so much more than the best one is as good.
_TOLERANCE_SHARE = 0.05
# Joints that are looked at: one for so many texels of a hole, within limits.
_TEXELS_PER_JOINT, _LEAST_JOINTS, _MOST_JOINTS = 24, 16, 120


@one_thread()
def fill(
    source: Tensor,
    hole: Tensor,
    generator: torch.Generator,
    check: Check = proceed,
    unknown: Tensor | None = None,
) -> Patchwork:
    """Fill the holes of a picture on a torus; all else stays in its place.

    Args:
        source: Shape (channels, h, w); what it shows in a hole counts for nothing.
        hole: Booleans of shape (h, w).
        generator: Chooses among pieces that fit alike; on the CPU.
        check: Called before each piece; an exception of it ends the work.
        unknown: Texels of the picture that say nothing; None for the hole. What is known in a hole
            goes on into it as far as that fits.

    Raises:
        BadInput: What is left has no part that is large enough to learn from.

    Example:
        >>> source = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0))
        >>> hole = torch.zeros(32, 32, dtype=torch.bool)
        >>> hole[10:16, 10:16] = True
        >>> made = fill(source, hole, torch.Generator().manual_seed(1))
        >>> bool(hole[made.origin[0], made.origin[1]].any())
        False
    """
    source, hole = source.detach().float().cpu(), hole.cpu()
    lattice = _find_lattice(source, hole)
    made = _lay_chunks(source, hole, generator, check, lattice)
    return _mend(made, source, hole, check, unknown, lattice)


@one_thread()
def mend_filling(
    made: Patchwork,
    source: Tensor,
    hole: Tensor,
    check: Check = proceed,
    unknown: Tensor | None = None,
) -> Patchwork:
    """Mend the joints of a filling at the picture's scale; it may have been made at another.

    Args:
        made: The filling.
        source: Shape (channels, h, w).
        hole: Booleans of shape (h, w).
        check: Called before each joint; an exception of it ends the work.
        unknown: See `fill`.
    """
    source, hole = source.detach().float().cpu(), hole.cpu()
    if not hole.any():
        return made
    return _mend(made, source, hole, check, unknown, _find_lattice(source, hole))


def _find_lattice(source: Tensor, hole: Tensor) -> Lattice | None:
    """Find where a picture is in step, by what is not in a hole; None if it does not repeat."""
    known = torch.where(hole, source[:, ~hole].mean(1)[:, None, None], source)
    periods = find_periods(known)
    return Lattice(known, periods) if any(periods) else None


def _mend(
    made: Patchwork,
    source: Tensor,
    hole: Tensor,
    check: Check,
    unknown: Tensor | None,
    lattice: Lattice | None,
) -> Patchwork:
    """Mend the joints of a filling, see `mend_filling`."""
    unknown = hole if unknown is None else unknown.cpu()
    found = torch.stack(made.find_origins(source, *hole.shape))
    stays = torch.stack(torch.meshgrid(*map(torch.arange, hole.shape), indexing="ij"))
    # Where rounding has moved a piece into a hole, it is from beside it.
    within = unknown[found[0], found[1]] & hole
    made = Patchwork(torch.where(hole, found, stays), (hole.shape[0], hole.shape[1]))
    if within.any():
        made = _leave_hole(made, within)
    shown = torch.where(unknown, render_filled(made, source, hole, unknown), source)
    mending = BoundedMending(made, describe_texels(shown, far=False), hole, unknown, lattice)
    joints = int(hole.sum()) // _TEXELS_PER_JOINT
    mending.mend(min(max(joints, _LEAST_JOINTS), _MOST_JOINTS), check)
    made = mending.patchwork
    return replace(made, moved=register_pieces(made, shown, check, hole, unknown))


def _leave_hole(made: Patchwork, within: Tensor) -> Patchwork:
    """Take texels that are from a hole from where the next one on the canvas is that is not."""
    origin = made.origin.clone()
    pending = within.clone()
    for _ in range(sum(within.shape)):
        for axis, way in ((0, 1), (0, -1), (1, 1), (1, -1)):
            better = pending & ~pending.roll(way, axis)
            origin = torch.where(better, origin.roll(way, axis + 1), origin)
            pending &= ~better
        if not pending.any():
            break
    return Patchwork(origin, made.side)


def _lay_chunks(
    source: Tensor,
    hole: Tensor,
    generator: torch.Generator,
    check: Check,
    lattice: Lattice | None,
) -> Patchwork:
    """Lay chunks over the holes, each where most is known about it."""
    height, width = hole.shape
    side, whole = _choose_side(hole)
    chunks = _WholeChunks(source, whole, lattice)
    origin = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"))
    canvas, known = source.clone(), ~hole
    while not known.all():
        check()
        top, left = _find_next(known, side)
        rows = ((torch.arange(side) + top) % height)[:, None]
        columns = (torch.arange(side) + left) % width
        fixed = known[rows, columns]
        y, x = chunks.choose(canvas[:, rows, columns], fixed.float(), (top, left), generator)
        own = torch.meshgrid(torch.arange(side) + y, torch.arange(side) + x, indexing="ij")
        origin[:, rows, columns] = torch.where(fixed, origin[:, rows, columns], torch.stack(own))
        canvas[:, rows, columns] = torch.where(
            fixed, canvas[:, rows, columns], source[:, y : y + side, x : x + side]
        )
        known[rows, columns] = True
    return Patchwork(origin, (height, width))


def _choose_side(hole: Tensor) -> tuple[int, Tensor]:
    """Choose the side of the chunks, and find which of their places have no hole.

    Raises:
        BadInput: There is none.
    """
    side = max(_SMALLEST_SIDE, round(min(hole.shape) * _LARGEST_SHARE))
    while True:
        whole = F.max_pool2d(hole[None].float(), side, 1)[0] == 0
        if float(whole.float().mean()) >= _WHOLE_SHARE:
            return side, whole
        if side <= _SMALLEST_SIDE:
            if whole.any():
                return side, whole
            raise BadInput(
                "Too little of the picture stays to learn from: mark a smaller part of it."
            )
        side = max(_SMALLEST_SIDE, side * 3 // 4)


def _find_next(known: Tensor, side: int) -> tuple[int, int]:
    """Find the corner of the square that covers most of a hole and yet lies on enough around it."""
    width = known.shape[1]
    reach = side - 1
    wrapped = known.float()[None, None]
    wrapped = torch.cat([wrapped, wrapped[:, :, :reach]], 2)
    wrapped = torch.cat([wrapped, wrapped[:, :, :, :reach]], 3)
    share = F.avg_pool2d(wrapped, side, 1)[0, 0]
    enough = share >= min(_KNOWN_SHARE, float(share[share < 1 - 1e-6].max()))
    # Of squares that cover alike the one in the middle of them.
    covers = (1 - share) * enough
    about = F.avg_pool2d(covers[None, None], 2 * (side // 4) + 1, 1, side // 4)[0, 0]
    score = covers + 0.1 * about
    score[share > 1 - 0.5 / side**2] = -1
    row, column = divmod(int(score.argmax()), width)
    return row, column


class _WholeChunks:
    """The squares of a picture that have no hole.

    Args:
        source: Shape (channels, h, w).
        whole: Booleans for each corner of a square.
        lattice: Where the picture is in step; None if it does not repeat.
    """

    def __init__(self, source: Tensor, whole: Tensor, lattice: Lattice | None) -> None:
        self._size = source.shape[-2:]
        self._spectrum = torch.fft.rfft2(source)
        self._squares = torch.fft.rfft2(source.square().sum(0))
        self._whole, self._lattice = whole, lattice

    def choose(
        self,
        there: Tensor,
        fixed: Tensor,
        corner: tuple[int, int],
        generator: torch.Generator,
    ) -> tuple[int, int]:
        """Choose one that differs little from what is there where it is fixed: its corner.

        Args:
            there: What lies there, shape (channels, side, side).
            fixed: 1 where something does, else 0.
            corner: Where that is on the picture, row and column.
            generator: Chooses among those that fit alike.
        """
        of_fixed = torch.fft.rfft2(fixed, s=self._size).conj()
        of_there = torch.fft.rfft2(fixed * there, s=self._size).conj()
        matched = self._squares * of_fixed - 2 * (self._spectrum * of_there).sum(0)
        rows, columns = self._whole.shape
        difference = torch.fft.irfft2(matched, s=self._size)[:rows, :columns]
        difference = (difference + (fixed * there.square()).sum()).clamp_min(0)
        if self._lattice is not None:
            lags = (at - torch.arange(n) for at, n in zip(corner, (rows, columns), strict=True))
            out = self._lattice.measure_misfit(*lags)
            difference = difference + OUT_OF_STEP_COST * difference.median() * out
        difference = difference.masked_fill(~self._whole, torch.inf)
        limit = difference.amin() * (1 + _TOLERANCE_SHARE) + 1e-9
        good = (difference <= limit).flatten().nonzero()[:, 0]
        pick = int(good[torch.randint(len(good), (1,), generator=generator)])
        row, column = divmod(pick, columns)
        return row, column
