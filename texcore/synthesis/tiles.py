"""Cut a canvas into tiles.

Gram matrices and means are averages over positions, so a canvas can be measured tile by tile. A
tile begins and ends at multiples of the network's stride, and is seen with a halo that covers the
receptive field, so that its features are those of the whole canvas.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from torch import Tensor

from ..runtime.context import Check, proceed
from ..runtime.processes import Group
from ..statistics import Target

# As many tiles for each process are even enough where their number is no multiple of the
# processes'.
EVEN_TILES_PER_PROCESS = 6


class Tile(NamedTuple):
    """A rectangle of the canvas in texels."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True)
class TilePlan:
    """Tiles that cover a canvas once.

    Attributes:
        height, width: Of the canvas in texels.
        halo: Texels around each tile that its features depend on.
        tiles: The tiles.
        processes: Among how many processes they are to be divided.
        check: Called before each tile is visited; an exception of it ends the evaluation.
        group: The processes among whom they are divided; None: this one visits them all.
    """

    height: int
    width: int
    halo: int
    tiles: tuple[Tile, ...]
    processes: int = 1
    check: Check = proceed
    group: Group | None = None

    @property
    def whole(self) -> bool:
        """Whether there is nothing but one tile, the canvas itself, which needs no halo."""
        return len(self.tiles) == 1

    def visit(self) -> Iterator[Tile]:
        """Yield this process' tiles one after the other."""
        for tile in self.tiles[self.group.rank :: self.group.size] if self.group else self.tiles:
            self.check()
            yield tile

    def share(self, tile: Tile) -> float:
        """Give the share of a tile in the canvas, and so in each layer's positions."""
        return tile.height * tile.width / (self.height * self.width)

    def guide(self, target: Target, tile: Tile) -> Tensor | None:
        """Cut a tile's part out of the guide of a target."""
        if target.guide is None:
            return None
        rows, columns = target.guide.shape
        top, bottom = (n * rows // self.height for n in (tile.top, tile.top + tile.height))
        left, right = (n * columns // self.width for n in (tile.left, tile.left + tile.width))
        return target.guide[top:bottom, left:right]


def plan_tiles(
    height: int, width: int, stride: int, halo: int, side: int, processes: int = 1
) -> TilePlan:
    """Cut a canvas into tiles of about one size, none with a side longer than ``side``.

    Args:
        height, width: Of the canvas in texels, multiples of ``stride``.
        stride: Texels that tiles begin and end at multiples of.
        halo: See `TilePlan`.
        side: In texels; what is below ``stride`` counts as it.
        processes: That shall have about as many tiles each, if the canvas has as many strides.

    Example:
        >>> [tuple(tile) for tile in plan_tiles(32, 64, stride=16, halo=16, side=32).tiles]
        [(0, 0, 32, 32), (0, 32, 32, 32)]
    """
    most = height // stride, width // stride
    least = tuple(math.ceil(n / max(1, side // stride)) for n in most)
    counts = min(
        (
            (rows, columns)
            for rows in range(least[0], min(most[0], least[0] + processes) + 1)
            for columns in range(least[1], min(most[1], least[1] + processes) + 1)
            if rows * columns % processes == 0
            or rows * columns >= EVEN_TILES_PER_PROCESS * processes
        ),
        # As few as can be; among these the most square.
        key=lambda n: (n[0] * n[1], height / n[0] + width / n[1]),
        default=least,
    )
    rows, columns = (
        [strides * i // count * stride for i in range(count + 1)]
        for strides, count in zip(most, counts, strict=True)
    )
    tiles = tuple(
        Tile(top, left, bottom - top, right - left)
        for top, bottom in pairwise(rows)
        for left, right in pairwise(columns)
    )
    return TilePlan(height, width, halo, tiles, processes)
