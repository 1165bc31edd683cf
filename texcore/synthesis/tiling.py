"""Exact tiles: the distance of a canvas from its exemplar in a memory that the tile bounds.

Gram matrices and means are averages over positions. So they can be summed tile by tile, without
gradients; then the distance and its slope, the derivatives with respect to the sums, are known; and
with the slope known, the gradient at a feature depends on that feature alone. A second pass makes
each tile's features again, propagates their gradients back to the tile and its halo, and adds these
to the torus. A tile begins, ends and has its halo at multiples of the network's stride, so that
the poolings meet the same texels as on the whole canvas, and the halo covers the receptive field:
value and gradient are those of the whole canvas, up to the rounding of sums in another order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from ..features import FeatureNetwork
from ..runtime import memory
from ..statistics import (
    Target,
)

if TYPE_CHECKING:
    from ..runtime.processes import Group

# No more tiles than these make of a canvas are worth it: most of each would be halo.
_SMALLEST_SIDE = 64
# Of the free memory, for what one evaluation holds; the rest is the optimiser's and others'.
_SHARE = 0.5
# However much is free. Tiles cost time, half as much again for making the features twice, and the
# halo. So a device with much memory tiles late; but once it does, larger tiles gain little.
_MOST_WHOLE = {"cuda": 32 * 2**30}
_MOST_TILED = 2 * 2**30
# Texels of a canvas that several processes do not divide: halos would be most of it.
_UNDIVIDED = 128**2
# Tiles a process that are even enough if their number is no multiple of the processes'.
_EVEN = 6
# Taken to be free where nobody says.
_UNKNOWN_FREE = 4 * 2**30
# Texels of the side of the blocks that an exemplar is measured in.
MEASURED_SIDE = 1024
# Of what the canvas itself leaves free.
_LEFT = 0.9
# Bytes that an evaluation takes at its peak over those of all maps, halo included. On a CPU with
# VGG-16 to pool4, 512² to 2048², whole 1.7–2.3 in float32 and bfloat16, tiled 2.2–2.7, since what
# is cut from the maps is a copy; with random filters 1.3 and 2.6.
_WHOLE_FACTOR = 2.0
_TILED_FACTOR = 2.75


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
        between: Called before each tile is visited; an exception of it ends the evaluation.
        group: Processes that have a part of the tiles each; None: this one has them all.
    """

    height: int
    width: int
    halo: int
    tiles: tuple[Tile, ...]
    between: Callable[[], object] | None = None
    group: Group | None = None

    @property
    def whole(self) -> bool:
        """Whether there is nothing but one tile, the canvas itself, which needs no halo."""
        return len(self.tiles) == 1

    def visit(self) -> Iterator[Tile]:
        """This process' tiles one after the other."""
        for tile in self.tiles[self.group.rank :: self.group.size] if self.group else self.tiles:
            if self.between:
                self.between()
            yield tile

    def share(self, tile: Tile) -> float:
        """Of the tile in the canvas, and so in each layer's positions."""
        return tile.height * tile.width / (self.height * self.width)

    def guide(self, target: Target, tile: Tile) -> Tensor | None:
        """The tile's part of the guide of a target."""
        if target.guide is None:
            return None
        rows, columns = target.guide.shape
        top, bottom = (n * rows // self.height for n in (tile.top, tile.top + tile.height))
        left, right = (n * columns // self.width for n in (tile.left, tile.left + tile.width))
        return target.guide[top:bottom, left:right]


def plan_tiles(
    height: int, width: int, stride: int, halo: int, side: int, processes: int = 1
) -> TilePlan:
    """Tiles of about one size, none with a side longer than ``side``.

    Args:
        height, width: Of the canvas, multiples of ``stride``.
        stride: Texels that tiles begin and end at multiples of.
        halo: See `TilePlan`.
        side: In texels; what is below ``stride`` counts as it.
        processes: That shall have about as many tiles each, if the canvas has as many strides.
    """
    most = height // stride, width // stride
    least = tuple(math.ceil(n / max(1, side // stride)) for n in most)
    counts = min(
        (
            (rows, columns)
            for rows in range(least[0], min(most[0], least[0] + processes) + 1)
            for columns in range(least[1], min(most[1], least[1] + processes) + 1)
            if rows * columns % processes == 0 or rows * columns >= _EVEN * processes
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
    return TilePlan(height, width, halo, tiles)


class Tiling:
    """How large a tile may be: as memory allows, as told, or smaller once memory ran out.

    The result depends on it only as far as sums are rounded differently in another order. It is
    made once for a run, for whatever memory is free then, and mostly decided by the fixed limits.

    Args:
        network: Gives the features.
        layers: That are asked of it.
        device: Where it computes.
        views: Images that the network is shown of each canvas.
        octaves: At how many sizes it sees each.
        side: Of the largest tile, without halo; None leaves it to the memory that is free.
        between: See `TilePlan`.
        group: Processes that divide large canvases among them, see `TilePlan`; all of them make
            their own `Tiling` at the same time.
        reserved: Bytes of the free memory that the largest canvas itself will take.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        layers: Sequence[str],
        device: torch.device,
        views: int = 1,
        octaves: int = 1,
        side: int | None = None,
        between: Callable[[], object] | None = None,
        group: Group | None = None,
        reserved: int = 0,
    ) -> None:
        self._stride, self._halo = network.stride(layers), network.halo(layers)
        self._between = between
        self.group = group
        # All views and octaves hold their maps until the gradient has gone through them.
        held = views * sum(4.0**-k for k in range(octaves))
        self._tile_bytes = network.values_per_texel(layers) * network.dtype.itemsize
        self._whole_bytes = maps = self._tile_bytes * held
        if side is None:
            free = free_memory(device)
            room = max(0.0, min(_SHARE * free, _LEFT * (free - reserved)))
            if group and device.type == "cpu":
                room /= group.local_size
            most = _MOST_WHOLE.get(device.type, _MOST_TILED)
            whole = int(min(room, most) / (maps * _WHOLE_FACTOR))
            tile = int(min(room, _MOST_TILED) / (maps * _TILED_FACTOR))
            side = min(math.isqrt(whole), math.isqrt(tile) - 2 * self._halo)
            self.side = max(_SMALLEST_SIDE, side)
            self._whole = max(whole, self.side**2)
        else:
            self.side, self._whole = side, side**2
        if group:
            self.side = group.least(self.side, device)
            self._whole = group.least(self._whole, device)

    def plan(self, height: int, width: int) -> TilePlan:
        """For a canvas of that size in texels, or one of its octaves."""
        side = max(height, width) if height * width <= self._whole else self.side
        group = self.group if height * width > _UNDIVIDED else None
        if group:
            plan = plan_tiles(height, width, self._stride, self._halo, side, group.size)
            if len(plan.tiles) < group.size:
                group = None
        if not group:
            plan = plan_tiles(height, width, self._stride, self._halo, side)
        return replace(plan, between=self._between, group=group)

    def takes(self, height: int, width: int, least: bool = False) -> int:
        """Bytes of an evaluation's feature maps, and what is made of them.

        Args:
            height, width: Of the canvas in texels.
            least: With the smallest tiles there can be, instead of those that there are.
        """
        whole = height * width * self._whole_bytes * _WHOLE_FACTOR
        if not least and self.plan(height, width).whole:
            return int(whole)
        side = _SMALLEST_SIDE if least else self.side
        texels = (min(side, height) + 2 * self._halo) * (min(side, width) + 2 * self._halo)
        tiled = texels * self._tile_bytes * _TILED_FACTOR
        return int(min(whole, tiled) if least else tiled)

    def block_takes(self, texels: int) -> int:
        """Bytes of the feature maps of so much of the exemplar as is measured at a time."""
        return int(min(texels, MEASURED_SIDE**2) * self._tile_bytes)

    def halve(self, height: int, width: int) -> bool:
        """Make do with less memory than a canvas of that size took; False if it cannot be."""
        side = max(height, width) if height * width <= self._whole else self.side
        if side <= _SMALLEST_SIDE:
            return False
        self.side = max(_SMALLEST_SIDE, min(self.side, side // 2))
        self._whole = self.side**2
        return True


def free_memory(device: torch.device) -> int:
    """Bytes that can be had on a device, or a guess; see `memory.free`."""
    free = memory.free(device)
    return _UNKNOWN_FREE if free is None else free
