"""Bend a layout's pieces, so that no two copies of a piece are the same.

A layout shows the exemplar's own pieces, some of them more than once. Places are moved by smooth
random fields: a short one, of a fraction of a texel up to a texel, gives a stone another outline,
a long one, of a few texels, another shape. Statistics of features hardly change, so that nothing
has to be mended afterwards. Noise in the detail does as much against copies only where it takes
many evaluations to clear away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ..exemplars.directions import Directions
from ..surfaces import torus
from ..surfaces.sampling import sample_grid

# A field is as smooth as to be told from one number for so many texels.
_SPACING_TEXELS = 4
# Texels that bicubic sampling needs about a place.
_REACH_TEXELS = 3


class Wave(NamedTuple):
    """A smooth random field that places are moved by.

    Attributes:
        texels: How far they move down and across, each in the mean square.
        length: Texels within which they move one way.
        straight: Within how many times as many texels they move one way that lie beside each
            other, of what they move down, or above each other, of what they move across: the
            more, the straighter level and upright lines stay.
    """

    texels: float
    length: float
    straight: float = 1.0


def draw_bend(height: int, width: int, waves: Sequence[Wave], generator: torch.Generator) -> Tensor:
    """Draw the sum of smooth random fields on a torus, on the CPU.

    Args:
        height, width: Of the torus in texels.
        waves: What the fields are like.
        generator: On the CPU.

    Returns:
        Shape (2, ⌈height / 4⌉, ⌈width / 4⌉): how far places move down and to the right, in texels.

    Example:
        >>> field = draw_bend(64, 40, [Wave(0.5, 20)], torch.Generator().manual_seed(0))
        >>> field.shape, round(float(field.square().mean()), 3)
        (torch.Size([2, 16, 10]), 0.25)
    """
    shape = _, rows, columns = shape_bend(height, width)
    down, across = torch.fft.fftfreq(rows)[:, None], torch.fft.rfftfreq(columns)[None]
    field = torch.zeros(shape)
    for texels, length, straight in waves:
        noise = torch.randn(shape, generator=generator)
        frequency = torch.stack(
            [torch.hypot(down, straight * across), torch.hypot(straight * down, across)]
        )
        smooth = torch.exp(-0.5 * (length / _SPACING_TEXELS * frequency).square())
        smooth[:, 0, 0] = 0  # To move all places alike bends nothing.
        wave = torch.fft.irfft2(torch.fft.rfft2(noise) * smooth, s=(rows, columns))
        deviation = wave.square().mean((1, 2), keepdim=True).sqrt()
        field += texels * wave / deviation.clamp_min(1e-6)
    return field


def shape_bend(height: int, width: int) -> tuple[int, int, int]:
    """Say of which shape `draw_bend` draws the field of a torus."""
    return 2, math.ceil(height / _SPACING_TEXELS), math.ceil(width / _SPACING_TEXELS)


def bend(
    image: Tensor, field: Tensor, scale: tuple[float, float], directions: Sequence[Directions] = ()
) -> Tensor:
    """Move the places of an image on a torus along a field.

    Args:
        image: Shape (channels, h, w).
        field: See `draw_bend`, of a torus of the same proportions.
        scale: Texels of this image, down and across, for each texel of the field's.
        directions: Channels of it that turn with it.

    Returns:
        Shape (channels, h, w), sampled bicubically; each channel within its range, but directions,
        which have length 1.

    Example:
        >>> image = torch.rand(3, 32, 48)
        >>> field = draw_bend(32, 48, [Wave(0.5, 20)], torch.Generator().manual_seed(0))
        >>> torch.allclose(bend(image, field, (0.0, 0.0)), image, atol=1e-5)
        True
    """
    height, width = image.shape[-2:]
    moved = torus.resample(field, height, width).to(image) * image.new_tensor(scale)[:, None, None]
    farthest = float((field.abs().amax((1, 2)) * torch.tensor(scale)).amax())
    rim = min(math.ceil(farthest) + _REACH_TEXELS, height, width)
    moved = moved.clamp(_REACH_TEXELS - rim, rim - _REACH_TEXELS)
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
    )
    return sample_grid(padded[0], at)


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
