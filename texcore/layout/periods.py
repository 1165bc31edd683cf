"""Find whether a texture repeats, and the scale at which whole periods fit a torus.

A wall of 4.2 courses cannot close upon itself: some course would have to break. So an exemplar that
repeats along an axis is scaled until a whole number of its periods goes round.
"""

from __future__ import annotations

import math
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from ..surfaces.resizing import scaled

# Correlation at a period, and its rise over the trough before, from which on a texture repeats.
# Photographs: brick, weave and hexagons 0.24...0.60; stones, bark, grass below 0.13.
_LEAST_CORRELATION = 0.2
# The first peak that has this share of the highest one's height is the period.
_HIGH_PEAK_SHARE = 0.75
# Twice that peak is the period where two of it agree better than one, by this factor and with this
# correlation at least: a wall's bond shifts every other course.
_DOUBLE_PERIOD_GAIN, _LEAST_BOND_CORRELATION = 1.1, 0.25
# Of the exemplar's side: at longer lags too little of it lies over itself.
_LONGEST_LAG_SHARE = 0.7
_SHORTEST_PERIOD_TEXELS = 4
# Texels of a huge exemplar's longer side that it is scaled to first, to bound the memory.
_LARGEST_SIDE = 1024
# Scaled by more than this it would be another texture.
_MOST_SCALE = 1.19


def find_periods(image: Tensor) -> tuple[float | None, float | None]:
    """Find the periods of a picture in texels, down and across; None where it does not repeat.

    Args:
        image: Shape (channels, h, w).

    Example:
        >>> stripes = (torch.arange(96) % 12 < 6).float().expand(3, 80, 96)
        >>> down, across = find_periods(stripes)
        >>> down, round(across)
        (None, 12)
    """
    shrink = min(1.0, _LARGEST_SIDE / max(image.shape[-2:]))
    small = scaled(image.detach().float(), shrink, shrink).cpu()
    flat = flatten_light(small)
    # What is the same all along an axis, as courses are, says nothing of periods there.
    along_y = autocorrelate(flat - flat.mean(1, keepdim=True))
    along_x = autocorrelate(flat - flat.mean(2, keepdim=True))
    middle = along_x.shape[1] // 2
    y = _find_period(along_y[:, middle], along_x[:, middle])
    x = _find_period(along_x[0, middle:], along_y[0, middle:])
    rows, columns = (n / m for n, m in zip(image.shape[-2:], small.shape[-2:], strict=True))
    return y and y * rows, x and x * columns


def choose_scales(
    found: tuple[float | None, float | None], canvas: tuple[int, int], wraps: tuple[bool, bool]
) -> tuple[float, float]:
    """Choose the factors (y, x) to scale an exemplar by, so that whole periods go round a canvas.

    An axis that need not fit takes the other's factor, so that shapes keep their proportion.

    Args:
        found: Periods in texels, see `find_periods`.
        canvas: Height and width in texels of the exemplar.
        wraps: Which axes the texture shall repeat on, y and x.

    Example:
        >>> choose_scales((None, 30.0), (100, 100), (True, True))
        (1.1111111111111112, 1.1111111111111112)
    """
    choices = [
        [n / (count * period) for count in {math.floor(n / period), math.ceil(n / period)} if count]
        if period and wrap
        else []
        for period, n, wrap in zip(found, canvas, wraps, strict=True)
    ]
    choices = [[c for c in scales if 1 / _MOST_SCALE <= c <= _MOST_SCALE] for scales in choices]
    if not any(choices):
        return 1.0, 1.0
    ys, xs = choices
    pairs = product(ys, xs) if ys and xs else ((scale, scale) for scale in ys or xs)
    return min(pairs, key=_measure_distortion)


def _measure_distortion(scales: tuple[float, float]) -> float:
    """Measure how far scales change the exemplar: in size, and twice as bad, in proportion."""
    y, x = (math.log(s) for s in scales)
    return abs(y) + abs(x) + 2 * abs(y - x)


