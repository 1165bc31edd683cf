"""Bend a layout's pieces a little, so that no two copies of a piece are the same.

A layout shows the exemplar's own pieces, some of them more than once. Places are moved by a smooth
random field of a fraction of a texel up to a few texels: a stone keeps its look and gets another
outline, and statistics of features hardly change, so that nothing has to be mended afterwards.
Noise in the detail does as much against copies only where it takes many evaluations to clear away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..exemplars.directions import Directions
from ..surfaces import torus

# Texels within which a field bends one way: about the size of the smallest things in a photo.
_WAVE_TEXELS = 20.0
# The field is as smooth as to be told from one number for so many texels.
_SPACING_TEXELS = 4
# Texels about an image that its bent copy may show beyond its border.
_RIM_TEXELS = 12


def draw_bend(height: int, width: int, generator: torch.Generator) -> Tensor:
    """Draw a smooth random field on a torus, on the CPU.

    Args:
        height, width: Of the torus in texels.
        generator: On the CPU.

    Returns:
        Shape (2, ⌈height / 4⌉, ⌈width / 4⌉): how far places move down and to the right, with a
        deviation of 1 each.

    Example:
        >>> field = draw_bend(64, 40, torch.Generator().manual_seed(0))
        >>> field.shape, round(float(field.square().mean()), 3)
        (torch.Size([2, 16, 10]), 1.0)
    """
    _, rows, columns = shape = shape_bend(height, width)
    noise = torch.randn(shape, generator=generator)
    waves = _WAVE_TEXELS / _SPACING_TEXELS
    across = torch.hypot(torch.fft.fftfreq(rows)[:, None], torch.fft.rfftfreq(columns)[None])
    smooth = torch.exp(-0.5 * (waves * across).square())
    smooth[0, 0] = 0  # To move all places alike bends nothing.
    field = torch.fft.irfft2(torch.fft.rfft2(noise) * smooth, s=(rows, columns))
    return field / field.square().mean((1, 2), keepdim=True).sqrt().clamp_min(1e-6)


def shape_bend(height: int, width: int) -> tuple[int, int, int]:
    """Say of which shape `draw_bend` draws the field of a torus."""
    return 2, math.ceil(height / _SPACING_TEXELS), math.ceil(width / _SPACING_TEXELS)


def bend(
    image: Tensor, field: Tensor, texels: tuple[float, float], directions: Sequence[Directions] = ()
) -> Tensor:
    """Move the places of an image on a torus along a field.

    Args:
        image: Shape (channels, h, w).
        field: See `draw_bend`, of a torus of the same proportions.
        texels: By how many texels of this image places move, in the mean square, down and across.
        directions: Channels of it that turn with it.

    Returns:
        Shape (channels, h, w), sampled bicubically; each channel within its range, but directions,
        which have length 1.

    Example:
        >>> image = torch.rand(3, 32, 48)
        >>> field = draw_bend(32, 48, torch.Generator().manual_seed(0))
        >>> torch.allclose(bend(image, field, (0.0, 0.0)), image, atol=1e-5)
        True
    """
    height, width = image.shape[-2:]
    moved = torus.resample(field, height, width).to(image) * image.new_tensor(texels)[:, None, None]
    moved = moved.clamp(1 - _RIM_TEXELS, _RIM_TEXELS - 1)
    rim = min(_RIM_TEXELS, height, width)
    low, high = (f(image, dim=(1, 2), keepdim=True) for f in (torch.amin, torch.amax))
    made = torch.minimum(torch.maximum(_sample(torus.pad(image[None], rim), moved, rim), low), high)
    for channels in directions:
        made = channels.turn(made, _measure_jacobian(moved))
    return made


def _sample(padded: Tensor, moved: Tensor, rim: int) -> Tensor:
    """Sample a padded image (1, channels, h', w') at moved places (2, h, w)."""
    height, width = moved.shape[-2:]
    rows, columns = (
        torch.arange(n, device=moved.device, dtype=moved.dtype) + rim + 0.5 for n in (height, width)
    )
    at = torch.stack(
        [
            (moved[1] + columns) * (2 / padded.shape[-1]) - 1,
            (moved[0] + rows[:, None]) * (2 / padded.shape[-2]) - 1,
        ],
        -1,
    )[None]
    if padded.device.type == "mps":  # It has no bicubic sampling.
        return _sample_bicubic(padded.cpu(), at.cpu()).to(padded.device)
    return _sample_bicubic(padded, at)


def _sample_bicubic(padded: Tensor, at: Tensor) -> Tensor:
    sampled: Tensor = F.grid_sample(
        padded, at, mode="bicubic", padding_mode="border", align_corners=False
    )[0]
    return sampled


def _measure_jacobian(moved: Tensor) -> Tensor:
    """Measure how the places sampled move for a texel, see `Directions.turn`."""
    down, right = moved
    return torch.stack(
        [
            torch.stack([1 + _differ(right, -1), _differ(right, -2)]),
            torch.stack([_differ(down, -1), 1 + _differ(down, -2)]),
        ]
    )


def _differ(x: Tensor, axis: int) -> Tensor:
    """Central differences on a torus."""
    return (x.roll(-1, axis) - x.roll(1, axis)) / 2
