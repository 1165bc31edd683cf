"""A layout to start from: chunks of the exemplar sewn together on a torus.

Image quilting (Efros & Freeman 2001): each chunk is one whose rim agrees with what lies there
already, and is joined to it along the path of least difference. Here it goes round a torus, and a
second time over everything, when every chunk has neighbours on all four sides.

It is done where the structures are but a few texels wide. Bricks, weave and hexagons come out whole
and in line, which feature statistics alone do not bring about; everything finer is left to these.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Map = NDArray[np.float32]

# Of the exemplar's shorter side.
_CHUNK, _OVERLAP = 3 / 8, 1 / 8
# Any chunk whose rim differs by so much more than the best one's is as good.
_TOLERANCE = 0.1
# What a use nearby adds to a difference, of the median difference: the whole exemplar is used.
_WEAR = 0.075
_PASSES = 2


def patchwork(
    exemplar: Tensor,
    height: int,
    width: int,
    generator: torch.Generator,
    between: Callable[[], object] | None = None,
) -> Tensor:
    """Chunks of an exemplar on a torus.

    Args:
        exemplar: Shape (channels, h, w), at least 8 texels a side.
        height, width: Of the torus in texels.
        generator: Chooses among chunks that fit alike; on the CPU.
        between: Called before each chunk; an exception of it ends the work.

    Returns:
        Shape (channels, height, width), on the CPU, of values of the exemplar only.
    """
    source = exemplar.detach().float().cpu()
    shortest = min(*source.shape[-2:], height, width)
    side = max(4, round(shortest * _CHUNK))
    overlap = max(2, round(shortest * _OVERLAP))
    chunks = _Chunks(source, side, generator)
    canvas = np.zeros((source.shape[0], height, width), np.float32)
    known = np.zeros((height, width), np.float32)
    tops, lefts = (_places(n, side - overlap) for n in (height, width))
    for number in range(_PASSES):
        for top in tops:
            for left in lefts:
                if between:
                    between()
                at = np.ix_((np.arange(side) + top) % height, (np.arange(side) + left) % width)
                there = canvas[:, at[0], at[1]]
                fixed = _rim(side, overlap) if number else known[at]
                chunk = chunks.fitting(there, fixed)
                mask = _joined(((chunk - there) ** 2).sum(0) * fixed, fixed, overlap)
                canvas[:, at[0], at[1]] = there + mask * (chunk - there)
                known[at] = 1
    return torch.from_numpy(canvas)


class _Chunks:
    """The squares of an exemplar, and how often each neighbourhood has been used."""

    def __init__(self, source: Tensor, side: int, generator: torch.Generator) -> None:
        self._source, self._side, self._generator = source, side, generator
        self._size = source.shape[-2:]
        self._spectrum = torch.fft.rfft2(source)
        self._squares = torch.fft.rfft2(source.square().sum(0))
        self._places = tuple(n - side + 1 for n in self._size)
        self._wear = torch.zeros(self._places)

    def fitting(self, there: Map, fixed: Map) -> Map:
        """One of those that differ least from what is there, where it is fixed (0 or 1)."""
        rows, columns = self._places
        difference = self._differences(torch.from_numpy(there), torch.from_numpy(fixed))
        worn = difference + _WEAR * difference.median() * (self._wear - self._wear.amin())
        good = (worn <= worn.amin() * (1 + _TOLERANCE) + 1e-9).flatten().nonzero()[:, 0]
        pick = torch.randint(len(good), (1,), generator=self._generator)
        top, left = divmod(int(good[pick]), columns)
        y = torch.arange(rows)[:, None] - top
        x = torch.arange(columns)[None] - left
        self._wear += torch.exp(-(y.square() + x.square()) / (2 * (self._side / 4) ** 2))
        return self._source[:, top : top + self._side, left : left + self._side].numpy()

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


def _joined(error: Map, fixed: Map, overlap: int) -> Map:
    """Where the chunk is taken, 1, and where what is there stays, 0: (side, side).

    Each side where everything is fixed is cut along the path of least error.
    """
    mask = np.ones_like(error)
    for turns in range(4):  # each side comes to lie left once
        turned = np.rot90(error, -turns)
        if np.rot90(fixed, -turns)[:, 0].mean() > 0.5:
            cut = _least_path(turned[:, :overlap])
            kept = (np.arange(error.shape[0])[None] >= cut[:, None]).astype(np.float32)
            mask *= np.rot90(kept, turns)
    return np.maximum(mask, 1 - fixed)


def _least_path(error: Map) -> NDArray[np.int64]:
    """The column at each row of the path down with the least sum, a step aside in a row at most."""
    total = error.astype(np.float64)
    for row in range(1, len(total)):
        above = np.pad(total[row - 1], 1, constant_values=np.inf)
        total[row] += np.minimum(np.minimum(above[:-2], above[1:-1]), above[2:])
    path = np.empty(len(total), np.int64)
    path[-1] = total[-1].argmin()
    for row in range(len(total) - 2, -1, -1):
        first = max(0, path[row + 1] - 1)
        path[row] = first + total[row, first : path[row + 1] + 2].argmin()
    return path
