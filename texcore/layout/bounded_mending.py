"""Mend the joints of a layout within holes only, with nothing that is from a hole."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .belonging import Map, Places
from .lattice import Lattice
from .mending import CELL, Mending
from .minimum_cut import FORBIDDEN, CutTerms
from .patchwork import Patchwork

# What a texel of a hole adds to how far a window of the picture is from one sought, of which a
# texel differs by 2 on average.
_IN_HOLE_COST = 50.0
# Side of the square about a joint that may change.
_REACH = 96
# What a texel costs that is used once more than others are: little, for a hole shows few of them.
_USE_COST = 0.02


class BoundedMending(Mending):
    """A filling whose joints are being mended; see `texcore.layout.filling`.

    Nothing is compared with what is unknown, as what lies in a hole: a joint with what stays costs
    what the piece would have been there. Where the picture is known, it may go on into a hole.

    Args:
        made: Of a picture on a torus of its own size; what stays is in its place.
        description: Of each texel of the picture, shape (n, h, w).
        hole: Booleans of shape (h, w), where it may change.
        unknown: Texels of the picture that say nothing; None for the hole.
        lattice: Where the picture is in step; None if it does not repeat.

    Example:
        >>> hole = torch.zeros(32, 32, dtype=torch.bool)
        >>> hole[10:14, 10:14] = True
        >>> origin = torch.stack(torch.meshgrid(*[torch.arange(32)] * 2, indexing="ij"))
        >>> moved = torch.where(hole, origin + 12, origin)
        >>> mending = BoundedMending(Patchwork(moved, (32, 32)), torch.rand(3, 32, 32), hole)
        >>> mending.mend(4)
        >>> bool((mending.patchwork.origin == origin)[:, ~hole].all())
        True
    """

    def __init__(
        self,
        made: Patchwork,
        description: Tensor,
        hole: Tensor,
        unknown: Tensor | None = None,
        lattice: Lattice | None = None,
    ) -> None:
        unknown = hole if unknown is None else unknown
        self._hole, self._unknown = hole.numpy(), unknown.numpy()
        self._weight = (~self._unknown).astype(np.float32)
        about = torch.nn.functional.max_pool2d(unknown[None].float(), 3, 1, 1)[0] > 0
        self._beside = about.numpy() & ~self._unknown
        super().__init__(made, description, lattice, reach=_REACH, use_cost=_USE_COST)
        barred = description.square().sum(0) + _IN_HOLE_COST * unknown
        self._squares = torch.fft.rfft2(barred)
        free = torch.nn.functional.max_pool2d(hole[None].float(), CELL, ceil_mode=True)[0]
        self._patience *= free.numpy()

    def _differ(self, a: Places, b: Places) -> Map:
        difference: Map = super()._differ(a, b) * np.minimum(
            self._weight[self._clip(a)], self._weight[self._clip(b)]
        )
        # At the rim of what is unknown there is one side only to compare, which counts for both.
        beside = self._beside[self._clip(a)] | self._beside[self._clip(b)]
        difference[beside] *= 2
        return difference

    def _hide(self, axis: int, a: Places, b: Places) -> Map:
        # What is steep in a hole says nothing, and pieces there hide no joint.
        return np.ones(a.shape[1:], np.float32)

    def _measure_out(self, origins: Places, rows: Places, columns: Places) -> Map:
        # What stays is where it is, in step or not, and what is filled in has to fit that.
        return np.zeros(origins.shape[1:], np.float32)

    def _weigh(self, corner: tuple[int, int], place: tuple[int, int]) -> CutTerms:
        terms = super()._weigh(corner, place)
        rows, columns, _, own = self._overlay(corner, place)
        barred = ~self._hole[rows[:, None], columns] | self._unknown[own[0], own[1]]
        terms.own[barred] = FORBIDDEN
        return terms
