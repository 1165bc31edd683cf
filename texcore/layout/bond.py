"""Find the lattice that a texture repeats along, also where no axis shows a whole period.

Of a wall, whose courses are shifted by half a brick, and of a weave, what lies one course down and
half a thing along agrees; what lies along the course may be farther away than the picture is wide.
Two such lags span the lattice, and it has whole periods down and across.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..surfaces.resizing import scaled
from .periods import autocorrelate, flatten_light

# Texels of the longer side that a picture is scaled to first: what is small there fits anywhere.
_LARGEST_SIDE = 384
# A lag may be a point of the lattice if it correlates by so much, and none within this share of the
# shorter side correlates more; so many of the highest and of the nearest are tried.
_LEAST_CORRELATION, _NEAR_SHARE, _TRIED_PEAKS = 0.2, 1 / 36, 12
# Where less of the picture lies over itself, a correlation says nothing.
_LEAST_OVERLAP = 0.15
# What the points of a lattice correlate by on average, and the share that is added for few of them:
# two of them need twice as much as many do. Of the best so seen, what one of smaller cells has to
# have.
_LEAST_MEAN, _FEW_POINTS, _HIGH_SHARE = 0.2, 2.0, 0.75
# Cells whose areas differ by less are as small; lags that nearly are one line span none.
_SAME_AREA, _LEAST_SINE = 1.1, 0.2
# What a period may be askew, in texels and as a share of it, for things are laid by hand; and the
# most steps along both vectors that go into one.
_OFF_TEXELS, _OFF_SHARE, _MOST_STEPS = 2.0, 0.05, 3
# Of the picture's side: of a longer period too little is seen.
_MOST_SIDES = 1.4


def find_bond(image: Tensor) -> tuple[float, float] | None:
    """Find the periods down and across, in texels, of the lattice of a picture.

    Args:
        image: Shape (channels, h, w).

    Returns:
        Both periods; either may be more than the picture's side. None where there is no lattice, or
        where it is askew and has no period along an axis.

    Example:
        >>> y, x = torch.meshgrid(torch.arange(90), torch.arange(90), indexing="ij")
        >>> joint = ((x + 30 * (y // 30 % 2)) % 60 < 4) | (y % 30 < 3)
        >>> down, across = find_bond(joint.float().expand(3, 90, 90))
        >>> round(down), round(across)
        (60, 60)
    """
    shrink = min(1.0, _LARGEST_SIDE / max(image.shape[-2:]))
    small = scaled(image.detach().float(), shrink, shrink).cpu()
    flat = flatten_light(small)
    points = _choose(_Agreement(flat))
    found = points and _find_periods(points)
    h, w = small.shape[-2:]
    if not found or found[0] > _MOST_SIDES * h or found[1] > _MOST_SIDES * w:
        return None
    return found[0] * image.shape[-2] / h, found[1] * image.shape[-1] / w


class _Points(NamedTuple):
    """The points of a lattice that a picture shows, by how much it agrees with itself there.

    Attributes:
        area: Of a cell.
        steps: Shape (n, 2), how many of both vectors lead there.
        lags: Shape (n, 2), where it agrees most, near that.
        heights: Shape (n), how much it agrees there.
    """

    area: float
    steps: Tensor
    lags: Tensor
    heights: Tensor

    @property
    def worth(self) -> float:
        """How much the picture agrees with itself there on average; less if it shows few."""
        return float(self.heights.mean()) / (1 + _FEW_POINTS / max(1, len(self.heights)))


class _Agreement:
    """How much a picture agrees with itself, by lag.

    Args:
        picture: Shape (channels, h, w), without light that changes slowly.
    """

    def __init__(self, picture: Tensor) -> None:
        # What is the same all along an axis agrees all along it, and no lag is a point for that.
        by_lag = torch.minimum(
            autocorrelate(picture - picture.mean(1, keepdim=True)),
            autocorrelate(picture - picture.mean(2, keepdim=True)),
        )
        h, w = picture.shape[-2:]
        rows, self._columns = by_lag.shape
        self._middle = self._columns // 2
        y = torch.arange(rows)[:, None]
        x = torch.arange(self._columns)[None] - self._middle
        overlap = (1 - y / h) * (1 - x.abs() / w)
        self._shown = overlap >= _LEAST_OVERLAP
        by_lag = by_lag.masked_fill(~self._shown, -1)
        reach = max(2, round(_NEAR_SHARE * min(h, w)))
        highest, index = F.max_pool2d(by_lag[None], 2 * reach + 1, 1, reach, return_indices=True)
        self._highest, self._index = highest[0], index[0]
        # Of a lag and its opposite one is enough; what is nearer than this is no lag at all.
        apart = ((y > 0) | (x > 0)) & ((y > reach) | (x.abs() > reach))
        self._is_peak = (by_lag == self._highest) & (by_lag >= _LEAST_CORRELATION) & apart

    def list_peaks(self) -> Tensor:
        """List the lags of the highest peaks and of the nearest ones, shape (n, 2)."""
        places = self._is_peak.nonzero()
        lags = places - torch.tensor([0, self._middle])
        high = self._highest[self._is_peak].argsort(descending=True, stable=True)
        near = lags.square().sum(1).argsort(stable=True)
        return lags[torch.cat([high[:_TRIED_PEAKS], near[:_TRIED_PEAKS]]).unique()]

    def measure(self, basis: Tensor) -> _Points:
        """Measure the points of the lattice of two lags, the rows of a basis."""
        (a, b), (c, d) = basis.tolist()
        area = abs(a * d - b * c)
        # No point within the rows and columns is more steps away, as the inverse basis says.
        most = math.ceil(math.hypot(*self._highest.shape) * max(map(abs, (a, b, c, d))) / area)
        steps = torch.cartesian_prod(*[torch.arange(-most, most + 1)] * 2)
        lags = steps @ basis
        place = lags + torch.tensor([0, self._middle])
        rows, columns = self._highest.shape
        inside = (lags[:, 0] > 0) | ((lags[:, 0] == 0) & (lags[:, 1] > 0))
        inside &= (lags[:, 0] < rows) & (place[:, 1] >= 0) & (place[:, 1] < columns)
        steps, place = steps[inside], place[inside]
        shown = self._shown[place[:, 0], place[:, 1]]
        steps, place = steps[shown], place[shown]
        at = self._index[place[:, 0], place[:, 1]]
        lags = torch.stack([at // columns, at % columns - self._middle], 1)
        heights = self._highest[place[:, 0], place[:, 1]]
        return _Points(area, steps, lags, heights)


def _choose(agreement: _Agreement) -> _Points | None:
    """Choose, of the lattices whose points agree, that of the smallest cells."""
    tried = []
    for u, v in combinations(agreement.list_peaks().tolist(), 2):
        area = abs(u[0] * v[1] - u[1] * v[0])
        if area < _LEAST_SINE * math.hypot(*u) * math.hypot(*v):
            continue
        points = agreement.measure(torch.tensor([u, v]))
        if points.worth >= _LEAST_MEAN:
            tried.append(points)
    best = max((points.worth for points in tried), default=0.0)
    good = [points for points in tried if points.worth >= _HIGH_SHARE * best]
    least = min((points.area for points in good), default=0.0)
    small = [points for points in good if points.area <= _SAME_AREA * least]
    return max(small, key=lambda points: float(points.heights.mean()), default=None)


def _find_periods(points: _Points) -> tuple[float, float] | None:
    """Find how far the next points straight below and beside one are; None if there is none."""
    weights = points.heights.clamp_min(0).sqrt()[:, None]
    fitted = torch.linalg.lstsq(weights * points.steps, weights * points.lags).solution
    some = torch.arange(-_MOST_STEPS, _MOST_STEPS + 1)
    lags = (torch.cartesian_prod(some, some).float() @ _reduce(fitted)).tolist()
    down = [y for y, x in lags if y > 1 and abs(x) <= max(_OFF_TEXELS, _OFF_SHARE * y)]
    across = [x for y, x in lags if x > 1 and abs(y) <= max(_OFF_TEXELS, _OFF_SHARE * x)]
    return (min(down), min(across)) if down and across else None


def _reduce(basis: Tensor) -> Tensor:
    """Find the shortest two vectors, rows, that span the same lattice (Lagrange and Gauss)."""
    short, long = basis
    while True:
        if short.norm() > long.norm():
            short, long = long, short
        count = (short @ long / (short @ short)).round()
        if count == 0:
            return torch.stack([short, long])
        long = long - count * short
