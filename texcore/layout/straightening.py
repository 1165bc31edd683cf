"""Straighten a photo taken from an angle: lines that lean or converge become upright and level.

Courses that lean by two degrees miss each other where a torus closes, and no joint hides it. Lines
of one kind all pass through one vanishing point, so two numbers tell them: how far the middle one
leans, and how much more those beside it do. They are found where the means along the lines vary
most, that is, where each line has one brightness. Where there are lines of one kind only, as in a
wall whose upright joints are too short to be lines, the other kind's spread is what makes the
distances from line to line even, and its lean the one at which the short joints are in line. Two
vanishing points make the homography that takes both to infinity (Hartley & Zisserman 2004,
*Multiple View Geometry*, section 2.7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..contract.notes import STRAIGHTENED, Note
from ..contract.recipe import MIN_EXEMPLAR
from ..exemplars.exemplar import Exemplar
from ..exemplars.views import apply_view
from .periods import smooth
from .warping import Warp

# Longer side in texels of the pictures it is searched in: everywhere, then nearby.
_SEARCH_SIDES = (96, 192, 384)
# Slope up to which lines are searched: at the middle, for diagonal stripes are meant to lean more,
# and what converging adds at the border.
_MOST_LEAN, _MOST_CONVERGENCE = 0.15, 0.35
# Share of a picture's variance that its lines tell, from which on it has lines; and how much more
# it has to be when straightened. Walls, planks, weave: 0.3...0.7; stones, grass, bark: below 0.15.
_LEAST_LINE_SHARE, _LEAST_GAIN = 0.3, 1.02
# The coarsest picture, which blurs them, is worth a closer look from this share on.
_PROMISING_SHARE = 0.15
# Of the variance, what is short has to tell so much where it is in line, and how many times as much
# as where it is not. Joints of walls: 0.09...0.2 and 2.5...4.
_LEAST_SHORT_SHARE, _LEAST_SHORT_GAIN = 0.05, 2.0
# How much fewer frequencies the lines' profile has to be made of when its lines lie evenly.
_LEAST_EVENNESS = 1.6
# Of each side, what has to be left when the picture is straightened.
_LEAST_REMAINDER_SHARE = 0.6


@dataclass(frozen=True)
class Lines:
    """Lines x = a + y · (lean + spread · a), one for each a; the origin is the picture's middle.

    Attributes:
        lean: Slope of the line through the middle.
        spread: What the slopes change by, per texel from line to line.
    """

    lean: float = 0.0
    spread: float = 0.0


def straighten(exemplar: Exemplar) -> tuple[Exemplar, list[str]]:
    """Make an exemplar's lines upright and level; with it a sentence for the user if they were not.

    Its first view, which is that of the base color if there is one, tells how they lean. All
    channels are warped alike; normals turn with them.

    Args:
        exemplar: One picture, or all maps of a material; beside it there are no regions.

    Returns:
        The exemplar itself where its lines are upright and level, where it has none, or where too
        little of it would be left.

    Example:
        >>> y, x = torch.meshgrid(torch.arange(96.0), torch.arange(96.0), indexing="ij")
        >>> courses = 0.5 + 0.4 * torch.cos(0.6 * (y - 0.08 * x))
        >>> made, notes = straighten(Exemplar.of(courses[None]))
        >>> len(notes), min(made.image.shape[1:]) > 80
        (1, True)
    """
    grey = apply_view(exemplar.image, exemplar.views[0].to(exemplar.image))[0].mean(0)
    warp = find_warp(grey)
    if warp is None or min(warp.size) < MIN_EXEMPLAR:
        return exemplar, []
    image = warp.apply(exemplar.image, exemplar.directions)
    note = Note(
        "The exemplar's lines lean or converge: it was straightened first. "
        "Turn “Straighten” off to keep it as it is.",
        STRAIGHTENED,
    )
    return replace(exemplar, image=image), [note]


def find_warp(grey: Tensor) -> Warp | None:
    """Find what cuts the largest upright part of a picture whose lines lean or converge.

    Args:
        grey: Shape (h, w), what lines are looked for in.

    Returns:
        A warp that keeps the picture's scale in the middle; None where lines neither lean nor
        converge, or where too little of the picture would be left.
    """
    upright, level = find_lines(grey), find_lines(grey.T)
    if upright is None and level is None:
        return None
    upright = upright or _find_crossing(level or Lines(), grey.T)
    level = level or _find_crossing(upright, grey)
    if upright == level == Lines():
        return None
    homography = _make_homography(upright, level)
    place = _find_covered(homography, *grey.shape)
    return None if place is None else Warp(torch.linalg.inv(homography), *place)


def find_lines(grey: Tensor) -> Lines | None:
    """Find the more or less upright lines of a picture (h, w), in its texels; None without any."""
    found, spread = 0.0, 0.0
    for number, side in enumerate(_SEARCH_SIDES):
        picture = _shrink(grey, side)
        h, w = picture.shape
        step = 2 / h  # moves a line's ends by a texel
        reaches = [int(m / step) if number == 0 else 3 for m in (_MOST_LEAN, _MOST_CONVERGENCE)]
        offsets = (torch.arange(-reach, reach + 1) * step for reach in reaches)
        # What is added at the border is the same at any scale.
        leans, spreads = torch.meshgrid(
            *(a + b for a, b in zip((found, spread), offsets, strict=True)), indexing="ij"
        )
        told = _measure_told(picture, leans.flatten(), spreads.flatten() * 2 / w)
        best = int(told.argmax())
        found, spread = float(leans.flatten()[best]), float(spreads.flatten()[best])
        if told[best] < (_PROMISING_SHARE if number == 0 else _LEAST_LINE_SHARE):
            return None
    if told[best] < _LEAST_GAIN * _measure_told(picture, torch.zeros(1), torch.zeros(1)):
        return Lines()
    return Lines(found, spread * 2 / grey.shape[1])


def _find_crossing(known: Lines, grey: Tensor) -> Lines:
    """Find what crosses the upright lines of a picture (h, w), where those are the only ones.

    They converge so that the known ones lie evenly. How they lean is told by what is too short to
    be a line, as the joints between the bricks of a course are; where nothing tells, they cross the
    known ones at right angles in the middle.
    """
    picture = _shrink(grey, _SEARCH_SIDES[-1])
    shrink = picture.shape[1] / grey.shape[1]
    small = Lines(known.lean, known.spread / shrink)
    means, weight = _average_along(
        picture, torch.tensor([small.lean]), torch.tensor([small.spread])
    )
    profile = means[0] * (weight[0] > 0)
    narrowing = _find_narrowing(profile) * shrink

    def cross(lean: float) -> Lines:
        # What divides the coordinates is 1 + narrowing · x: see `_make_homography`.
        return Lines(lean, narrowing * (1 - lean * known.lean) + known.spread * lean)

    square = cross(-known.lean)
    rest = picture - _draw(small, profile, picture.shape[0])
    told = _find_lean(rest.T.contiguous(), square.spread / shrink)
    return square if told is None else cross(told)


def _draw(lines: Lines, profile: Tensor, height: int) -> Tensor:
    """Draw a picture, shape (height, n), that lines alone make; each as bright as its profile."""
    n = len(profile)
    y, x = torch.arange(height)[:, None] - (height - 1) / 2, torch.arange(n) - (n - 1) / 2
    place = (x - lines.lean * y) / (1 + lines.spread * y) + (n - 1) / 2
    left = place.floor().clamp(0, n - 2).long()
    part = (place - left).clamp(0, 1)
    return profile[left] * (1 - part) + profile[left + 1] * part


def _find_lean(picture: Tensor, spread: float) -> float | None:
    """Find the lean at which a picture's means along lines vary most; None if that tells little."""
    step = 2 / picture.shape[0]
    reach = int(_MOST_LEAN / step)
    leans = torch.arange(-reach, reach + 1) * step
    told = _measure_told(picture, leans, torch.full_like(leans, spread))
    best = int(told.argmax())
    least = max(_LEAST_SHORT_SHARE, _LEAST_SHORT_GAIN * float(told.median()))
    return float(leans[best]) if told[best] > least else None


