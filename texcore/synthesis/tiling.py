"""Decide how large a part of a canvas the network is shown at a time, by the memory that is free.

The result depends on it only as far as sums are rounded differently in another order. The limits
are worked out once for a run, for whatever memory is free then, and are mostly those fixed here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..features.facts import NetworkFacts
from ..runtime.context import Context, Machine
from .tiles import TilePlan, plan_tiles

# No more tiles than these make of a canvas are worth it: most of each would be halo.
SMALLEST_TILE_SIDE = 64
# Texels of the side of the blocks that an exemplar is measured in.
MEASURED_SIDE = 1024
# Of the free memory, for what one evaluation holds; the rest is the optimiser's and others'.
_EVALUATION_SHARE = 0.5
# Of what the canvas itself leaves free.
_REMAINDER_SHARE = 0.9
# However much is free. Tiles cost time, half as much again for making the features twice, and the
# halo. So a device with much memory tiles late; but once it does, larger tiles gain little.
_MOST_TILED_BYTES = 2 * 2**30
_MOST_UNTILED_BYTES = {"cuda": 32 * 2**30}
# Texels of a canvas that several processes do not divide: halos would be most of it.
_UNDIVIDED_TEXELS = 128**2
# Taken to be free where nobody says.
_ASSUMED_FREE_BYTES = 4 * 2**30
# Bytes that an evaluation takes at its peak over those of all maps, halo included. On a CPU with
# VGG-16 to pool4, 512² to 2048², whole 1.7–2.3 in float32 and bfloat16, tiled 2.2–2.7, since what
# is cut from the maps is a copy; with random filters 1.3 and 2.6.
_UNTILED_FACTOR = 2.0
_TILED_FACTOR = 2.75


@dataclass(frozen=True)
class TileLimits:
    """How large a canvas, and a tile of a larger one, is shown to the network at a time.

    Attributes:
        stride: Texels that tiles begin and end at multiples of.
        halo: Texels around a tile that its features depend on.
        tile_bytes: Bytes of all maps that a tile has, per texel.
        canvas_bytes: Bytes of all maps that a canvas has which is not tiled, per texel: all views
            and octaves hold theirs until the gradient has gone through them.
        side: Texels that a side of a tile has at most, without its halo.
        untiled: Texels of a canvas up to which it is not cut into tiles.
        processes: That divide the tiles of a large canvas among them.
    """

    stride: int
    halo: int
    tile_bytes: float
    canvas_bytes: float
    side: int
    untiled: int
    processes: int = 1

    def longest_side(self, height: int, width: int) -> int:
        """Give the longest side of a part that the network is shown of such a canvas."""
        return max(height, width) if height * width <= self.untiled else self.side

    def plan(self, height: int, width: int) -> TilePlan:
        """Cut a canvas of that size in texels, or one of its octaves, into tiles."""
        side = self.longest_side(height, width)
        if self.processes > 1 and height * width > _UNDIVIDED_TEXELS:
            plan = plan_tiles(height, width, self.stride, self.halo, side, self.processes)
            if len(plan.tiles) >= self.processes:
                return plan
        return plan_tiles(height, width, self.stride, self.halo, side)

    def evaluation_bytes(self, height: int, width: int) -> int:
        """Estimate the bytes of an evaluation's feature maps, and of what is made of them."""
        if self.plan(height, width).whole:
            return int(self._untiled_bytes(height, width))
        return int(self._tiled_bytes(height, width, self.side))

    def least_evaluation_bytes(self, height: int, width: int) -> int:
        """Estimate the memory of an evaluation with the smallest tiles that there can be."""
        tiled = self._tiled_bytes(height, width, SMALLEST_TILE_SIDE)
        return int(min(self._untiled_bytes(height, width), tiled))

    def block_bytes(self, texels: int) -> int:
        """Estimate the bytes of the maps of so much of an exemplar as is measured at a time."""
        return int(min(texels, MEASURED_SIDE**2) * self.tile_bytes)

    def halve(self, height: int, width: int) -> TileLimits | None:
        """Give limits for less memory than a canvas of that size took; None if there are none."""
        side = self.longest_side(height, width)
        if side <= SMALLEST_TILE_SIDE:
            return None
        smaller = max(SMALLEST_TILE_SIDE, min(self.side, side // 2))
        return replace(self, side=smaller, untiled=smaller**2)

    def _untiled_bytes(self, height: int, width: int) -> float:
        return height * width * self.canvas_bytes * _UNTILED_FACTOR

    def _tiled_bytes(self, height: int, width: int, side: int) -> float:
        rows, columns = (min(side, n) + 2 * self.halo for n in (height, width))
        return rows * columns * self.tile_bytes * _TILED_FACTOR


def limit_tiles(
    network: NetworkFacts,
    layers: Sequence[str],
    machine: Machine,
    views: int = 1,
    octaves: int = 1,
    reserved: int = 0,
) -> TileLimits:
    """Work out how large a tile may be.

    Args:
        network: Gives the features.
        layers: That are asked of it.
        machine: Its free memory, or the side of the tiles that was asked for.
        views: Images that the network is shown of each canvas.
        octaves: At how many sizes it sees each.
        reserved: Bytes of the free memory that the largest canvas itself will take.

    Example:
        >>> from texcore.features import RandomBank
        >>> facts = RandomBank.seeded(channels=4).describe()
        >>> limit_tiles(facts, ["bank"], Machine(free=10**8)).side
        366
    """
    tile_bytes = network.bytes_per_texel(layers)
    canvas_bytes = tile_bytes * (views * sum(4.0**-k for k in range(octaves)))
    halo = network.halo(layers)
    side, untiled = machine.tile_side or 0, (machine.tile_side or 0) ** 2
    if machine.tile_side is None:
        room = _room(machine, reserved)
        most = min(room, _MOST_UNTILED_BYTES.get(machine.device, _MOST_TILED_BYTES))
        untiled = int(most / (canvas_bytes * _UNTILED_FACTOR))
        tile = int(min(room, _MOST_TILED_BYTES) / (canvas_bytes * _TILED_FACTOR))
        longest = min(math.isqrt(untiled), math.isqrt(tile) - 2 * halo)
        side = max(SMALLEST_TILE_SIDE, longest)
        untiled = max(untiled, side**2)
    stride = network.stride(layers)
    return TileLimits(stride, halo, tile_bytes, canvas_bytes, side, untiled, machine.processes)


class Tiling:
    """The tiles of one run, which get smaller once memory has run out.

    All who share it see the smaller ones.

    Args:
        limits: For whatever memory is free when the run begins.
        context: Its group divides large canvases, see `TilePlan`; all its processes make their own
            `Tiling` at the same time, and agree on the smallest limits.
    """

    def __init__(self, limits: TileLimits, context: Context) -> None:
        self._context = context
        if group := context.group:
            side, untiled = (group.least(n, context.device) for n in (limits.side, limits.untiled))
            limits = replace(limits, side=side, untiled=untiled)
        self.limits = limits

    @property
    def context(self) -> Context:
        """Where the tiles are computed, and with whom."""
        return self._context

    def plan(self, height: int, width: int) -> TilePlan:
        """Cut a canvas of that size in texels, or one of its octaves, into tiles."""
        plan = self.limits.plan(height, width)
        group = self._context.group if plan.processes > 1 else None
        return replace(plan, check=self._context.check, group=group)

    def halve(self, height: int, width: int) -> bool:
        """Make do with less memory than a canvas of that size took; False if it cannot be."""
        smaller = self.limits.halve(height, width)
        self.limits = smaller or self.limits
        return smaller is not None


def _room(machine: Machine, reserved: int) -> float:
    """Say how many bytes this process may take for an evaluation."""
    free = _ASSUMED_FREE_BYTES if machine.free is None else machine.free
    room = max(0.0, min(_EVALUATION_SHARE * free, _REMAINDER_SHARE * (free - reserved)))
    # Devices other than the CPU have a memory of their own, and one process each.
    return room / machine.sharing if machine.device == "cpu" else room
