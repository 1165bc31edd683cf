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
from collections.abc import Sequence

import torch
from torch import Tensor

from ..exemplars.directions import Directions
from .patchwork import Patchwork
from .sampler import LayoutSampler

# Texels about a joint within which most of a step is taken out.
_REACH_TEXELS = 48.0


def blend_joints(
    made: Patchwork,
    exemplar: Tensor,
    height: int,
    width: int,
    directions: Sequence[Directions] = (),
) -> Tensor:
    """Return a patchwork of an exemplar, its joints blended.

    Args:
        made: Where each texel is from, at any scale.
        exemplar: Shape (channels, h, w), of the scale wanted.
        height, width: Of the torus at that scale, in texels.
        directions: Channels of the exemplar that turn where places are moved.

    Returns:
        Shape (channels, height, width), within the exemplar's range, channel by channel.

    Example:
        >>> ramp = torch.arange(8.0).expand(1, 8, 8) / 8
        >>> places = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
        >>> blended = blend_joints(Patchwork(torch.stack(places), (8, 8)), ramp, 8, 8)
        >>> bool((blended[0, :, 7] - blended[0, :, 0]).abs().max() < 0.875)  # it was 7/8
        True
    """
    sampler = LayoutSampler(made, exemplar, height, width)
    image = sampler.render()
    rigidity = (2 * math.pi / _REACH_TEXELS) ** 2
    spectrum = rigidity * torch.fft.rfft2(image)
    weight = torch.full((height, width // 2 + 1), rigidity, device=image.device)
    for axis, n in ((0, height), (1, width)):
        wanted = _want_differences(sampler, image, axis)
        turn = torch.exp(2j * math.pi * torch.fft.fftfreq(n, device=image.device)) - 1
        transfer = turn[:, None] if axis == 0 else turn[None, : width // 2 + 1]
        spectrum += transfer.conj() * torch.fft.rfft2(wanted)
        weight = weight + transfer.abs().square()
    blended = torch.fft.irfft2(spectrum / weight, s=(height, width))
    low, high = (f(exemplar, dim=(1, 2), keepdim=True) for f in (torch.amin, torch.amax))
    blended = torch.minimum(torch.maximum(blended, low), high)
    jacobian = sampler.measure_jacobian() if directions else None
    if jacobian is not None:
        for channels in directions:
            blended = channels.turn(blended, jacobian)
    return blended


def _want_differences(sampler: LayoutSampler, image: Tensor, axis: int) -> Tensor:
    """The differences wanted from each texel to the next along an axis, (channels, h, w)."""
    own = image.roll(-1, axis + 1) - image
    joint = sampler.find_joints(axis)
    if not joint.any():
        return own
    rows, columns = joint.nonzero().T
    after = image.roll(-1, axis + 1)[:, rows, columns]
    from_here = sampler.sample(rows, columns, (1 - axis, axis)) - image[:, rows, columns]
    height, width = joint.shape
    beyond = (rows + 1 - axis) % height, (columns + axis) % width
    to_after = after - sampler.sample(*beyond, (axis - 1, -axis))
    own[:, rows, columns] = (from_here + to_after) / 2
    return own
