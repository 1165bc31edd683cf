"""Filters that derived maps have in common: a Gaussian on the torus, and pictures that do not wrap.

Images are tensors of shape (channels, height, width).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..surfaces.torus import Torus


def blurred(x: Tensor, sigma: float) -> Tensor:
    """A Gaussian of σ texels on the torus, by its transform exp(−2π²σ²f²)."""
    h, w = x.shape[-2:]
    fy = torch.fft.fftfreq(h, device=x.device)[:, None]
    fx = torch.fft.rfftfreq(w, device=x.device)[None]
    gain = torch.exp(-2 * (math.pi * sigma) ** 2 * (fy.square() + fx.square()))
    return torch.fft.irfft2(torch.fft.rfft2(x) * gain, s=(h, w))


def mirrored(make: Callable[[Tensor], Tensor], x: Tensor, surface: Torus) -> Tensor:
    """What a function on the torus makes of a picture, cut back.

    Where the picture does not wrap, its mirror image goes on beyond its border.
    """
    h, w = x.shape[-2:]
    for wraps, axis in ((surface.x, -1), (surface.y, -2)):
        x = x if wraps else torch.cat([x, x.flip(axis)], axis)
    return make(x)[..., :h, :w]