def _find_narrowing(profile: Tensor) -> float:
    """Find the k for which a profile at a / (1 − k a) repeats, a from its middle; 0 for none.

    A profile that repeats is made of few frequencies. They are counted by Σ P² / (Σ P)², which is
    one over their number if they are alike.
    """
    n = len(profile)
    reach = round(_MOST_CONVERGENCE * n / 2)
    steps = torch.arange(-reach, reach + 1)
    narrowings = steps * 4 / n**2  # moves the ends by a texel
    a = torch.arange(n) - (n - 1) / 2
    place = a / (1 - narrowings[:, None] * a) + (n - 1) / 2
    left = place.floor().clamp(0, n - 2).long()
    part = place - left
    values = profile[left] * (1 - part) + profile[left + 1] * part
    values = values * ((place >= 0) & (place <= n - 1)) * torch.hann_window(n)
    power = torch.fft.rfft(values)[:, 3:].abs().square()
    count = power.square().sum(1) / power.sum(1).square().clamp_min(1e-20)
    best = int(count.argmax())
    evenly = count[best] > _LEAST_EVENNESS * count[len(steps) // 2]
    return float(narrowings[best]) if evenly else 0.0


def _shrink(grey: Tensor, side: int) -> Tensor:
    """Shrink a picture to a longer side, and take away what changes slowly over it."""
    shrink = min(1.0, side / max(grey.shape))
    size = [max(8, round(n * shrink)) for n in grey.shape]
    x = F.interpolate(grey.detach().float().cpu()[None, None], size, mode="area")[0]
    return (x - smooth(x, max(3, (min(size) // 4) | 1)))[0]


def _measure_told(picture: Tensor, leans: Tensor, spreads: Tensor) -> Tensor:
    """Measure the share of a picture's variance that the line alone tells, by choice of lines."""
    shares = []
    for lean, spread in zip(leans.split(64), spreads.split(64), strict=True):
        means, weight = _average_along(picture, lean, spread)
        shares.append((means.square() * weight).sum(1) / weight.sum(1).clamp_min(1))
    return torch.cat(shares) / picture.square().mean().clamp_min(1e-12)


def _average_along(picture: Tensor, leans: Tensor, spreads: Tensor) -> tuple[Tensor, Tensor]:
    """Average along n choices of lines; with it how much of each line is known: both (n, w)."""
    h, w = picture.shape
    y, a = torch.arange(h) - (h - 1) / 2, torch.arange(w) - (w - 1) / 2
    x = a + y[:, None] * (leans[:, None, None] + spreads[:, None, None] * a) + (w - 1) / 2
    left = x.floor().long()
    inside = (left >= 0) & (left < w - 1)
    part, left = x - left, left.clamp(0, w - 2)
    rows = picture.expand(len(leans), h, w)
    values = (rows.gather(2, left) * (1 - part) + rows.gather(2, left + 1) * part) * inside
    count = inside.sum(1)
    # Of a line that is mostly outside, too little is known.
    return values.sum(1) / count.clamp_min(1), count * (count >= h / 2)


def _make_homography(upright: Lines, level: Lines) -> Tensor:
    """Take both vanishing points to infinity, and keep the middle as it is: (3, 3), on (x, y, 1).

    The upright lines meet at (−lean / spread, −1 / spread), the level ones at that with x and y
    exchanged.
    """
    s, k, t, m = upright.lean, upright.spread, level.lean, level.spread
    turn = 1 - s * t
    rows = [[1.0, -s, 0.0], [-t, 1.0, 0.0], [(m - k * t) / turn, (k - m * s) / turn, 1.0]]
    # Across the lines, and in the middle, lengths stay as they are.
    across = torch.tensor([[math.hypot(1, s)], [math.hypot(1, t)], [1.0]])
    return (torch.tensor(rows) / across).double()


def _find_covered(
    homography: Tensor, height: int, width: int
) -> tuple[float, float, float, float] | None:
    """Find top, left, bottom and right of an upright rectangle that a straightened picture covers.

    None where too little is left of it.
    """
    y, x = (height - 1) / 2, (width - 1) / 2
    corners = torch.tensor([[-x, -y, 1], [x, -y, 1], [-x, y, 1], [x, y, 1]]).double()
    points = corners @ homography.T
    if points[:, 2].min() <= 0.25:  # towards the horizon
        return None
    upper_left, upper_right, lower_left, lower_right = (points[:, :2] / points[:, 2:]).tolist()
    left, right = max(upper_left[0], lower_left[0]), min(upper_right[0], lower_right[0])
    top, bottom = max(upper_left[1], upper_right[1]), min(lower_left[1], lower_right[1])
    if min((right - left) / width, (bottom - top) / height) < _LEAST_REMAINDER_SHARE:
        return None
    return top, left, bottom, right
