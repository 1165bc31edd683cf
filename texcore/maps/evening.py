"""Even out what catches the eye when a texture repeats: one bright stone, a stain, a dark side.

A repeated texture is told by what it has once: the eye finds it in each repetition, and the grid
with it. So what is large in the texture is taken apart by size, in octaves and halves of them
(differences of Gaussians, Burt & Adelson 1983, *The Laplacian Pyramid*), and within each size what
differs from the mean by more than is usual there is drawn in. What is usual is the texture's own:
what covers a twentieth of it recurs, as the dark bricks of a wall do, and stays.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..contract.map_kinds import PICTURE
from ..pictures import Picture
from ..pictures.picture import from_display, strips, to_display
from ..surfaces import torus
from ..surfaces.torus import Torus
from .filters import blurred

#: Kinds of maps that are evened out: what light falls on.
SHOWN = (PICTURE, "base_color")
# Deviations of the Gaussians between which what stands out is looked for, of the shorter side; what
# is finer is the texture itself, what is broader is the same everywhere afterwards.
_FINEST, _BROADEST = 1 / 48, 1 / 12
_STEP = math.sqrt(2)
# Shorter side in texels on which it is looked for: the finest Gaussian has five of them.
_SEARCH_SIDE = 256
# Share of the texture within which differences are usual.
_USUAL = 0.95
# Brightness and two colour differences (ITU-R BT.601), which stand out by themselves.
_OPPONENT = ((0.299, 0.587, 0.114), (-0.169, -0.331, 0.5), (0.5, -0.419, -0.081))


def even_out(picture: Picture, share: float, surface: Torus) -> Picture:
    """Draw in what stands out in a texture.

    What is added is smooth: fine detail stays as it was, and so do the mean colours. In each band b
    of sizes, u what |b| exceeds on a twentieth of the texture, u tanh(b/u) takes the place of b;
    what is broader than all bands is levelled.

    Args:
        picture: Of colours; alpha stays.
        share: From 0, nothing, to 1, all that is found.
        surface: Says where the texture wraps; where it does not, its mirror image goes on.

    Returns:
        A picture of the same size, depth and encoding.

    Example:
        >>> pixels = np.random.default_rng(0).random((1, 96, 96), np.float32) * 0.2
        >>> pixels[:, 40:56, 40:56] += 0.7
        >>> made = even_out(Picture(pixels, "float"), 1.0, Torus(True, True)).pixels
        >>> bool(made[:, 44:52, 44:52].mean() < 0.7 * pixels[:, 44:52, 44:52].mean())
        True
    """
    colours = len(picture.pixels) - picture.has_alpha
    if not share or colours not in (1, 3):
        return picture
    shown = torch.from_numpy(picture.pixels[:colours].copy())
    if picture.linear:
        shown = torch.from_numpy(to_display(picture.pixels[:colours], 1.0))
    added = share * _find_correction(shown, surface)
    pixels = picture.pixels.copy()
    whole = picture.depth in ("uint8", "uint16")
    for rows in strips(pixels.shape):
        even = (shown[:, rows] + added[:, rows]).numpy()
        even = from_display(even, 1.0) if picture.linear else even
        pixels[:colours, rows] = even.clip(0, 1) if whole else even
    return replace(picture, pixels=pixels)


def _find_correction(shown: Tensor, surface: Torus) -> Tensor:
    """Find what is to be added to colours (channels, h, w) as displayed."""
    height, width = shown.shape[-2:]
    x = shown
    for wraps, axis in ((surface.y, -2), (surface.x, -1)):
        x = x if wraps else torch.cat([x, x.flip(axis)], axis)
    whole = x.shape[-2:]
    shrink = min(1.0, _SEARCH_SIDE / min(height, width))
    small = torus.resample(x, *(max(1, round(side * shrink)) for side in whole))
    side = shrink * min(height, width)
    if len(shown) == 3:
        opponent = shown.new_tensor(_OPPONENT)
        found = _correct(torch.einsum("ij,jhw->ihw", opponent, small), side)
        correction = torch.einsum("ij,jhw->ihw", torch.linalg.inv(opponent), found)
    else:
        correction = _correct(small, side)
    return torus.resample(correction, *whole)[:, :height, :width]


def _correct(x: Tensor, side: float) -> Tensor:
    """Find what evens out each channel by itself.

    Args:
        x: Channels, shape (c, h, w).
        side: The shorter side of the texture in texels.
    """
    total = torch.zeros_like(x)
    sigma = _FINEST * side
    finer = blurred(x, sigma)
    for _ in range(round(math.log(_BROADEST / _FINEST, _STEP))):
        sigma *= _STEP
        broader = blurred(x, sigma)
        band = finer - broader
        most = np.quantile(band.abs().flatten(1).numpy(), _USUAL, axis=1)
        usual = torch.from_numpy(most).to(x).clamp_min(torch.finfo(x.dtype).eps)[:, None, None]
        total += usual * torch.tanh(band / usual) - band
        finer = broader
    total -= finer
    return total - total.mean((-2, -1), keepdim=True)
