"""Choose where large things lie on a canvas: as in the photo, or in pieces of it sewn anew."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ..runtime.context import Check, proceed
from ..surfaces import torus
from .joints import Joints
from .lattice import Lattice, Periods
from .patchwork import Patchwork, sew_patchwork

# Proportions of a texture's sides to the exemplar's within which it keeps the arrangement.
_AS_LARGE = (0.8, 1.25)
# Sides of a patchwork's chunks, as shares of the exemplar's shorter side. Large chunks make fewer
# joints; but where the exemplar stays in its place small ones leave more of it, and on a torus more
# than twice as large every large one would show its middle again, unless the exemplar repeats
# anyway.
_CHUNK_SHARES = (5 / 8, 3 / 8)
_CHUNK_SHARES_OF_MANY = (3 / 8, 3 / 8)
_CHUNK_SHARES_AT_HOME = (1 / 4, 3 / 8)
# Times the exemplar's side from which on a torus shows many copies of it.
_MANY_COPIES = 2
# Light is what is left of an exemplar in so many cells a side: less would be its structure.
_LIGHT_CELLS = 4
# How many patchworks are tried: the more as long as all have no more texels than this together.
_LEAST_TRIES, _MOST_TRIES, _TRIED_TEXELS = 2, 8, 2**18
# Statistics hardly tell whether what repeats is in step all over: what not being in step multiplies
# a patchwork's distance by, beside 1.
_OUT_OF_STEP_FACTOR = 3


def keeps_arrangement(arrangement: str, size: tuple[int, int], exemplar: tuple[int, int]) -> bool:
    """Say whether large things stay where they are in the photo.

    Args:
        arrangement: The recipe's, one of `recipe.ARRANGEMENTS`.
        size: Height and width of the texture.
        exemplar: Height and width of the exemplar.

    Example:
        >>> keeps_arrangement("auto", (120, 100), (100, 100))
        True
        >>> keeps_arrangement("auto", (200, 100), (100, 100))
        False
    """
    low, high = _AS_LARGE
    alike = all(low <= n / of <= high for n, of in zip(size, exemplar, strict=True))
    return arrangement == "photo" or (arrangement == "auto" and alike)


def centre_exemplar(size: tuple[float, float], exemplar: tuple[int, int]) -> tuple[int, int]:
    """Place an exemplar so that its middle is the texture's: row and column of its first texel.

    Example:
        >>> centre_exemplar((60, 80), (50, 100))
        (5, -10)
    """
    top, left = (round((n - of) / 2) for n, of in zip(size, exemplar, strict=True))
    return top, left


def level_light(
    exemplar: Tensor, x: bool = True, y: bool = True, lit: Tensor | None = None
) -> Tensor:
    """Make light and colour of an exemplar nearly agree at opposite borders; change little else.

    A photo is seldom lit evenly. Where it stays in its place its dark side would meet its bright
    one, and no joint hides that. Of its coarse averages the smooth component
    (`torus.smooth_component`) is taken away; all that is smaller than these stays.

    Args:
        exemplar: Shape (channels, h, w), at least 4 texels a side.
        x, y: Which borders shall agree: left and right, top and bottom.
        lit: Shape (channels), whether each is light; others stay as they are. By default all are.
    """
    # On the CPU: Apple's GPUs average only what divides without a rest.
    even = coarse = F.adaptive_avg_pool2d(exemplar.cpu(), _LIGHT_CELLS)
    # Each time a third of a ramp is left, for so coarse is the grid.
    for _ in range(2):
        even = even - torus.smooth_component(even, x, y)
    light = F.interpolate((coarse - even)[None], size=exemplar.shape[-2:], mode="bicubic")[0]
    if lit is not None:
        light = light * lit.cpu()[:, None, None]
    return exemplar - light.to(exemplar.device)


def choose_patchwork(
    exemplar: Tensor,
    size: tuple[int, int],
    place: tuple[int, int] | None,
    generator: torch.Generator,
    distance: Callable[[Patchwork], float],
    check: Check = proceed,
    periods: Periods = (None, None),
    bound: bool = True,
) -> Patchwork:
    """Choose of several patchworks the one whose statistics are nearest to the exemplar's.

    A joint that costs little may still halve a stone; the network sees it. What repeats shall be in
    step as well. It looks the same in any place, so where it may leave its own, patchworks that are
    new throughout are among those tried; of these and of the others that is better whose joints
    cost less, too, for statistics hardly tell a course whose edge has a step.

    Args:
        exemplar: Shape (channels, h, w), at the canvas' scale.
        size: Height and width of the canvas in texels.
        place: Where the exemplar lies if it stays, see `centre_exemplar`; else None.
        generator: On the CPU.
        distance: Of a patchwork from the exemplar.
        check: Called before each chunk; an exception of it ends the work.
        periods: Of the exemplar in texels, y and x, of which whole numbers go round the canvas;
            None where it does not repeat.
        bound: Whether an exemplar that has a place stays there even if it repeats.
    """
    repeats = any(periods)
    both = place is not None and repeats and not bound
    large = max(n / of for n, of in zip(size, exemplar.shape[-2:], strict=True)) > _MANY_COPIES
    chunks = _CHUNK_SHARES_OF_MANY if large and not repeats else _CHUNK_SHARES
    if place is not None:
        chunks = _CHUNK_SHARES_AT_HOME
    kinds = [(place, chunk) for chunk in chunks]
    if both:
        new = [(None, chunk) for chunk in _CHUNK_SHARES]
        kinds = [kind for pair in zip(kinds, new, strict=True) for kind in pair]
    tries = max(_LEAST_TRIES, min(_MOST_TRIES, _TRIED_TEXELS // (size[0] * size[1])))
    source = exemplar.detach().float().cpu()
    lattice = Lattice(source, periods)

    def measure(made: Patchwork) -> float:
        joints = Joints(source.numpy(), made.origin.numpy(), max(size)).cost if both else 1.0
        scatter = lattice.measure_scatter(made.origin)
        return distance(made) * joints * (1 + _OUT_OF_STEP_FACTOR * scatter)

    made = (
        sew_patchwork(exemplar, *size, generator, check, *kinds[k % len(kinds)], lattice)
        for k in range(tries)
    )
    return min(made, key=measure)
