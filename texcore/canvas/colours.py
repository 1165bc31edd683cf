"""Measure how the colours of an exemplar are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from ..exemplars.exemplar import Source
from .amplitude import average

# Added to every channel's variance, so that a flat one can be decorrelated.
FLAT_CHANNEL_VARIANCE = 1e-6


def move_to_float64(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Move sources to where there are numbers of 64 bits: Apple's GPUs have none.

    To measure them on the CPU is little work. Sources on other devices stay where they are.
    """
    return tuple(
        replace(s, image=s.image.cpu(), mask=None if s.mask is None else s.mask.cpu())
        if s.image.is_mps
        else s
        for s in sources
    )


def measure_colours(sources: Sequence[Source]) -> tuple[Tensor, Tensor]:
    """Measure mean (channels,) and covariance (channels, channels) of the colours, in float64.

    Example:
        >>> import torch
        >>> mean, covariance = measure_colours([Source(torch.tensor([[[0.0, 1.0]]]))])
        >>> float(mean), float(covariance)
        (0.5, 0.25)
    """
    means, covariances = [], []
    for source in sources:
        x = source.image.flatten(1).double()
        if source.mask is None:
            mean = x.mean(1)
            centred = x - mean[:, None]
            covariance = centred @ centred.T / x.shape[1]
        else:
            w = source.mask.flatten().double()
            w = w / w.sum()
            mean = x @ w
            centred = x - mean[:, None]
            covariance = (centred * w) @ centred.T
        means.append(mean)
        covariances.append(covariance)
    weights = [source.weight for source in sources]
    return average(means, weights), average(covariances, weights)
