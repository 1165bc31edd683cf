"""How far the statistics of a layer are from the exemplar's, by any choice of terms.

Every term is a function of the Gram matrix G and the means m, both averages over positions. So all
of them can be summed tile by tile, and the gradient at a feature follows from the slope, the
derivatives with respect to G and m.

| term | compares |
|---|---|
| ``gram`` | G (Gatys et al. 2015) |
| ``gap`` | m, global average pooling |
| ``covariance`` | G − m mᵀ |
| ``deviation`` | σ, with σᵢ² = Gᵢᵢ − mᵢ² (beside ``gap``: Huang & Belongie 2017) |

``relative`` scaling divides each squared difference by the square of the exemplar's value, which
makes layers of any scale alike. ``channels`` divides by the number of channels N alone: by 4 N²
where matrices are compared, Gatys' equation 4 with G over M, and by N where vectors are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .features import FeatureStatistics, features_gradient, measure_features

SCALINGS = ("relative", "channels")

# Least square of a target: a flat picture may excite no feature at all.
_SILENT = 1e-12


@dataclass(frozen=True)
class Target:
    """What a layer's statistics shall become, and what it costs where they are not.

    Attributes:
        statistics: Of the exemplar, in the coordinates of ``transform``.
        terms: Names from `TERMS` and their weights.
        scaling: One of `SCALINGS`.
        transform: T, applied to every feature vector before anything is compared: shape
            (channels,) multiplies each channel, (k, channels) projects; None compares the features
            themselves.
        guide: Where on the canvas: weight of each position, shape (h, w) of the layer's grid, 1 in
            sum; None for all positions alike.
        direct: How the canvas is measured; see `measure_features`.
    """

    statistics: FeatureStatistics
    terms: tuple[tuple[str, float], ...] = (("gram", 1.0),)
    scaling: str = "relative"
    transform: Tensor | None = None
    guide: Tensor | None = None
    direct: bool = False


def transformed(statistics: FeatureStatistics, transform: Tensor | None) -> FeatureStatistics:
    """The statistics of T f from those of f: T G Tᵀ and T m; see `Target.transform`."""
    gram, mean = statistics
    if transform is None:
        return statistics
    t = transform.to(gram)
    if t.dim() == 1:
        return FeatureStatistics(gram * t[:, None] * t, mean * t)
    return FeatureStatistics(t @ gram @ t.T, t @ mean)


def statistics_distance(
    measured: FeatureStatistics, target: Target
) -> tuple[Tensor, FeatureStatistics]:
    """How far statistics are from those wanted.

    Args:
        measured: Of the canvas, as the network gives them.
        target: Of the same layer.

    Returns:
        The number and its slope, the derivatives with respect to ``measured``.
    """
    here = transformed(measured, target.transform)
    value = here.gram.new_zeros(())
    slope = FeatureStatistics(torch.zeros_like(here.gram), torch.zeros_like(here.mean))
    for name, weight in target.terms:
        term, term_slope = _COMPARED[name](here, target.statistics, target.scaling)
        value = value + weight * term
        slope = FeatureStatistics(*(s + weight * t for s, t in zip(slope, term_slope, strict=True)))
    t = target.transform
    if t is not None:
        # The transform's transpose takes the slope back.
        slope = transformed(slope, t.T if t.dim() == 2 else t)
    return value, slope


def feature_distance(features: Tensor, target: Target) -> Tensor:
    """`statistics_distance` of features, (1, channels, h, w), with a gradient to them."""
    distance: Tensor = _Distance.apply(features, target)
    return distance


class _Distance(torch.autograd.Function):
    # Autograd would take the gradient of FᵀF by two products and keep copies of F in float32.

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: Target) -> Tensor:
        measured = measure_features(features, target.guide, target.direct)
        distance, slope = statistics_distance(measured, target)
        ctx.save_for_backward(features, *slope)
        ctx.guide = target.guide
        return distance

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, gram_slope, mean_slope = ctx.saved_tensors
        slope = FeatureStatistics(gram_slope * upstream[0], mean_slope * upstream[0])
        weights = 1 / features[0, 0].numel() if ctx.guide is None else ctx.guide
        return features_gradient(features, slope, weights), None


def _squared(value: Tensor, wanted: Tensor, scaling: str) -> tuple[Tensor, Tensor]:
    """The scaled square of a difference and its slope."""
    n = wanted.shape[0]
    scale: Tensor | float = 1 / (4 * n * n) if wanted.dim() == 2 else 1 / n
    if scaling == "relative":
        scale = 1 / wanted.square().sum().clamp_min(_SILENT)
    error = value - wanted
    return error.square().sum() * scale, 2 * scale * error


def _gram(
    here: FeatureStatistics, there: FeatureStatistics, scaling: str
) -> tuple[Tensor, FeatureStatistics]:
    value, slope = _squared(here.gram, there.gram, scaling)
    return value, FeatureStatistics(slope, torch.zeros_like(here.mean))


def _gap(
    here: FeatureStatistics, there: FeatureStatistics, scaling: str
) -> tuple[Tensor, FeatureStatistics]:
    value, slope = _squared(here.mean, there.mean, scaling)
    return value, FeatureStatistics(torch.zeros_like(here.gram), slope)


def _covariance(
    here: FeatureStatistics, there: FeatureStatistics, scaling: str
) -> tuple[Tensor, FeatureStatistics]:
    own, wanted = (s.gram - torch.outer(s.mean, s.mean) for s in (here, there))
    value, slope = _squared(own, wanted, scaling)
    return value, FeatureStatistics(slope, -2 * slope @ here.mean)


def _deviation(
    here: FeatureStatistics, there: FeatureStatistics, scaling: str
) -> tuple[Tensor, FeatureStatistics]:
    # Rounding may leave a silent feature a variance below zero; there the root has no slope.
    own, wanted = (
        (s.gram.diagonal() - s.mean.square()).clamp_min(_SILENT).sqrt() for s in (here, there)
    )
    value, slope = _squared(own, wanted, scaling)
    per_variance = slope / (2 * own)
    return value, FeatureStatistics(torch.diag(per_variance), -2 * per_variance * here.mean)


_COMPARED = {"gram": _gram, "gap": _gap, "covariance": _covariance, "deviation": _deviation}
#: Names of the terms; `texcore.contract.choices.STATISTICS` has their words.
TERMS = tuple(_COMPARED)
