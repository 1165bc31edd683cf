"""Moments of the texels' values: what the colours are, wherever they are."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

# Least square of a target: a black picture has no moments to be relative to.
_BLACK = 1e-8
# Texels whose powers are held at a time: those of a large canvas would be most of its memory.
_CHUNK = 1 << 20


def colour_moments(image: Tensor, mask: Tensor | None = None) -> Tensor:
    """Second moments of [x, x², x³] over all texels, thus up to the sixth of the colours.

    Args:
        image: Shape (channels, height, width).
        mask: Weights of the texels, shape (1, height, width); None: all alike.

    Returns:
        Shape (3·channels, 3·channels).
    """
    x = image.flatten(1)
    if mask is None:
        moments: Tensor = _Moments.apply(x)
        return moments
    powers = _powers(x)
    w = mask.flatten()
    return (powers * (w / w.sum())) @ powers.T


class _Moments(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        parts = [p @ p.T for p in map(_powers, x.split(_CHUNK, 1))]
        return torch.stack(parts).sum(0) / x.shape[1]

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        slope = (upstream[0] + upstream[0].T) / x.shape[1]
        gradient = torch.empty_like(x)
        for part, into in zip(x.split(_CHUNK, 1), gradient.split(_CHUNK, 1), strict=True):
            one, two, three = (slope @ _powers(part)).chunk(3)
            torch.addcmul(one, part, two + 1.5 * part * three, value=2, out=into)
        return gradient


def _powers(x: Tensor) -> Tensor:
    return torch.cat([x, x.square(), x.square() * x])


def moment_distance(moments: Tensor, target: Tensor) -> Tensor:
    """Squared distance of two moment matrices over the target's square."""
    return (moments - target).square().sum() / target.square().sum().clamp_min(_BLACK)
