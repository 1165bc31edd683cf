"""Choose where large things lie on a canvas: as in the photo, or in pieces of it sewn anew."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..contract.costs import (
    ANEW_CHUNK_SHARE,
    CHUNK_SHARE_IN_PROGRESS,
    CHUNK_SHARES,
    CHUNK_SHARES_AT_HOME,
    CHUNK_SHARES_OF_MANY,
    MANY_COPIES,
    count_anew,
    count_tries,
)
from ..runtime.context import Check, proceed
from ..surfaces import torus
from .coherent_mending import CoherentMending
from .contexts import Contexts
from .description import describe_texels
from .joints import Joints
from .lattice import Lattice, Periods
from .patchwork import Patchwork, sew_patchwork
from .progression import Progression
from .registration import register_pieces

# Light is what is left of an exemplar in so many cells a side: less would be its structure.
_LIGHT_CELLS = 4
# Statistics hardly tell whether what repeats is in step all over: what not being in step multiplies
# a patchwork's distance by, beside 1.
_OUT_OF_STEP_FACTOR = 3


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
    large = max(n / of for n, of in zip(size, exemplar.shape[-2:], strict=True)) > MANY_COPIES
    chunks = CHUNK_SHARES_OF_MANY if large and not repeats else CHUNK_SHARES
    if place is not None:
        chunks = CHUNK_SHARES_AT_HOME
    kinds = [(place, chunk) for chunk in chunks]
    if both:
        new = [(None, chunk) for chunk in CHUNK_SHARES]
        kinds = [kind for pair in zip(kinds, new, strict=True) for kind in pair]
    tries = count_tries(*size)
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


def arrange_at_home(
    exemplar: Tensor,
    size: tuple[int, int],
    home: tuple[int, int],
    generator: torch.Generator,
    check: Check = proceed,
    periods: Periods = (None, None),
) -> Iterator[Patchwork]:
    """Leave an exemplar in its place, and close its border with chunks whose joints are mended.

    Args:
        exemplar: Shape (channels, h, w), at the canvas' scale, at least 8 texels a side.
        size: Height and width of the canvas in texels.
        home: Where the exemplar's first texel belongs, see `centre_exemplar`.
        generator: On the CPU.
        check: Called before each chunk and each region; an exception of it ends the work.
        periods: Of the exemplar in texels, y and x, of which whole numbers go round the canvas;
            None where it does not repeat.

    Yields:
        A first one, to be seen meanwhile, and at last the best.

    Example:
        >>> exemplar = torch.rand(3, 24, 24, generator=torch.Generator().manual_seed(0))
        >>> _, best = arrange_at_home(exemplar, (24, 26), (0, 1), torch.Generator().manual_seed(1))
        >>> best.side
        (24, 24)
    """
    source = exemplar.detach().float().cpu()
    lattice = Lattice(source, periods)
    description = describe_texels(source)
    sides = source.shape[-2], source.shape[-1]
    count, _ = count_anew(size, sides)

    def sew(chunk: float) -> CoherentMending:
        sewn = sew_patchwork(exemplar, *size, generator, check, home, chunk, lattice)
        return CoherentMending(sewn, description, lattice, home=home)

    chunks = itertools.islice(itertools.cycle(CHUNK_SHARES_AT_HOME), count)
    yield from _mend_best((sew(chunk) for chunk in chunks), source, size, check)


def arrange_anew(
    exemplar: Tensor,
    size: tuple[int, int],
    generator: torch.Generator,
    check: Check = proceed,
    periods: Periods = (None, None),
    progression: Progression | None = None,
    own: Periods | None = None,
) -> Iterator[Patchwork]:
    """Arrange an exemplar anew: large chunks of it, whose joints are mended until things are whole.

    Of a few patchworks the joints are mended, and of the best of them at last the windows that are
    nowhere in the exemplar, and outlines that are not where they belong.

    Args:
        exemplar: Shape (channels, h, w), at the canvas' scale, at least 8 texels a side.
        size: Height and width of the canvas in texels.
        generator: On the CPU.
        check: Called before each chunk and each region; an exception of it ends the work.
        periods: Of the exemplar in texels, y and x, of which whole numbers go round the canvas;
            None where it does not repeat.
        progression: Where texels are from; None if they may be from anywhere.
        own: The periods that it has itself, where they are a lattice's; see `Lattice`.

    Yields:
        A first one, to be seen meanwhile, and at last the best.

    Example:
        >>> exemplar = torch.rand(3, 24, 24, generator=torch.Generator().manual_seed(0))
        >>> _, best = arrange_anew(exemplar, (40, 48), torch.Generator().manual_seed(1))
        >>> best.origin.shape
        torch.Size([2, 40, 48])
    """
    source = exemplar.detach().float().cpu()
    lattice = Lattice(source, periods, own)
    description = describe_texels(source)
    sides = source.shape[-2], source.shape[-1]
    count, _ = count_anew(size, sides)
    chunk = CHUNK_SHARE_IN_PROGRESS if progression else ANEW_CHUNK_SHARE

    def sew() -> CoherentMending:
        sewn = sew_patchwork(
            exemplar,
            *size,
            generator,
            check,
            chunk=chunk,
            lattice=lattice,
            mend=False,
            progression=progression,
        )
        return CoherentMending(sewn, description, lattice, progression)

    yield from _mend_best((sew() for _ in range(count)), source, size, check)


def _mend_best(
    mendings: Iterable[CoherentMending],
    source: Tensor,
    size: tuple[int, int],
    check: Check,
) -> Iterator[Patchwork]:
    """Mend some layouts a little, and the one whose joints cost least then more; register that.

    What joints cost before says nothing of what they come to.

    Args:
        mendings: As many as `count_anew` says.
        source: The exemplar, shape (channels, h, w).
        size: Height and width of the torus in texels.
        check: Called before each region; an exception of it ends the work.

    Yields:
        The first of them, and at last that one.
    """
    _, (first, then, windows, contexts) = count_anew(size, (source.shape[-2], source.shape[-1]))
    tried: list[CoherentMending] = []
    for mending in mendings:
        mending.mend(first, check)
        if not tried:
            yield mending.patchwork
        tried.append(mending)
    best = min(tried, key=CoherentMending.measure)
    best.mend(then, check)
    best.mend_windows(windows, check)
    best.mend_contexts(Contexts(source), contexts, check)
    yield replace(best.patchwork, moved=register_pieces(best.patchwork, source, check))