def flatten_light(image: Tensor) -> Tensor:
    """Take away light that changes slowly over a photo: it would agree with itself everywhere.

    Args:
        image: Shape (channels, h, w).
    """
    return image - smooth(image, max(3, (min(image.shape[-2:]) // 4) | 1))


def autocorrelate(x: Tensor) -> Tensor:
    """Correlate a picture with itself, normalised over what overlaps.

    Args:
        x: Shape (channels, h, w), of mean 0.

    Returns:
        Shape (m, 2 n + 1), by vertical lag from 0 and horizontal lag from −n, in texels, to lags of
        0.7 of the sides.
    """
    h, w = x.shape[-2:]
    size = (2 * h, 2 * w)
    sums = torch.fft.irfft2(torch.fft.rfft2(x, s=size).abs().square().sum(0), s=size)
    ones = torch.fft.rfft2(torch.ones(h, w), s=size)
    energy = torch.fft.rfft2(x.square().sum(0), s=size)
    later = torch.fft.irfft2(energy * ones.conj(), s=size)
    earlier = later.flip((0, 1)).roll((1, 1), (0, 1))
    correlation = sums / (later.clamp_min(1e-9) * earlier.clamp_min(1e-9)).sqrt()
    n = int(w * _LONGEST_LAG_SHARE) - 1
    return correlation.roll(n, 1)[: int(h * _LONGEST_LAG_SHARE), : 2 * n + 1]


def smooth(image: Tensor, k: int) -> Tensor:
    """Average over a square of odd side k around each texel, mirrored beyond the border.

    It is done by running sums: a pooling would visit k² texels for each, minutes for a picture of
    1024².

    Args:
        image: Shape (channels, h, w), larger than half of k.
        k: In texels, odd.
    """
    x = F.pad(image[None], (k // 2,) * 4, mode="reflect")[0].double()
    for axis in (1, 2):
        sums = F.pad(x.cumsum(axis), (1, 0) if axis == 2 else (0, 0, 1, 0))
        n = sums.shape[axis] - k
        x = (sums.narrow(axis, k, n) - sums.narrow(axis, 0, n)) / k
    return x.to(image.dtype)


def _find_period(profile: Tensor, bond: Tensor) -> float | None:
    """Find the period of a profile of correlations by lag.

    Args:
        profile: Of what changes along the axis.
        bond: The same of what changes across it: of a wall, its upright joints.
    """
    p = profile.tolist()
    peaks = _find_peaks(p, _LEAST_CORRELATION)
    if not peaks:
        return None
    highest = max(peaks.values())
    first = next(d for d, height in peaks.items() if height >= _HIGH_PEAK_SHARE * highest)
    for found in (peaks, _find_peaks(bond.tolist(), _LEAST_BOND_CORRELATION)):
        once, twice = _find_near(found, first), _find_near(found, 2 * first)
        if twice and found[twice] > _DOUBLE_PERIOD_GAIN * (found[once] if once else 0.0):
            first = _find_near(peaks, twice) or twice
            break
    # A peak many periods away tells the period more exactly.
    period = _refine_peak(p, first)
    for count in range(2, len(p) // first + 1):
        far = _find_near(peaks, count * period)
        if far and peaks[far] >= 0.6 * peaks[first]:
            period = _refine_peak(p, far) / count
    return period


def _find_peaks(p: list[float], least: float) -> dict[int, float]:
    """Find the peaks of a profile that are so high and rise so much, by their lags."""
    return {
        d: p[d]
        for d in range(_SHORTEST_PERIOD_TEXELS, len(p) - 1)
        if p[d - 1] <= p[d] > p[d + 1] and p[d] >= least and p[d] - min(p[:d]) >= least
    }


def _find_near(peaks: dict[int, float], lag: float) -> int | None:
    """Find the highest peak within a twentieth of a lag."""
    close = [d for d in peaks if abs(d - lag) <= max(2.0, lag / 20)]
    return max(close, key=lambda d: peaks[d], default=None)


def _refine_peak(p: list[float], d: int) -> float:
    """Find the top of the parabola through a peak and its neighbours."""
    before, at, after = p[d - 1 : d + 2]
    bend = before - 2 * at + after
    return d + (0.5 * (before - after) / bend if bend else 0.0)
