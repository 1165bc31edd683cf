"""Gram matrices and means of feature maps, and their distance with a gradient of one product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

# Least square of a target: a flat picture may excite no feature at all.
_SILENT = 1e-12


class FeatureStatistics(NamedTuple):
    """Averages over all positions of one layer.

    Attributes:
        gram: Shape (channels, channels), G = FᵀF / M with F the features at M positions (Gatys et
            al. 2015, equation 1, over M).
        mean: Shape (channels,).
    """

    gram: Tensor
    mean: Tensor


def measure_features(features: Tensor) -> FeatureStatistics:
    """The statistics of one layer in float32, or float64 for such features.

    Args:
        features: Shape (1, channels, h, w), any floating precision.
    """
    f = _positions(features)
    return FeatureStatistics(f.T @ f / f.shape[0], f.mean(0))


def mean_statistics(parts: Sequence[tuple[FeatureStatistics, int]]) -> FeatureStatistics:
    """The statistics of a whole from those of its parts and their numbers of positions."""
    positions = sum(n for _, n in parts)
    gram = sum(part.gram * (n / positions) for part, n in parts)
    mean = sum(part.mean * (n / positions) for part, n in parts)
    return FeatureStatistics(torch.as_tensor(gram), torch.as_tensor(mean))


def statistics_distance(
    measured: FeatureStatistics, target: FeatureStatistics, mean_weight: float
) -> tuple[Tensor, FeatureStatistics]:
    """How far statistics are from those of the exemplar, relative to these.

    ‖G − Ĝ‖² / ‖Ĝ‖² + w ‖m − m̂‖² / ‖m̂‖², with Ĝ and m̂ the target's Gram matrix and mean: Gatys'
    equation 3 made independent of a layer's scale, and a term that holds each feature's mean.

    Args:
        measured: Of the canvas.
        target: Of the exemplar, same layer.
        mean_weight: w; 0 leaves the means free.

    Returns:
        The number and its slope, the derivatives with respect to ``measured``.
    """
    gram_error, mean_error = measured.gram - target.gram, measured.mean - target.mean
    gram_scale = 1 / target.gram.square().sum().clamp_min(_SILENT)
    mean_scale = mean_weight / target.mean.square().sum().clamp_min(_SILENT)
    return (
        gram_error.square().sum() * gram_scale + mean_error.square().sum() * mean_scale,
        FeatureStatistics(2 * gram_scale * gram_error, 2 * mean_scale * mean_error),
    )


def features_gradient(features: Tensor, slope: FeatureStatistics, positions: float) -> Tensor:
    """The gradient with respect to features, or a part of them, from that to their statistics.

    Statistics are averages over positions, so the gradient at a position depends on the features
    there and on the slope alone: (2 F dL/dG + dL/dm) / M.

    Args:
        features: F, shape (1, channels, h, w).
        slope: Derivatives with respect to the statistics; that to the Gram matrix is symmetric.
        positions: M, of all that the statistics were taken of.
    """
    h, w = features.shape[-2:]
    f = features.permute(0, 2, 3, 1).reshape(h * w, -1)
    # In the features' own precision: what flows on from here is in it anyway.
    gradient = torch.addmm(
        (slope.mean / positions).to(f.dtype), f, (slope.gram * (2 / positions)).to(f.dtype)
    )
    return gradient.view(1, h, w, -1).permute(0, 3, 1, 2)


def feature_distance(features: Tensor, target: FeatureStatistics, mean_weight: float) -> Tensor:
    """`statistics_distance` of features, (1, channels, h, w), with a gradient to them."""
    distance: Tensor = _Distance.apply(features, target.gram, target.mean, mean_weight)
    return distance


class _Distance(torch.autograd.Function):
    # Autograd would take the gradient of FᵀF by two products and keep copies of F in float32.

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, target_gram: Tensor, target_mean: Tensor, mean_weight: float
    ) -> Tensor:
        target = FeatureStatistics(target_gram, target_mean)
        distance, slope = statistics_distance(measure_features(features), target, mean_weight)
        ctx.save_for_backward(features, *slope)
        return distance

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, gram_slope, mean_slope = ctx.saved_tensors
        slope = FeatureStatistics(gram_slope * upstream[0], mean_slope * upstream[0])
        positions = features.shape[-1] * features.shape[-2]
        return features_gradient(features, slope, positions), None, None, None


def _positions(features: Tensor) -> Tensor:
    """(1, c, h, w) → (h·w, c), at least in float32: half precision overflows in a Gram matrix."""
    f = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])
    return f if f.dtype == torch.float64 else f.float()
