"""Measure the amplitude of an exemplar at each frequency, windowed and smoothed, for a canvas."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..surfaces import torus

# Of a spectrum's peak, what every frequency has at least: none is out of the optimiser's reach.
_LEAST_POWER_SHARE = 1e-7
# Texels of a huge exemplar that its spectrum is taken from, about its middle.
_MOST_SPECTRUM_SIDE = 2048


def average(values: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """Average tensors of one shape by weights; one alone is given back itself.

    Example:
        >>> average([torch.tensor([1.0]), torch.tensor([5.0])], [3.0, 1.0])
        tensor([2.])
    """
    if len(values) == 1:
        return values[0]
    total = sum(weights)
    return torch.stack([v * (w / total) for v, w in zip(values, weights, strict=True)]).sum(0)


def measure_amplitude(
    decorrelated: Sequence[Tensor],
    weights: Sequence[float],
    height: int,
    width: int,
    directional: float,
) -> Tensor:
    """Measure S for a canvas: shape (channels, height, width//2+1), mean square 1 over frequencies.

    Args:
        decorrelated: Pictures whose spectra are averaged, each (channels, h, w).
        weights: Of these.
        height, width: Of the canvas in texels.
        directional: Share of the two-dimensional spectrum, 0...1; the rest is its mean over rings.
    """
    powers = []
    for x in decorrelated:
        power = _measure_power(_cut_middle(x, _MOST_SPECTRUM_SIDE))
        h, w = power.shape[-2:]
        fy = torch.fft.fftfreq(height, device=power.device, dtype=power.dtype)[:, None]
        fx = torch.fft.rfftfreq(width, device=power.device, dtype=power.dtype)[None]
        mixed = (1 - directional) * _average_rings(power, fy, fx)
        if directional:
            mixed = mixed + directional * _sample(power, fy * h, fx * w)
        powers.append(mixed)
    mixed = average(powers, weights)
    # These columns hold both signs of every fy, which a real image has in common.
    for column in (0, -1) if width % 2 == 0 else (0,):
        edge = mixed[..., column]
        mixed[..., column] = (edge + edge.flip(-1).roll(1, -1)) / 2
    peak = mixed.amax((-2, -1), keepdim=True).clamp_min(1e-12)  # a flat channel has none
    mixed = torch.maximum(mixed, _LEAST_POWER_SHARE * peak)
    weight = torch.full_like(mixed[:1, :1], 2.0)[0]
    weight[:, 0] = 1
    if width % 2 == 0:
        weight[:, -1] = 1
    mean_square = (mixed * weight).sum((-2, -1), keepdim=True) / (height * width)
    return (mixed / mean_square).sqrt()


def _cut_middle(x: Tensor, side: int) -> Tensor:
    """Cut the middle of a picture (..., h, w), at most so many texels a side."""
    h, w = x.shape[-2:]
    top, left = max(0, h - side) // 2, max(0, w - side) // 2
    return x[..., top : top + side, left : left + side]


def _measure_power(x: Tensor) -> Tensor:
    """Measure the power spectrum (channels, h, w), windowed to keep the border's jump out."""
    h, w = x.shape[-2:]
    window = torch.outer(
        torch.hann_window(h + 2, periodic=False, dtype=x.dtype, device=x.device)[1:-1],
        torch.hann_window(w + 2, periodic=False, dtype=x.dtype, device=x.device)[1:-1],
    )
    mean = (x * window).sum((-2, -1), keepdim=True) / window.sum()
    return torch.fft.fft2((x - mean) * window).abs().square() / window.square().sum()


def _average_rings(power: Tensor, fy: Tensor, fx: Tensor) -> Tensor:
    """Average a spectrum over rings of equal frequency, and read it at other frequencies."""
    h, w = power.shape[-2:]
    side = min(h, w)
    gy = torch.fft.fftfreq(h, device=power.device, dtype=power.dtype)[:, None]
    gx = torch.fft.fftfreq(w, device=power.device, dtype=power.dtype)[None]
    ring = (torch.hypot(gy, gx) * side).round().long().flatten()
    count = torch.zeros(int(ring.max()) + 1, device=power.device, dtype=power.dtype)
    count = count.index_add(0, ring, torch.ones_like(ring, dtype=power.dtype))
    total = power.new_zeros(power.shape[0], len(count)).index_add(1, ring, power.flatten(1))
    mean = total / count.clamp_min(1)
    # Below one cycle the exemplar says nothing: its first ring stands for all of it.
    r = (torch.hypot(fy, fx) * side).clamp(1, len(count) - 1)
    low = r.floor().long().clamp_max(len(count) - 2)
    t = r - low
    return mean[:, low] * (1 - t) + mean[:, low + 1] * t


def _sample(power: Tensor, cycles_y: Tensor, cycles_x: Tensor) -> Tensor:
    """Smooth a two-dimensional spectrum over 3×3, and read it between its own frequencies."""
    h, w = power.shape[-2:]
    p = F.avg_pool2d(torus.pad(torch.fft.fftshift(power, dim=(-2, -1))[None], 1), 3, 1)
    y = ((cycles_y + h // 2 + 0.5) / h * 2 - 1).expand(-1, cycles_x.shape[-1])
    x = ((cycles_x + w // 2 + 0.5) / w * 2 - 1).expand(cycles_y.shape[0], -1)
    grid = torch.stack([x, y], -1)[None]
    return F.grid_sample(p, grid, padding_mode="border", align_corners=False)[0]
