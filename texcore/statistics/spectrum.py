"""Power in bands of spatial frequency: how much of each fineness, and in which direction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Bands:
    """A partition of the frequencies of a real image on a torus into rings and sectors.

    Attributes:
        index: Shape (height·(width//2+1),), the band of each coefficient of `torch.fft.rfft2`.
        weight: Shape (height, width//2+1), how often a coefficient stands in the full transform.
        count: Shape (bands,), coefficients of the full transform per band.
    """

    index: Tensor
    weight: Tensor
    count: Tensor

    @classmethod
    def of(cls, height: int, width: int, sectors: int = 1, per_octave: int = 16) -> Bands:
        """Divide the frequencies of a canvas into bands; the tensors are on the CPU.

        Rings are one cycle per canvas wide at first, then ``per_octave`` to an octave; from six
        cycles on each is cut into ``sectors`` directions.
        """
        side = min(height, width)
        fy = torch.fft.fftfreq(height)[:, None].expand(height, width // 2 + 1)
        fx = torch.fft.rfftfreq(width)[None].expand(height, width // 2 + 1)
        r = torch.hypot(fy, fx) * side
        ring = torch.where(
            r < per_octave,
            r.round(),
            per_octave + (torch.log2(r.clamp_min(per_octave) / per_octave) * per_octave).round(),
        )
        direction = torch.atan2(fy, fx) / math.pi + 0.5
        sector = (direction * sectors).round() % sectors
        sector = torch.where(r < 6, torch.zeros_like(sector), sector)
        _, index = (ring * sectors + sector).long().flatten().unique(return_inverse=True)
        weight = torch.full((height, width // 2 + 1), 2.0)
        weight[:, 0] = 1
        if width % 2 == 0:
            weight[:, -1] = 1
        count = torch.zeros(int(index.max()) + 1).index_add_(0, index, weight.flatten())
        return cls(index, weight, count)

    def to(self, device: torch.device) -> Bands:
        """Return these bands with their tensors on a device."""
        return Bands(self.index.to(device), self.weight.to(device), self.count.to(device))


def band_power(image: Tensor, bands: Bands) -> Tensor:
    """Mean power per band; 1 everywhere for white noise of unit variance.

    Args:
        image: Shape (channels, height, width), real, on a torus.
        bands: For that height and width.

    Returns:
        Shape (channels, bands).
    """
    f = torch.fft.rfft2(image, norm="ortho")
    power = ((f.real.square() + f.imag.square()) * bands.weight).flatten(1)
    total = power.new_zeros(image.shape[0], len(bands.count))
    return total.index_add(1, bands.index, power) / bands.count
