"""Moments of the texels' values: what the colours are, wherever they are."""

from __future__ import annotations

from torch import Tensor, cat

# Least square of a target: a black picture has no moments to be relative to.
_BLACK = 1e-8


def colour_moments(image: Tensor, mask: Tensor | None = None) -> Tensor:
    """Second moments of [x, x², x³] over all texels, thus up to the sixth of the colours.

    Args:
        image: Shape (channels, height, width).
        mask: Weights of the texels, shape (1, height, width); None: all alike.

    Returns:
        Shape (3·channels, 3·channels).
    """
    x = image.flatten(1)
    powers = cat([x, x.square(), x.square() * x])
    if mask is None:
        return powers @ powers.T / x.shape[1]
    w = mask.flatten()
    return (powers * (w / w.sum())) @ powers.T


def moment_distance(moments: Tensor, target: Tensor) -> Tensor:
    """Squared distance of two moment matrices over the target's square."""
    return (moments - target).square().sum() / target.square().sum().clamp_min(_BLACK)
