"""Forecast how much memory a run takes at its peak, before it begins.

A canvas takes memory for the optimiser's points and pairs, for an evaluation's images and their
gradients, and for the feature maps of the part that the network is shown. All of it follows from
sizes; the shares were counted in the code and measured (`tests/texcore/synthesis/test_forecast.py`
does it).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from ..contract.errors import OutOfMemory
from ..exemplars.facts import ExemplarFacts
from ..models.model import TextureModel
from ..runtime.memory import gigabytes
from .tiling import TileLimits

# For the optimiser's memory. Beyond 2048 × 2048 texels it must make do with fewer bits, then pairs;
# but there are few evaluations there, which hardly fill it.
_OPTIMISER_BYTES = 5 * 2**28
_LEAST_PAIRS, _ENOUGH_PAIRS = 4, 10

# An evaluation's images and gradients beside the optimiser's, in canvases: the trial point, the
# image, and its gradients by the octaves and the colours, two of which lie beside their sum.
_EVALUATION_CANVASES = 6.0
# Of these canvases, those there are while the network is shown a part: the trial point, the image,
# and a gradient.
_SHOWING_CANVASES = 3.0
# A filter's amplitude, its gain and their product, in canvases: each is half a one at most.
_FILTER_CANVASES = 1.5
# Bytes of the maps of a block of the exemplar at their peak over those that there are in the end;
# no gradient follows.
_BLOCK_FACTOR = 1.2
# Copies of the exemplar: as read, as worked on, on the device, scaled, and its octaves.
_EXEMPLAR_COPIES = 6
# Shares of the free memory: beyond the one a run is said to be tight, beyond the other it is
# refused.
_TIGHT_SHARE, _USABLE_SHARE = 0.8, 0.95
# What has to be free, times what a run takes, if its heap may keep what is freed
# (`texcore.runtime.heap`); and what it takes then.
_AMPLE_FACTOR, _KEEPING_FACTOR = 2.0, 1.1
# What libraries load once they are used.
_LIBRARY_BYTES = 100 * 10**6
# What the heap loses between what lives long and what does not.
_HEAP_FACTOR = 1.15
# Sizes that are proposed instead of one that does not fit are multiples of so many texels.
_PROPOSED_STEP = 16


@dataclass(frozen=True)
class Demand:
    """What decides the memory of one level, in bytes but where said otherwise.

    Attributes:
        canvas: One image of the canvas.
        optimiser: Its points, gradients and pairs, in all.
        shown: Beside the canvas what the network is shown of it, if that is another image.
        maps: Feature maps of the part shown, with what an evaluation needs beside them.
        block: Feature maps of a block of the exemplar.
        exemplar: The exemplar's image.
    """

    canvas: int
    optimiser: int
    shown: int
    maps: int
    block: int
    exemplar: int

    @property
    def without_maps(self) -> int:
        """What is there while the network is shown a part, but for the maps."""
        own = self.optimiser + (_SHOWING_CANVASES + _FILTER_CANVASES) * self.canvas
        return round(own + 2 * self.shown + _EXEMPLAR_COPIES * self.exemplar)

    @property
    def peak(self) -> int:
        """At any time of the level."""
        evaluating = (
            self.optimiser
            + (_EVALUATION_CANVASES + _FILTER_CANVASES) * self.canvas
            + 2 * self.shown
        )
        measuring = (
            _EVALUATION_CANVASES + _FILTER_CANVASES
        ) * self.canvas + _BLOCK_FACTOR * self.block
        copies = _EXEMPLAR_COPIES * self.exemplar
        return round(max(evaluating + copies, self.without_maps + self.maps, measuring + copies))


@dataclass(frozen=True)
class Forecast:
    """What a run will take.

    Attributes:
        more: Bytes that it will take at its peak, beyond what is in use before it begins.
        peak: With what is in use by this process, where its memory is the machine's.
    """

    more: int
    peak: int


def demand(
    model: TextureModel,
    exemplar: ExemplarFacts,
    height: int,
    width: int,
    tiles: TileLimits | None = None,
    least: bool = False,
) -> Demand:
    """Work out what decides the memory of a level of that size in texels.

    Args:
        model: How it is optimised.
        exemplar: At its full size.
        height, width: Of the canvas.
        tiles: How much of it the network is shown at a time; None counts no feature maps.
        least: With the smallest tiles there can be, instead of those of ``tiles``.
    """
    item = exemplar.dtype.itemsize
    numbers = exemplar.channels * height * width
    pairs, dtype = count_pairs(numbers, exemplar.dtype, model.memory)
    # Beside three points or gradients: L-BFGS' pairs, or the images that Adam's step goes through.
    own = 2 * (pairs + 1) * dtype.itemsize if model.optimiser == "lbfgs" else 3 * item
    maps = block = 0
    if tiles:
        estimate = tiles.least_evaluation_bytes if least else tiles.evaluation_bytes
        maps, block = estimate(height, width), tiles.block_bytes(exemplar.largest_source)
    return Demand(
        canvas=numbers * item,
        optimiser=numbers * (3 * item + own),
        shown=exemplar.copied_views * 3 * height * width * item,
        maps=maps,
        block=block,
        exemplar=exemplar.nbytes,
    )


def count_pairs(numbers: int, own: torch.dtype, most: int) -> tuple[int, torch.dtype]:
    """Count the pairs of differences that L-BFGS keeps of so many variables, and say in which type.

    It never depends on what memory is free, so the same recipe gives the same pixels.

    Args:
        numbers: Variables.
        own: Their type.
        most: Pairs that the model asks for.

    Example:
        >>> count_pairs(3 * 512**2, torch.float32, most=12)
        (12, torch.float32)
        >>> count_pairs(3 * 4096**2, torch.float32, most=12)
        (5, torch.bfloat16)
    """
    for dtype in (own, torch.bfloat16):
        # One place more than pairs is needed.
        pairs = _OPTIMISER_BYTES // (2 * numbers * dtype.itemsize) - 1
        if pairs >= min(most, _ENOUGH_PAIRS):
            break
    return min(most, max(_LEAST_PAIRS, pairs)), dtype


def forecast_run(levels: Sequence[Demand], in_use: int = 0) -> Forecast:
    """Forecast what a run of these levels will take.

    Args:
        levels: All of the run.
        in_use: Bytes that the process has before, where its memory is the device's.
    """
    more = peak_bytes(levels)
    return Forecast(more, more + in_use)


def peak_bytes(levels: Sequence[Demand]) -> int:
    """Estimate the bytes that a run takes at its peak, beyond what is in use before it begins."""
    return _LIBRARY_BYTES + round(_HEAP_FACTOR * max(level.peak for level in levels))


def check(
    needed: Forecast,
    free: int | None,
    size: tuple[int, int],
    at: Callable[[int, int], int],
) -> list[str]:
    """Check before the work whether its memory is there.

    Args:
        needed: Of the run.
        free: Bytes that can be had; None where nobody says, and nothing is refused.
        size: Height and width wanted, in texels.
        at: Bytes that a run of another size takes at least, with the smallest parts.

    Returns:
        What the user should know.

    Raises:
        OutOfMemory: Not even with the smallest parts it would fit.
    """
    if free is None:
        return []
    if at(*size) > _USABLE_SHARE * free:
        raise OutOfMemory(
            f"{size[1]} × {size[0]} takes {gigabytes(at(*size))} of memory and only "
            f"{gigabytes(free)} are free: {_propose(size, at, _USABLE_SHARE * free)}."
        )
    if needed.more > _TIGHT_SHARE * free:
        return [
            f"Memory is tight: about {gigabytes(needed.more)} of the {gigabytes(free)} that "
            "were free. Close other programs if the machine slows down."
        ]
    return []


def is_ample(needed: Forecast, free: int | None) -> bool:
    """Say whether so much is free that it does not matter how well the run's memory is used."""
    return free is not None and _AMPLE_FACTOR * needed.more <= free


def add_kept(needed: Forecast) -> Forecast:
    """Turn what a run takes into what it takes if its heap keeps what is freed.

    Example:
        >>> add_kept(Forecast(more=1000, peak=1500))
        Forecast(more=1100, peak=1600)
    """
    more = round(_KEEPING_FACTOR * needed.more)
    return Forecast(more, needed.peak + more - needed.more)


def _propose(size: tuple[int, int], at: Callable[[int, int], int], free: float) -> str:
    """Say what to do instead: the largest size of these proportions that fits, if any does."""
    longest = max(size)
    few, many = 0, longest // _PROPOSED_STEP
    while few < many:
        middle = (few + many + 1) // 2
        height, width = _scale_to(size, middle * _PROPOSED_STEP)
        few, many = (middle, many) if at(height, width) <= free else (few, middle - 1)
    if not few:
        return "close other programs"
    height, width = _scale_to(size, few * _PROPOSED_STEP)
    return f"choose {width} × {height} at most, or close other programs"


def _scale_to(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Scale a size to a longest side, rounded down."""
    height, width = (max(1, math.floor(n * longest / max(size))) for n in size)
    return height, width
