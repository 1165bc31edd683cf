"""Show the network a surface: small flat views of it, whichever islands they lie on.

A view is a fixed, sparse mean of texels, so that what the network says of it goes back to them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from torch import Tensor

from ..exemplars.exemplar import Exemplar, Source
from ..runtime.context import Check, proceed
from .charts import Chart, Charts
from .mesh import Floats, Whole
from .points import Points
from .pyramid import STEPS_PER_OCTAVE
from .reduction import Refinement

# Texels that a texel of a view is a mean of: most of it is the nearest one's.
_TAPS, _NEAR = 4, 0.15
# Of how much the mean's place may differ from the texel's own, beside a mean that is even.
_UNEVEN = 0.02
# By how much a picture is turned to be shown as views show a surface, as the tangent of the angle;
# and rows that are shown at once.
_TURN, _BAND_ROWS = 0.02, 256
# How far beyond the surface's border, in texels, a view still shows surface.
_BEYOND = 1.5
# Every point is as near as this to the middle of a view, in the side of what counts of it, which is
# looked for so far beyond the last views, in the same.
_STEP_SHARE, _OUTWARDS = 0.62, 0.9
# A view does not count where things are larger or smaller than it shows them by so much: of texels
# that are too small it shows some only, and would change these alone.
_FITTING_OCTAVES = 0.75


@dataclass(frozen=True)
class View:
    """A small flat view of a surface.

    Attributes:
        taps: Numbers of texels in the atlas, shape (taps, side, side).
        shares: Of each in the mean, shape (taps, side, side).
        weight: How much of the surface each texel of it stands for, shape (side, side): 0 where
            there is no surface, or too near to the border, 1 where no other view shows it.
        step: How large it shows things, in steps of `STEPS_PER_OCTAVE` from the photo's own size.
    """

    taps: Tensor
    shares: Tensor
    weight: Tensor
    step: int = 0

    def show(self, texels: Tensor) -> Tensor:
        """Show texels (channels, n): an image (channels, side, side)."""
        return (texels[:, self.taps] * self.shares).sum(1)

    def pull_back(self, gradient: Tensor, into: Tensor) -> None:
        """Add the gradient (channels, side, side) of a view to that of the texels."""
        spread = (gradient[:, None] * self.shares).flatten(1)
        into.index_add_(1, self.taps.flatten(), spread)


def plan_views(
    charts: Charts,
    points: Points,
    refinement: Refinement,
    side: int,
    rim: int,
    check: Check = proceed,
    steps: range = range(1),
) -> list[View]:
    """Plan views that show all of a surface, each about as large as its middle has things.

    Args:
        charts: Of the surface, at a reduced resolution.
        points: All over it.
        refinement: Finds all of its texels.
        side: Of a view in texels.
        rim: Texels at the border of a view that do not count: the network sees no farther there.
        check: Called before each view; an exception of it ends the work.
        steps: Sizes at which things may be shown, see `View.step`.
    """
    inner, reduction = side - 2 * rim, refinement.reduction
    laid = []
    times = np.zeros(len(reduction.of))
    shown = np.round(np.log2(points.sizes) * STEPS_PER_OCTAVE).clip(steps[0], steps[-1])
    larger = np.exp2(shown / STEPS_PER_OCTAVE)
    octaves = np.log2(reduction.give_back(refinement.sizes.astype(np.float32)))
    apart = _STEP_SHARE * inner / reduction.factor / larger
    for middle in choose_middles(charts, points, apart, _OUTWARDS):
        check()
        radius = side * math.sqrt(0.5) / reduction.factor / float(larger[middle])
        chart = refinement.refine(charts.lay_flat(middle, radius))
        chart = replace(chart, places=chart.places * larger[middle])
        inside = (np.abs(chart.places) < inner / 2).all(1)
        fits = np.abs(octaves[chart.texels] - shown[middle] / STEPS_PER_OCTAVE) < _FITTING_OCTAVES
        times[chart.texels[inside & fits]] += 1
        laid.append((chart, fits, int(shown[middle])))
    return [
        replace(_make_view(chart, fits, side, inner, times), step=step)
        for chart, fits, step in laid
    ]


def choose_middles(
    charts: Charts,
    points: Points,
    step: float | Floats,
    outwards: float,
    first: NDArray[np.bool_] | None = None,
) -> list[int]:
    """Choose points of which every other one is nearer than a step to some, along the surface.

    Args:
        charts: Of the surface.
        points: All over it.
        step: In texels over the sizes there; one for all points, or of each.
        outwards: How far beyond the nearest point that is not covered the next one is looked for,
            in steps: 0 for much overlap, nearly 1 for few points.
        first: Which points are covered before all others, by such points; None for none.
    """
    n = len(points.positions)
    first = np.zeros(n, bool) if first is None else first
    steps = np.broadcast_to(step, n)
    covered = np.zeros(n, bool)
    middles: list[int] = []
    # Distances from the nearest one, in its own steps, as far as they count.
    nearest = np.full(n, np.inf)
    open_ = int(first.argmax())
    while True:
        about, _ = charts.reach(open_, outwards * float(steps[open_]))
        if first[open_]:
            about = about[first[about]]
        far = np.minimum(nearest[about], 3)
        middle = int(about[far.argmax()]) if middles else open_
        middles.append(middle)
        found, distances = charts.reach(middle, 3 * float(steps[middle]))
        distances /= steps[middle]
        nearest[found] = np.minimum(nearest[found], distances)
        covered[found[distances <= 1]] = True
        covered[[open_, middle]] = True
        left = np.flatnonzero(~covered & first)
        if not len(left):
            left = np.flatnonzero(~covered)
        if not len(left):
            return middles
        open_ = int(left[nearest[left].argmin()])


def mix_sizes(
    exemplar: Exemplar, sized: Mapping[int, Exemplar], views: Sequence[View], parts: Tensor
) -> Exemplar:
    """Return an exemplar of the sizes at which views show its things, as much of each as they show.

    Args:
        exemplar: One picture, or the maps of a material, for each part of the surface.
        sized: The same at the size of each view, see `View.step`.
        views: Of the surface.
        parts: The number of the part that each texel is of, shape (n).
    """
    if set(sized) == {0}:
        return exemplar
    regions = []
    for number, part in enumerate(exemplar.parts):
        shown = dict.fromkeys(sized, 0.0)
        for view in views:
            shown[view.step] += float((view.weight * (parts[view.taps[0]] == number)).sum())
        sources = tuple(
            Source(sized[step].parts[number].sources[0].image, weight)
            for step, weight in shown.items()
            if weight
        )
        regions.append(replace(part, sources=sources or part.sources))
    return replace(exemplar, regions=tuple(regions))


def show_as_views_do(picture: Tensor) -> Tensor:
    """Show a picture (channels, h, w) as views show a surface: between its texels.

    A mean of texels is less sharp than these. Whoever shall look in views as a picture does needs
    to be compared with what they would show of it: as sharp a picture would make the texels rough.
    It is turned by a little, so that what is shown lies between texels in all ways.
    """
    h, w = picture.shape[-2:]
    flat, middle = picture.flatten(1), np.array([w / 2, h / 2])
    bands = []
    for top in range(0, h, _BAND_ROWS):
        rows = min(_BAND_ROWS, h - top)
        x, y = np.meshgrid(np.arange(w) + 0.5, np.arange(top, top + rows) + 0.5)
        away = np.stack([x.ravel(), y.ravel()], 1) - middle
        turned = np.stack([away[:, 0] - _TURN * away[:, 1], away[:, 1] + _TURN * away[:, 0]], 1)
        places = (turned + middle).clip(0.5, np.array([w, h]) - 0.5)
        corners = np.floor(places - 0.5).astype(np.int64).clip(0, np.array([w, h]) - 2)[:, None]
        corners = corners + np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
        steps = corners + 0.5 - places[:, None]
        shares = _weigh_taps(steps, np.linalg.norm(steps, axis=2))
        taps = torch.from_numpy(corners[..., 1] * w + corners[..., 0]).to(picture.device)
        shown = flat[:, taps] * torch.from_numpy(shares).to(picture)
        bands.append(shown.sum(2).view(-1, rows, w))
    return torch.cat(bands, 1)


def _weigh_taps(steps: Floats, distances: Floats) -> Floats:
    """Weigh texels in a mean whose place is nearly the origin.

    Moving least squares: what rises evenly over the surface does so in the view.

    Args:
        steps: Where they lie, shape (n, taps, 2).
        distances: Of these, shape (n, taps).
    """
    nearness = 1 / (distances**2 + _NEAR)
    nearness /= nearness.sum(1, keepdims=True)
    terms = np.concatenate([np.ones((*steps.shape[:2], 1)), steps], 2)
    moments = np.einsum("nk,nki,nkj->nij", nearness, terms, terms)
    moments[:, [1, 2], [1, 2]] += _UNEVEN
    solved = np.linalg.solve(moments, np.broadcast_to([[1.0], [0], [0]], (len(steps), 3, 1)))
    shares = nearness * np.einsum("nki,ni->nk", terms, solved[..., 0])
    shares /= shares.sum(1, keepdims=True)
    return shares


def _make_view(chart: Chart, fits: NDArray[np.bool_], side: int, inner: int, times: Floats) -> View:
    """Make a view of a chart; where its texels do not fit it shows them, and they do not count."""
    middle = np.arange(side) + 0.5 - side / 2
    x, y = np.meshgrid(middle, middle)
    cells = np.stack([x.ravel(), y.ravel()], 1)
    tree = cKDTree(chart.places)
    taps = min(_TAPS, len(chart.texels))
    distance, near = tree.query(cells, k=taps)
    distance, near = distance.reshape(-1, taps), near.reshape(-1, taps)
    shares = _weigh_taps(chart.places[near] - cells[:, None], distance)
    texels: Whole = chart.texels[near]
    surface = distance[:, 0] <= _BEYOND
    # What lies beyond the surface shows its nearest texel.
    within = (np.abs(cells) < inner / 2).all(1) & surface & fits[near[:, 0]]
    weight = np.where(within, 1 / np.maximum(times[texels[:, 0]], 1), 0).reshape(side, side)
    hole = ndimage.binary_dilation(~surface.reshape(side, side), iterations=2)
    weight[hole & (weight > 0)] *= 0.25
    shape = (taps, side, side)
    return View(
        torch.from_numpy(np.ascontiguousarray(texels.T)).view(shape),
        torch.from_numpy(np.ascontiguousarray(shares.T)).float().view(shape),
        torch.from_numpy(weight).float(),
    )
