"""Show the network a surface: small flat views of it, whichever islands they lie on.

A view is a fixed, sparse mean of texels, so that what the network says of it goes back to them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from scipy.spatial import cKDTree
from torch import Tensor

from ..runtime.context import Check, proceed
from .charts import Chart, Charts
from .mesh import Floats, Whole
from .points import Points
from .reduction import Refinement

# Texels that a texel of a view is a mean of: most of it is the nearest one's.
_TAPS, _NEAR = 4, 0.15
# Of how much the mean's place may differ from the texel's own, beside a mean that is even.
_UNEVEN = 0.02
# How far beyond the surface's border, in texels, a view still shows surface.
_BEYOND = 1.5
# Every point is as near as this to the middle of a view, in the side of what counts of it, which is
# looked for so far beyond the last views, in the same.
_STEP_SHARE, _OUTWARDS = 0.56, 0.9


@dataclass(frozen=True)
class View:
    """A small flat view of a surface.

    Attributes:
        taps: Numbers of texels in the atlas, shape (taps, side, side).
        shares: Of each in the mean, shape (taps, side, side).
        weight: How much of the surface each texel of it stands for, shape (side, side): 0 where
            there is no surface, or too near to the border, 1 where no other view shows it.
    """

    taps: Tensor
    shares: Tensor
    weight: Tensor

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
) -> list[View]:
    """Plan views that show all of a surface.

    Args:
        charts: Of the surface, at a reduced resolution.
        points: All over it.
        refinement: Finds all of its texels.
        side: Of a view in texels.
        rim: Texels at the border of a view that do not count: the network sees no farther there.
        check: Called before each view; an exception of it ends the work.
    """
    inner, reduction = side - 2 * rim, refinement.reduction
    laid = []
    times = np.zeros(len(reduction.of))
    step = _STEP_SHARE * inner / reduction.factor
    for middle in choose_middles(charts, points, step, _OUTWARDS):
        check()
        radius = side * math.sqrt(0.5) / reduction.factor
        chart = refinement.refine(charts.lay_flat(middle, radius))
        inside = (np.abs(chart.places) < inner / 2).all(1)
        times[chart.texels[inside]] += 1
        laid.append(chart)
    return [_make_view(chart, side, inner, times) for chart in laid]


def choose_middles(charts: Charts, points: Points, step: float, outwards: float) -> list[int]:
    """Choose points of which every other one is nearer than a step to some, along the surface.

    Args:
        charts: Of the surface.
        points: All over it.
        step: In texels.
        outwards: How far beyond the nearest point that is not covered the next one is looked for,
            in steps: 0 for much overlap, nearly 1 for few points.
    """
    n = len(points.positions)
    covered = np.zeros(n, bool)
    middles: list[int] = []
    # Distances from the nearest one, as far as they count.
    nearest = np.full(n, np.inf)
    open_ = 0
    while True:
        about, _ = charts.reach(open_, outwards * step)
        far = np.minimum(nearest[about], 3 * step)
        middle = int(about[far.argmax()]) if middles else open_
        middles.append(middle)
        found, distances = charts.reach(middle, 3 * step)
        nearest[found] = np.minimum(nearest[found], distances)
        covered[found[distances <= step]] = True
        covered[[open_, middle]] = True
        left = np.flatnonzero(~covered)
        if not len(left):
            return middles
        open_ = int(left[nearest[left].argmin()])


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


def _make_view(chart: Chart, side: int, inner: int, times: Floats) -> View:
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
    within = (np.abs(cells) < inner / 2).all(1) & surface
    weight = np.where(within, 1 / np.maximum(times[texels[:, 0]], 1), 0).reshape(side, side)
    hole = ndimage.binary_dilation(~surface.reshape(side, side), iterations=2)
    weight[hole & (weight > 0)] *= 0.25
    shape = (taps, side, side)
    return View(
        torch.from_numpy(np.ascontiguousarray(texels.T)).view(shape),
        torch.from_numpy(np.ascontiguousarray(shares.T)).float().view(shape),
        torch.from_numpy(weight).float(),
    )
