"""Lay out an exemplar as a plan says: what of it is cut up, where its pieces lie, how they bend."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ..exemplars.exemplar import Exemplar
from ..layout.alignment import measure_alignment
from ..layout.arrangement import (
    arrange_anew,
    arrange_at_home,
    centre_exemplar,
    choose_patchwork,
    level_light,
)
from ..layout.bending import Wave
from ..layout.blending import blend_joints
from ..layout.lattice import Periods
from ..layout.patchwork import Patchwork
from ..layout.progression import Progression
from ..runtime.context import Check, proceed
from ..surfaces import torus
from .plan import Plan

# Texels within which places move one way: about the size of the smallest things in a photo; and
# where whole things are given another shape, in those that they move by, as far as it still looks
# like a shape of theirs.
_SHORT_WAVE_TEXELS, _LONG_WAVE_LENGTHS = 20.0, 50.0
# Where lines are straight: how many times as many, and along a line once more than across it, for
# an edge that is bent within a few texels is seen to be ragged.
_STRAIGHT_FACTOR, _ALONG_FACTOR = 2.0, 4.0
# Of a layout that has been seen, what has to be in a better one for this to lie where that does.
_LEAST_KEPT_SHARE = 0.5


def prepare_source(plan: Plan, exemplar: Exemplar) -> Tensor:
    """Make the picture (channels, h, w) that chunks are cut from, at the exemplar's scale.

    What keeps its place is lit evenly from border to border first.
    """
    if not plan.stays_at_home:
        return exemplar.image
    # What the first view shows: light falls on no alpha, mask or height.
    lit = (exemplar.views[0] != 0).any(0)
    return level_light(exemplar.image, plan.torus.x, plan.torus.y, lit)


def lay_out(
    plan: Plan,
    source: Tensor,
    size: tuple[int, int],
    generator: torch.Generator,
    check: Check = proceed,
) -> Iterator[Patchwork]:
    """Lay out what a sewn detail shows; see `texcore.layout.arrangement`.

    It is arranged anew, unless it stays in its place, which what repeats need not, for it looks the
    same in any. What may lie anywhere is moved so that the canvas' border is hardly seen: whatever
    is made of it stays in its place then, from the first preview to the end and at any quality.

    Args:
        plan: Says whether the exemplar stays in its place, and which periods go round the canvas.
        source: See `prepare_source`.
        size: Height and width of the canvas in texels.
        generator: On the CPU.
        check: Called before each chunk; an exception of it ends the work.

    Yields:
        A first layout, to be seen meanwhile, and at last the one that counts.
    """
    if plan.stays_at_home:
        yield from _arrange(plan, source, size, generator, check)
        return
    shift, before = (0, 0), None
    for layout in _arrange(plan, source, size, generator, check):
        if before is None or not _is_much_of(layout, before):
            shown = blend_joints(layout, source.detach().float().cpu(), *size)
            shift = torus.find_calm(shown, axes=plan.free_axes)
        before = layout
        yield layout.roll(*shift)


def _is_much_of(layout: Patchwork, before: Patchwork) -> bool:
    """Whether a layout has most of what lay where it lies in one before."""
    same = (layout.origin == before.origin).all(0)
    return float(same.float().mean()) > _LEAST_KEPT_SHARE


def _arrange(
    plan: Plan,
    source: Tensor,
    size: tuple[int, int],
    generator: torch.Generator,
    check: Check,
) -> Iterator[Patchwork]:
    """Lay it out, the border anywhere; see `lay_out`."""
    periods, home, bound = _plan_places(plan, source, size)
    if home is not None and (bound or not any(periods)):
        yield from arrange_at_home(source, size, home, generator, check, periods)
        return
    progression = _plan_progression(plan, size, (source.shape[-2], source.shape[-1]))
    bond = plan.period_fit.own
    own = bond and _scale_periods(plan, bond, size)
    yield from arrange_anew(source, size, generator, check, periods, progression, own)


def choose_layout(
    plan: Plan,
    source: Tensor,
    size: tuple[int, int],
    generator: torch.Generator,
    distance: Callable[[Patchwork], float],
    check: Check = proceed,
) -> Patchwork:
    """Choose a layout that is nearest to the exemplar; see `texcore.layout.arrangement`.

    Args:
        plan, source, size, generator, check: As for `lay_out`.
        distance: Of a patchwork from the exemplar.
    """
    periods, home, bound = _plan_places(plan, source, size)
    return choose_patchwork(source, size, home, generator, distance, check, periods, bound)


def _plan_places(
    plan: Plan, source: Tensor, size: tuple[int, int]
) -> tuple[Periods, tuple[int, int] | None, bool]:
    """Plan the periods on a canvas, where the exemplar lies if it stays, and whether it has to."""
    periods = _scale_periods(plan, plan.period_fit.periods, size)
    sides = source.shape[-2], source.shape[-1]
    home = _place(plan, size, sides) if plan.stays_at_home else None
    return periods, home, plan.is_placed or plan.recipe.arrangement == "photo"


def _scale_periods(plan: Plan, periods: Periods, size: tuple[int, int]) -> Periods:
    """Scale periods in texels of the canvas to those of a canvas of a size."""
    y, x = (
        period and period * n / whole
        for period, n, whole in zip(periods, size, plan.canvas_size, strict=True)
    )
    return y, x


def _place(plan: Plan, size: tuple[int, int], exemplar: tuple[int, int]) -> tuple[int, int]:
    """Place the exemplar on a canvas of a size so that its middle is the result's."""
    height, width = (
        n * side / whole for n, side, whole in zip(plan.size, size, plan.canvas_size, strict=True)
    )
    return centre_exemplar((height, width), exemplar)


def _plan_progression(
    plan: Plan, size: tuple[int, int], exemplar: tuple[int, int]
) -> Progression | None:
    """Plan where rows or columns of a canvas of a size are from; None if from anywhere."""
    if plan.recipe.progress == "none":
        return None
    axis = "yx".index(plan.recipe.progress)
    shown = round(plan.size[axis] * size[axis] / plan.canvas_size[axis])
    return Progression(axis, min(shown, size[axis]), size[axis], exemplar[axis])


def plan_waves(plan: Plan, source: Tensor) -> list[Wave]:
    """Plan how the pieces of a layout are bent, in texels of the finest level.

    What is arranged anew shows the exemplar's pieces again and again: there, whole things are given
    another shape, but not where lines are straight: along these all is bent within more texels.

    Args:
        plan: Its model says how much.
        source: See `prepare_source`, at the coarsest level's scale.
    """
    if not plan.model.bend:
        return []
    straight = measure_alignment(source, any(plan.period_fit.periods))
    length = _SHORT_WAVE_TEXELS * (1 + (_STRAIGHT_FACTOR - 1) * straight)
    waves = [Wave(plan.model.bend, length, 1 + (_ALONG_FACTOR - 1) * straight)]
    if plan.model.sway and not plan.stays_at_home:
        coarse, finest = plan.levels[0], plan.levels[-1]
        side = min(*source.shape[-2:], coarse.height, coarse.width) * finest.height / coarse.height
        texels = plan.model.sway * side * (1 - straight)
        if texels > plan.model.bend:
            waves.append(Wave(texels, _LONG_WAVE_LENGTHS * texels))
    return waves
