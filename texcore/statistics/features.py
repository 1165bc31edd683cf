"""What is measured of one layer's features: their Gram matrix and their means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

# Numbers of features that are made float32 at a time on a processor: they stay in its cache.
_BLOCK_NUMBERS = 2**18


class FeatureStatistics(NamedTuple):
    """Averages over all positions of one layer.

    Attributes:
        gram: Shape (channels, channels), G = FᵀF / M with F the features at M positions (Gatys et
            al. 2015, equation 1, over M).
        mean: Shape (channels,).
    """

    gram: Tensor
    mean: Tensor


def measure_features(
    features: Tensor, guide: Tensor | None = None, direct: bool = False
) -> FeatureStatistics:
    """The statistics of one layer in float32, or float64 for such features.

    Args:
        features: Shape (b, channels, h, w), any floating precision; all pictures of a batch count
            as one.
        guide: Weight of each position, shape (h, w), 1 in sum over all that is measured, of which
            ``features`` may be a part. None weighs all alike.
        direct: Whether all positions are multiplied at once; see `FeatureNetwork.to`.

    Example:
        >>> found = measure_features(torch.tensor([[[[1.0, 3.0]], [[2.0, 0.0]]]]))
        >>> found.gram.tolist(), found.mean.tolist()
        ([[5.0, 1.0], [1.0, 2.0]], [2.0, 1.0])
    """
    if not direct and _suits_blocks(features):
        return _measure_blocks(features.permute(0, 2, 3, 1).flatten(0, 2), guide)
    f = _positions(features)
    if guide is None:
        return FeatureStatistics(f.T @ f / f.shape[0], f.mean(0))
    g = guide.flatten().to(f.dtype)
    return FeatureStatistics((f * g[:, None]).T @ f, g @ f)


def _suits_blocks(features: Tensor) -> bool:
    """Whether features are measured faster some at a time."""
    return features.device.type == "cpu" and features.dtype.itemsize == 2


def _measure_blocks(features: Tensor, guide: Tensor | None) -> FeatureStatistics:
    """Measure features (positions, channels) of half precision, some positions at a time."""
    count, channels = features.shape
    gram, mean = torch.zeros(channels, channels), torch.zeros(channels)
    weights = torch.full((count,), 1 / count) if guide is None else guide.flatten().float()
    rows = max(channels, _BLOCK_NUMBERS // channels)
    for f, weight in zip(features.split(rows), weights.split(rows), strict=True):
        f = f.float()
        weighted = f if guide is None else f * weight[:, None]
        gram.addmm_(weighted.T, f)
        mean.addmv_(f.T, weight)
    return FeatureStatistics(gram / count if guide is None else gram, mean)


def mean_statistics(parts: Sequence[tuple[FeatureStatistics, float]]) -> FeatureStatistics:
    """The statistics of a whole from those of its parts and their weights.

    Parts of one picture weigh as many positions as they have; pictures weigh as they are mixed.
    Those of a guide are summed as they are: their weights are in them.
    """
    total = sum(n for _, n in parts)
    gram = sum(part.gram * (n / total) for part, n in parts)
    mean = sum(part.mean * (n / total) for part, n in parts)
    return FeatureStatistics(torch.as_tensor(gram), torch.as_tensor(mean))


def features_gradient(
    features: Tensor, slope: FeatureStatistics, weights: float | Tensor
) -> Tensor:
    """The gradient with respect to features, or a part of them, from that to their statistics.

    Statistics are averages over positions, so the gradient at a position depends on the features
    there and on the slope alone: w (2 F dL/dG + dL/dm).

    Args:
        features: F, shape (b, channels, h, w); b is 1 if ``weights`` is a guide.
        slope: Derivatives with respect to the statistics; that to the Gram matrix is symmetric.
        weights: w, one over the positions that the statistics were taken of, or the guide, (h, w).
    """
    b, _, h, w = features.shape
    f = features.permute(0, 2, 3, 1).reshape(b * h * w, -1)
    # In the features' own precision: what flows on from here is in it anyway.
    even = 1.0 if isinstance(weights, Tensor) else weights
    gradient = torch.addmm(
        (slope.mean * even).to(f.dtype), f, (slope.gram * (2 * even)).to(f.dtype)
    )
    if isinstance(weights, Tensor):
        gradient = gradient * weights.reshape(h * w, 1).to(f.dtype)
    return gradient.view(b, h, w, -1).permute(0, 3, 1, 2)


def _positions(features: Tensor) -> Tensor:
    """(b, c, h, w) → (b·h·w, c), at least in float32: half precision overflows in a Gram matrix."""
    f = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])
    return f if f.dtype == torch.float64 else f.float()
