"""Blend the joints of a patchwork: brightness and colour go over them without a step.

Gradient-domain fusion (Pérez, Gangnet & Blake 2003, *Poisson Image Editing*): the image is asked
for that has the patchwork's own differences from texel to texel, but across a joint those that the
exemplar has beside it; and that stays near the patchwork, so that a step is taken out about the
joint and nothing is far from it. On a torus that is one division of Fourier coefficients:

    x̂ = (ε x̂₀ + Σ conj(d̂) ĝ) / (ε + Σ |d̂|²)

with x₀ the patchwork, g the differences wanted along either axis, d̂ the transfer of a difference.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .patchwork import Patchwork

# Texels about a joint within which most of a step is taken out.
_REACH_TEXELS = 48.0
# Origins of neighbours that differ from neighbours by no more are rounded differently.
_ROUNDING_TEXELS = 1


def blend_joints(made: Patchwork, exemplar: Tensor, height: int, width: int) -> Tensor:
    """Return a patchwork of an exemplar, its joints blended.

    Args:
        made: Where each texel is from, at any scale.
        exemplar: Shape (channels, h, w), of the scale wanted.
        height, width: Of the torus at that scale, in texels.

    Returns:
        Shape (channels, height, width), within the exemplar's range, channel by channel.

    Example:
        >>> ramp = torch.arange(8.0).expand(1, 8, 8) / 8
        >>> places = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
        >>> blended = blend_joints(Patchwork(torch.stack(places), (8, 8)), ramp, 8, 8)
        >>> bool((blended[0, :, 7] - blended[0, :, 0]).abs().max() < 0.875)  # it was 7/8
        True
    """
    rows, columns = made.find_origins(exemplar, height, width)
    image = exemplar[:, rows, columns]
    rigidity = (2 * math.pi / _REACH_TEXELS) ** 2
    spectrum = rigidity * torch.fft.rfft2(image)
    weight = torch.full((height, width // 2 + 1), rigidity, device=image.device)
    for axis, n in ((0, height), (1, width)):
        wanted = _want_differences(exemplar, image, (rows, columns), axis)
        turn = torch.exp(2j * math.pi * torch.fft.fftfreq(n, device=image.device)) - 1
        transfer = turn[:, None] if axis == 0 else turn[None, : width // 2 + 1]
        spectrum += transfer.conj() * torch.fft.rfft2(wanted)
        weight = weight + transfer.abs().square()
    blended = torch.fft.irfft2(spectrum / weight, s=(height, width))
    low, high = (f(exemplar, dim=(1, 2), keepdim=True) for f in (torch.amin, torch.amax))
    return torch.minimum(torch.maximum(blended, low), high)


def _want_differences(
    exemplar: Tensor, image: Tensor, origins: tuple[Tensor, Tensor], axis: int
) -> Tensor:
    """The differences wanted from each texel to the next along an axis, (channels, h, w)."""
    here, after = origins, tuple(o.roll(-1, axis) for o in origins)
    own = image.roll(-1, axis + 1) - image
    ahead = [a - h for a, h in zip(after, here, strict=True)]
    ahead[axis] = ahead[axis] - 1
    joint = torch.maximum(ahead[0].abs(), ahead[1].abs()) > _ROUNDING_TEXELS
    if not joint.any():
        return own
    from_here = _measure_steps(exemplar, (here[0][joint], here[1][joint]), axis, 1)
    to_after = -_measure_steps(exemplar, (after[0][joint], after[1][joint]), axis, -1)
    own[:, joint] = (from_here + to_after) / 2
    return own


def _measure_steps(exemplar: Tensor, at: tuple[Tensor, Tensor], axis: int, way: int) -> Tensor:
    """What the exemplar changes by from places to those beside them; nothing at its border."""
    beside = list(at)
    beside[axis] = (beside[axis] + way).clamp(0, exemplar.shape[axis + 1] - 1)
    return exemplar[:, beside[0], beside[1]] - exemplar[:, at[0], at[1]]
