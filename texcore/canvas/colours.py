"""Measure how the colours of an exemplar are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from ..exemplars.exemplar import Source
from .amplitude import averaged

# Added to every channel's variance, so that a flat one can be decorrelated.
FLAT_VARIANCE = 1e-6


def measurable(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Where there are numbers of 64 bits: on Apple's GPUs there are none, and it is little work."""
    return tuple(
        replace(s, image=s.image.cpu(), mask=None if s.mask is None else s.mask.cpu())
        if s.image.is_mps
        else s
        for s in sources
    )


def measure_colours(sources: Sequence[Source]) -> tuple[Tensor, Tensor]:
    """Mean (channels,) and covariance (channels, channels) of the colours, in float64."""
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
    return averaged(means, weights), averaged(covariances, weights)
