"""Measure how far the windows of a layout are from those of its exemplar.

What is cut at a joint need not cost much there: a line that ends inside a stone differs from what
goes on beside it over a few texels only. A window about its end is nowhere in the exemplar, and
that is what is seen. Windows are compared by the principal components of what describes their
texels (`texcore.layout.description`), a few for each window.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# Components that windows are compared by, and the windows that they are found from.
_COMPONENTS, _SAMPLE = 20, 2048
# Along a window's side: at most so many cells whose averages describe it; steps from one of the
# exemplar's windows to the next, and from one of the layout's to the next.
_CELLS, _OWN_STEPS, _STEPS = 8, 12, 6
# Windows that are compared at once.
_AT_ONCE = 128


class WindowDistance:
    """The distance of windows to the nearest of an exemplar's.

    Args:
        description: Of each of the exemplar's texels, shape (n, h, w); see `describe_texels`.
        window: Side of a window in texels, at least 4 and at most half the exemplar's.

    Attributes:
        window: The same.
        step: Texels from one window that is measured to the next.

    Example:
        >>> exemplar = torch.rand(3, 48, 48, generator=torch.Generator().manual_seed(0))
        >>> distance = WindowDistance(exemplar, 12)
        >>> own = distance.measure(exemplar[:, 10:30, 6:34])
        >>> strange = distance.measure(1 - exemplar[:, 10:30, 6:34])
        >>> own.shape, bool(own.max() < strange.min())
        (torch.Size([5, 9]), True)
    """

    def __init__(self, description: Tensor, window: int) -> None:
        self.window = window
        self.step = max(1, window // _STEPS)
        self._cell = math.ceil(window / _CELLS)
        stride = max(1, window // _OWN_STEPS)
        own = self._describe(description, stride).flatten(1).T
        self._middle = own.mean(0)
        own = own - self._middle
        some = own[:: max(1, len(own) // _SAMPLE)]
        axes = torch.linalg.eigh(some.T @ some).eigenvectors
        self._axes = axes[:, -_COMPONENTS:].contiguous()
        found = own @ self._axes
        self._squares = found.square().sum(1)
        self._found = found.T.contiguous()
        self._scale = float(self._squares.mean().clamp_min(1e-6))

    def measure(self, description: Tensor) -> Tensor:
        """Measure the windows of a part of a layout.

        Args:
            description: Of its texels, shape (n, h, w), each side at least that of a window.

        Returns:
            Shape (rows, columns), of windows each `step` texels from the next, the first at the
            first texel: the squared distance over what the exemplar's windows vary by; 0 for a
            window of the exemplar where that is searched, hardly more elsewhere in it.
        """
        windows = self._describe(description, self.step)
        sought = (windows.flatten(1).T - self._middle) @ self._axes
        nearest = [
            torch.addmm(self._squares, some, self._found, alpha=-2).amin(1) + some.square().sum(1)
            for some in sought.split(_AT_ONCE)
        ]
        return (torch.cat(nearest) / self._scale).clamp_min(0).view(windows.shape[1:])

    def _describe(self, description: Tensor, stride: int) -> Tensor:
        """Describe windows by the averages of their cells: (components, rows, columns)."""
        cell = self._cell
        count = self.window // cell
        averages = F.avg_pool2d(description[None], cell, 1)[0]
        rows, columns = (n - self.window + 1 for n in description.shape[1:])
        return torch.cat(
            [
                averages[:, i : i + rows : stride, j : j + columns : stride]
                for i in range(0, count * cell, cell)
                for j in range(0, count * cell, cell)
            ]
        )
