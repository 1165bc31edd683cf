"""Take uneven light and soft shadows out of a photo, and leave its texture and colours.

Light multiplies what a surface reflects, so it is a sum in the logarithm, and it changes slowly
(Land & McCann 1971, *Lightness and Retinex Theory*). Of the logarithm of the luminance, in linear
light, what is wider than a share of the picture counts as light. All channels are divided by it, so
that no colour changes, only how bright it is.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..contract.map_kinds import PICTURE
from ..pictures import Picture
from ..pictures.picture import Pixels, from_display, strips, to_display

#: Kinds of maps that light falls on.
LIT = (PICTURE, "base_color")
_LUMINANCE = (0.2126, 0.7152, 0.0722)
# Longer side in texels at which light is looked for, and the deviation of the bell that averages
# it, in the picture's shorter side.
_SEARCH_SIDE, _WIDTH_SHARE = 192, 1 / 8
# What counts as no light at all, of white; and what light is changed by at most.
_BLACK, _MOST_GAIN = 1e-3, 4.0


def even_light(picture: Picture, share: float, place: Tensor | None = None) -> Picture:
    """Take a share of the uneven light out of a picture.

    Args:
        picture: Of colours; alpha stays.
        share: From 0, nothing, to 1, all that is found.
        place: Where the picture is to be made anew, shape (1, h, w), 0...1: nothing is learnt of
            the light there.

    Returns:
        A picture of the same size, depth and encoding, as bright as before on average.

    Example:
        >>> ramp = np.linspace(0.2, 0.8, 64, dtype=np.float32)
        >>> photo = Picture(np.broadcast_to(ramp, (3, 64, 64)).copy(), "uint8")
        >>> made = even_light(photo, 1.0).pixels
        >>> bool(np.ptp(made) < 0.1)
        True
    """
    colours = picture.pixels[:-1] if picture.has_alpha else picture.pixels
    light = _find_light(_find_luminance(colours, picture.linear), place)
    gain = (-share * light).clamp(-math.log(_MOST_GAIN), math.log(_MOST_GAIN)).exp()
    gain = F.interpolate(gain[None, None], colours.shape[1:], mode="bicubic")[0, 0].clamp_min(0)
    pixels = picture.pixels.copy()
    of_colours = pixels[: len(colours)]
    for rows in strips(colours.shape):
        lit = colours[:, rows] if picture.linear else from_display(colours[:, rows], 1.0)
        lit = lit * gain[rows].numpy()
        if not picture.linear:
            lit = to_display(lit, 1.0)
        whole = picture.depth in ("uint8", "uint16")
        of_colours[:, rows] = lit.clip(0, 1) if whole else lit
    return replace(picture, pixels=pixels)


def _find_luminance(colours: Pixels, linear: bool) -> Tensor:
    """Find the luminance (h, w) in linear light, small."""
    height, width = colours.shape[1:]
    shrink = min(1.0, _SEARCH_SIDE / max(height, width))
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    small = F.interpolate(torch.from_numpy(colours.copy())[None], size, mode="area")[0].numpy()
    lit = small if linear else from_display(small, 1.0)
    weights = _LUMINANCE if len(lit) == 3 else (1.0,)
    luminance: Tensor = torch.from_numpy(np.tensordot(np.array(weights, np.float32), lit, 1))
    return luminance


def _find_light(luminance: Tensor, place: Tensor | None) -> Tensor:
    """Find the logarithm of the light (h, w), 0 on average."""
    white = luminance.amax().clamp_min(1e-12)
    logarithm = (luminance / white).clamp_min(_BLACK).log()
    known = torch.ones_like(logarithm)
    if place is not None:
        known = 1 - F.adaptive_max_pool2d(place, logarithm.shape)[0]
    # A ramp would be flattened at the border by whatever averages only one side of it.
    trend = _fit_trend(logarithm, known)
    width = max(1.0, _WIDTH_SHARE * min(logarithm.shape))
    rest = _average((logarithm - trend) * known, width)
    light = trend + rest / _average(known, width).clamp_min(1e-6)
    return light - (light * known).sum() / known.sum().clamp_min(1)


def _fit_trend(x: Tensor, known: Tensor) -> Tensor:
    """Fit a plane to x (h, w), where it is known."""
    rows, columns = (torch.linspace(-1, 1, n, dtype=torch.float64) for n in x.shape)
    y, z = torch.meshgrid(rows, columns, indexing="ij")
    terms = torch.stack([torch.ones_like(y), y, z]).flatten(1)
    weighted = terms * known.flatten().double()
    ridge = 1e-6 * torch.eye(3, dtype=torch.float64)
    factors = torch.linalg.solve(weighted @ terms.T + ridge, weighted @ x.flatten().double())
    return (factors @ terms).view(x.shape).to(x)


def _average(x: Tensor, width: float) -> Tensor:
    """Average x (h, w) under a bell of that deviation in texels; beyond the border is nothing."""
    reach = math.ceil(3 * width)
    at = torch.arange(-reach, reach + 1).to(x)
    bell = torch.exp(-at.square() / (2 * width**2))
    padded = F.pad(x[None, None], (reach,) * 4)
    padded = F.conv2d(padded, (bell / bell.sum()).view(1, 1, -1, 1))
    return F.conv2d(padded, (bell / bell.sum()).view(1, 1, 1, -1))[0, 0]
