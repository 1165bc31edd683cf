"""Keep the memory of L-BFGS: a ring of pairs on the device, and −H·g of it in two products."""

from __future__ import annotations

import torch
from torch import Tensor

from ..runtime import devices

# A step and its change of gradient nearly at right angles say nothing of the curvature.
_LEAST_COSINE = 1e-10
# Columns that are widened at a time where pairs are kept in a narrower type.
_CHUNK_COLUMNS = 1 << 22


class Pairs:
    """The last pairs (s, y) of steps and changes of the gradient, of ``size`` numbers each.

    Kept with their dot products, so that −H·g takes one product of all pairs with g and one of all
    pairs with their coefficients (Byrd, Nocedal & Schnabel 1994, equation 3.13):

        H = γ I + [S γY] ⎡R⁻ᵀ (D + γYᵀY) R⁻¹  −R⁻ᵀ⎤ ⎡ Sᵀ⎤
                         ⎣      −R⁻¹             0 ⎦ ⎣γYᵀ⎦

    with R the upper triangle of SᵀY in order of time and D its diagonal. The oldest pair is
    overwritten without the host knowing which it is: one place more than pairs is in the ring, and
    the one that comes next is never in use.

    Args:
        size: Numbers in a point.
        memory: Pairs, at most.
        dtype: That they are kept in.
        like: Gives the device, and the type of sums.
    """

    def __init__(self, size: int, memory: int, dtype: torch.dtype, like: Tensor) -> None:
        self.places = memory + 1
        self._ring = torch.zeros(2 * self.places, size, dtype=dtype, device=like.device)
        wide = devices.widest(like.device)
        self._sy = torch.zeros(self.places, self.places, dtype=wide, device=like.device)
        self._yy = torch.zeros_like(self._sy)
        self._used = torch.zeros(self.places, dtype=torch.bool, device=like.device)
        self._next = torch.zeros(1, dtype=torch.long, device=like.device)
        self._numbers = torch.arange(self.places, device=like.device)

    def state(self) -> dict[str, Tensor]:
        """Give all there is, as tensors that `add` and `forget` change."""
        names = ("ring", "sy", "yy", "used", "next")
        return {f"pairs.{name}": getattr(self, f"_{name}") for name in names}

    def any(self) -> Tensor:
        """Say on the device whether there are pairs."""
        return self._used.any()

    def add(self, step: Tensor, change: Tensor) -> None:
        """Keep a pair, unless its curvature is not positive."""
        s, y = step.flatten(), change.flatten()
        self._ring.index_copy_(0, self._next, s.to(self._ring.dtype)[None])
        self._ring.index_copy_(0, self._next + self.places, y.to(self._ring.dtype)[None])
        with_s, with_y = self._dots(y)
        self._sy.index_copy_(1, self._next, with_s[:, None])
        self._yy.index_copy_(0, self._next, with_y[None])
        self._yy.index_copy_(1, self._next, with_y[:, None])
        norms = torch.linalg.vector_norm(s) * torch.linalg.vector_norm(y)
        kept = with_s[self._next] > _LEAST_COSINE * norms
        after = torch.where(kept, (self._next + 1) % self.places, self._next)
        here, now = self._numbers == self._next, self._numbers == after
        self._used.copy_((self._used | here & kept) & ~now)
        self._next.copy_(after)

    def forget(self, whether: Tensor) -> None:
        """Drop all pairs where a flag on the device says so."""
        self._used.logical_and_(~whether)

    def direction(self, gradient: Tensor, out: Tensor) -> None:
        """Put −H·g into ``out``; −g without pairs. One that leads upwards drops the pairs."""
        g = gradient.flatten()
        order = (self._numbers + self._next + 1) % self.places
        used = self._used[order]
        p, q = (dots[order].masked_fill_(~used, 0) for dots in self._dots(g))
        both = used & used[:, None]
        sy, yy = (m[order][:, order].masked_fill_(~both, 0) for m in (self._sy, self._yy))
        d = sy.diagonal()
        triangle = sy.triu() + torch.diag((~used).to(sy))
        # The newest in use; the last in order of time is the place that is never in use.
        newest = slice(-2, None) if self.places > 1 else slice(None)
        gamma = (d[newest][0] / yy.diagonal()[newest][0]).masked_fill_(~used[newest][0], 1)
        u = torch.linalg.solve_triangular(triangle, p[:, None], upper=True)
        inner = d[:, None] * u + gamma * (yy @ u) - gamma * q[:, None]
        a = torch.linalg.solve_triangular(triangle.T, inner, upper=False)[:, 0]
        b = -gamma * u[:, 0]
        slope = gamma * torch.dot(g, g) + torch.dot(a, p) + torch.dot(b, q)
        downwards = (slope > 0) & torch.isfinite(slope)
        self.forget(~downwards)
        gamma = gamma.masked_fill(~downwards, 1)
        coefficients = torch.zeros(2, self.places, dtype=a.dtype, device=a.device)
        coefficients.index_copy_(1, order, torch.stack([a, b]).masked_fill_(~downwards, 0))
        flat = out.view(-1)
        self._combine(coefficients.flatten().to(g.dtype), flat)
        flat.addcmul_(g, gamma.to(g.dtype)).neg_()

    def _dots(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """Compute Sᵀv and Yᵀv by place."""
        if self._ring.dtype == v.dtype:
            dots = self._ring @ v
        else:
            dots = v.new_zeros(len(self._ring))
            for part, columns in zip(
                v.split(_CHUNK_COLUMNS), self._ring.split(_CHUNK_COLUMNS, 1), strict=True
            ):
                dots += columns.to(v.dtype) @ part
        s, y = dots.to(self._sy.dtype).split(self.places)
        return s, y

    def _combine(self, coefficients: Tensor, out: Tensor) -> None:
        """Put the sum of all s and y, each times its coefficient, into ``out``."""
        if self._ring.dtype == coefficients.dtype:
            torch.mv(self._ring.T, coefficients, out=out)
            return
        for columns, into in zip(
            self._ring.split(_CHUNK_COLUMNS, 1), out.split(_CHUNK_COLUMNS), strict=True
        ):
            torch.mv(columns.T.to(coefficients.dtype), coefficients, out=into)
