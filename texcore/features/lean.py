"""Convolve with filters of 3 × 3 in bfloat16, in as few passes over memory as can be.

Where a processor multiplies in bfloat16, half of an evaluation went into passes over memory: to
wrap maps around a torus and to take that back, to rectify, to pool. Here the gradient to a map is a
convolution as well, of what wraps around its slopes, with the filters turned round, for which
nothing has to be taken back; and slopes are rectified, and spread from what was pooled, where they
are written for it.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..surfaces import torus

#: What the gradient of a convolution is known of: a torus, and zeros beyond the border.
_BORDERS = ("circular", "zero")


class LeanConvolution:
    """A convolution with filters of 3 × 3, rectified, and its gradient.

    Args:
        weights: Shape (out, in, 3, 3), bfloat16 on the processor; no gradient flows to them.
        bias: Shape (out).

    Example:
        >>> w, b, x = (torch.randn(n).bfloat16() for n in ((8, 4, 3, 3), (8,), (1, 4, 6, 10)))
        >>> lean = LeanConvolution(w, b).convolve(x, "zero")
        >>> direct = F.conv2d(x, w, b, padding=1).relu()
        >>> lean.shape, bool((lean - direct).abs().max() < 0.1)
        (torch.Size([1, 8, 6, 10]), True)
    """

    def __init__(self, weights: Tensor, bias: Tensor) -> None:
        self.weights, self.bias = weights, bias
        self._turned: Tensor | None = None

    @staticmethod
    def suits(weights: Tensor) -> bool:
        """Whether filters (out, in, height, width) are convolved faster this way."""
        return (
            weights.shape[-2:] == (3, 3)
            and weights.dtype == torch.bfloat16
            and weights.device.type == "cpu"
        )

    @staticmethod
    def knows(border: str) -> bool:
        """Whether maps with a border (``circular``, ``reflect`` or ``zero``) can be convolved."""
        return border in _BORDERS

    @property
    def turned(self) -> Tensor:
        """The filters turned by half a turn, from out to in; made when they are first asked for."""
        if self._turned is None:
            turned = self.weights.flip(2, 3).transpose(0, 1)
            self._turned = turned.contiguous(memory_format=torch.channels_last)
        return self._turned

    def convolve(self, x: Tensor, border: str, pool: bool = False) -> Tensor:
        """Convolve a batch of maps, and cut what is negative off.

        Args:
            x: Shape (b, in, height, width), bfloat16.
            border: One that it `knows`.
            pool: Whether each 2 × 2 features shall be averaged; height and width are even then.

        Returns:
            Shape (b, out, height, width), or half as high and wide.
        """
        made: Tensor = _Convolve.apply(x, self, border, pool)
        return made


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, filters: LeanConvolution, border: str, pool: bool) -> Tensor:
        ctx.filters, ctx.around, ctx.pool = filters, int(border == "circular"), pool
        if ctx.around:
            x = torus.pad(x, 1)
        maps = F.conv2d(x, filters.weights, filters.bias, padding=1 - ctx.around).relu_()
        ctx.save_for_backward(maps)
        return F.avg_pool2d(maps, 2) if pool else maps

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None, None, None]:
        (maps,) = ctx.saved_tensors
        framed = torus.make_frame(maps, ctx.around)
        (slopes,), inner = upstream, framed[..., 1:-1, 1:-1] if ctx.around else framed
        if ctx.pool:
            maps, inner = (x.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)) for x in (maps, inner))
            slopes = (slopes / 4)[..., :, None, :, None].expand(maps.shape)
        torch.ops.aten.threshold_backward.grad_input(slopes, maps, 0, grad_input=inner)
        if ctx.around:
            torus.wrap_frame(framed, 1)
        return F.conv2d(framed, ctx.filters.turned, padding=1 - ctx.around), None, None, None
