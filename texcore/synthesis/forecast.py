"""How much memory a run takes at its peak, said before it begins.

A canvas takes memory for the optimiser's points and pairs, for an evaluation's images and their
gradients, and for the feature maps of the part that the network is shown. All of it follows from
sizes; the shares were counted in the code and measured (`tests/texcore/synthesis/test_forecast.py`
does it).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ..contract.errors import OutOfMemory
from ..runtime.memory import gigabytes, in_use

if TYPE_CHECKING:
    from ..exemplars.exemplar import Exemplar
    from ..models.model import TextureModel
    from .tiling import Tiling

# For the optimiser's memory. Beyond 2048 × 2048 texels it must make do with fewer bits, then pairs;
# but there are few evaluations there, which hardly fill it.
_OPTIMISER_BYTES = 5 * 2**28
_LEAST_PAIRS, _ENOUGH_PAIRS = 4, 10

# An evaluation's images and gradients beside the optimiser's, in canvases: the trial point, the
# image, and its gradients by the octaves and the colours, two of which lie beside their sum.
_EVALUATION = 6.0
# Of these, while the network is shown a part: the trial point, the image, a gradient.
_SHOWN = 3.0
# A filter's amplitude, its gain and their product, which are of half a canvas each at most.
_FILTER = 1.5
# Maps of a block of the exemplar at their peak, of those that there are; no gradient follows.
_BLOCK_FACTOR = 1.2
# Copies of the exemplar: as read, as worked on, on the device, scaled, and its octaves.
_EXEMPLAR_COPIES = 6
# Of the free memory, beyond which a run is said to be tight, and what is never counted on.
_TIGHT, _USABLE = 0.8, 0.95
# What has to be free, of what a run takes, if its heap may keep what is freed
# (`texcore.runtime.heap`); and what it takes then.
_AMPLE, _KEEPING = 2.0, 1.1
# What libraries load once they are used; and what the heap loses between what lives long and what
# does not.
_LIBRARIES, _HEAP = 100 * 10**6, 1.15
_STEP = 16


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
        own = self.optimiser + (_SHOWN + _FILTER) * self.canvas
        return round(own + 2 * self.shown + _EXEMPLAR_COPIES * self.exemplar)

    @property
    def peak(self) -> int:
        """At any time of the level."""
        evaluating = self.optimiser + (_EVALUATION + _FILTER) * self.canvas + 2 * self.shown
        measuring = (_EVALUATION + _FILTER) * self.canvas + _BLOCK_FACTOR * self.block
        copies = _EXEMPLAR_COPIES * self.exemplar
        return round(max(evaluating + copies, self.without_maps + self.maps, measuring + copies))


@dataclass(frozen=True)
class Forecast:
    """Of a run.

    Attributes:
        more: Bytes that it will take at its peak, beyond what is in use before it begins.
        peak: With what is in use by this process, where its memory is the machine's.
    """

    more: int
    peak: int


def demand(
    model: TextureModel,
    exemplar: Exemplar,
    height: int,
    width: int,
    tiling: Tiling | None = None,
    least: bool = False,
) -> Demand:
    """Of a level of that size in texels.

    Args:
        model: How it is optimised.
        exemplar: At its full size.
        height, width: Of the canvas.
        tiling: How much of it the network is shown at a time; None counts no feature maps.
        least: With the smallest tiles there can be.
    """
    image = exemplar.image
    numbers = len(image) * height * width
    pairs, dtype = pairs_kept(numbers, image.dtype, model.memory)
    # Beside three points or gradients: L-BFGS' pairs, or the images that Adam's step goes through.
    own = 2 * (pairs + 1) * dtype.itemsize if model.optimiser == "lbfgs" else 3 * image.itemsize
    views = sum(view.shape[1] != 3 for view in exemplar.views)
    sources = [source.image for region in exemplar.parts for source in region.sources]
    return Demand(
        canvas=numbers * image.itemsize,
        optimiser=numbers * (3 * image.itemsize + own),
        shown=views * 3 * height * width * image.itemsize,
        maps=tiling.takes(height, width, least) if tiling else 0,
        block=tiling.block_takes(max(source[0].numel() for source in sources)) if tiling else 0,
        exemplar=sum(source.nbytes for source in sources),
    )


def pairs_kept(numbers: int, own: torch.dtype, most: int) -> tuple[int, torch.dtype]:
    """How many pairs of differences the optimiser keeps of so many variables, and in which type.

    It never depends on what memory is free, so the same recipe gives the same pixels.
    """
    for dtype in (own, torch.bfloat16):
        # One place more than pairs is needed.
        pairs = _OPTIMISER_BYTES // (2 * numbers * dtype.itemsize) - 1
        if pairs >= min(most, _ENOUGH_PAIRS):
            break
    return min(most, max(_LEAST_PAIRS, pairs)), dtype


def forecast(levels: Sequence[Demand], device: torch.device) -> Forecast:
    """What a run of these levels will take."""
    more = most(levels)
    return Forecast(more, more + (in_use() if device.type == "cpu" else 0))


def most(levels: Sequence[Demand]) -> int:
    """Bytes that the run takes at its peak, beyond what is in use before it begins."""
    return _LIBRARIES + round(_HEAP * max(level.peak for level in levels))


def check(
    needed: Forecast,
    free: int | None,
    size: tuple[int, int],
    at: Callable[[int, int], int],
) -> list[str]:
    """Find out before the work whether its memory is there.

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
    if at(*size) > _USABLE * free:
        raise OutOfMemory(
            f"{size[1]} × {size[0]} takes {gigabytes(at(*size))} of memory and only "
            f"{gigabytes(free)} are free: {_instead(size, at, _USABLE * free)}."
        )
    if needed.more > _TIGHT * free:
        return [
            f"Memory is tight: about {gigabytes(needed.more)} of the {gigabytes(free)} that "
            "were free. Close other programs if the machine slows down."
        ]
    return []


def ample(needed: Forecast, free: int | None) -> bool:
    """Whether so much is free that it does not matter how well the run's memory is used."""
    return free is not None and _AMPLE * needed.more <= free


def keeping(needed: Forecast) -> Forecast:
    """What a run takes if its heap keeps what is freed, from what it takes if not."""
    more = round(_KEEPING * needed.more)
    return Forecast(more, needed.peak + more - needed.more)


def _instead(size: tuple[int, int], at: Callable[[int, int], int], free: float) -> str:
    """What to do: the largest size of these proportions that fits."""
    longest = max(size)
    few, many = 0, longest // _STEP
    while few < many:
        middle = (few + many + 1) // 2
        height, width = _of_longest(size, middle * _STEP)
        few, many = (middle, many) if at(height, width) <= free else (few, middle - 1)
    if not few:
        return "close other programs"
    height, width = _of_longest(size, few * _STEP)
    return f"choose {width} × {height} at most, or close other programs"


def _of_longest(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """A size of the same proportions, rounded down."""
    height, width = (max(1, math.floor(n * longest / max(size))) for n in size)
    return height, width
