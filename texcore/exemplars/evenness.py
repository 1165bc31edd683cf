"""Tell whether a picture is one texture all over, and find the part of it that is.

A picture is looked at in cells: the mean of each shown channel, and how rough each is at two
widths. Where one of these goes up or down along an axis by more than cells differ anyway, the
picture changes: it has a gradient, or two materials. A cell unlike all others holds something that
stands for itself, such as a crack or a drain cover.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .exemplar import Exemplar

# Cells along the shorter side, as long as they have so many texels a side.
_CELLS, _LEAST_CELL = 12, 8
# Of a large picture only every second texel is looked at, or every third…
_ENOUGH_TEXELS = 384
# A trend that explains a larger share of how cells differ is a change, if it is larger than what
# neighbouring texels differ by anyway; roughness is in natural logarithms.
_TREND_SHARE, _TREND_DEVIATIONS, _TREND_LOGARITHMS = 0.4, 0.5, 0.35
# What is farther from the median, in median deviations of cells, stands for itself.
_OUTLYING_DEVIATIONS = 8.0
# Of a part that is used: cells a side, and the share of the picture.
_LEAST_SIDE, _LEAST_SHARE = 4, 0.1
_WIDTHS = (1, 4)
_TINY = 1e-3


@dataclass(frozen=True)
class Part:
    """A rectangle of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, image: Tensor) -> Tensor:
        """Cut it from an image (..., height, width)."""
        rows = slice(self.top, self.top + self.height)
        return image[..., rows, self.left : self.left + self.width]


class Evenness:
    """The cells of a picture.

    Args:
        exemplar: Its image is looked at as its first view shows it.

    Example:
        >>> ramp = torch.linspace(0, 1, 96)[:, None].expand(3, 96, 96)
        >>> image = (ramp + 0.1 * torch.rand(3, 96, 96)).clamp(0, 1)
        >>> Evenness(Exemplar.of(image)).find_change()
        'y'
    """

    def __init__(self, exemplar: Exemplar) -> None:
        self._size = exemplar.image.shape[-2:]
        step = max(1, min(self._size) // _ENOUGH_TEXELS)
        image = exemplar.image[..., ::step, ::step].detach().float().cpu()
        shown = torch.tensordot(exemplar.views[0].float().cpu(), image, 1)
        cell = max(_LEAST_CELL, min(image.shape[-2:]) / _CELLS)
        height, width = (max(1, math.floor(n / cell)) for n in image.shape[-2:])
        self._grid = height, width
        means = self._average(shown)
        deviation = (self._average(shown.square()) - means.square()).clamp_min(0).sqrt()
        rough = [self._measure_roughness(shown, width) for width in _WIDTHS]
        self._cells = torch.cat([means, *rough])
        # By how much each may go up or down from one border to the other.
        of_means = _TREND_DEVIATIONS * deviation.mean((1, 2)) + _TINY
        of_rough = torch.full((len(rough) * len(means),), _TREND_LOGARITHMS)
        self._tolerated = torch.cat([of_means, of_rough])

    def find_change(self) -> str:
        """Find the axis along which the picture changes most: ``x``, ``y``, or nothing if none."""
        whole = (0, self._grid[0], 0, self._grid[1])
        share, axis = self._measure_trend(whole)
        return "yx"[axis] if share > _TREND_SHARE else ""

    def find_part(self) -> Part:
        """Find the largest rectangle that is one texture; the whole picture if there is none."""
        rows, columns = self._grid
        best, found = _LEAST_SHARE * rows * columns, (0, rows, 0, columns)
        spans = [
            [(a, b) for a in range(n) for b in range(a + min(_LEAST_SIDE, n), n + 1)]
            for n in self._grid
        ]
        rectangles = sorted(
            ((d - c) * (b - a), (a, b, c, d)) for a, b in spans[0] for c, d in spans[1]
        )
        for area, rectangle in reversed(rectangles):
            if area < best:
                break
            if self._is_even(rectangle):
                best, found = area, rectangle
                break
        (top, bottom), (left, right) = (
            [round(i * n / count) for i in pair]
            for pair, n, count in zip((found[:2], found[2:]), self._size, self._grid, strict=True)
        )
        return Part(left, top, right - left, bottom - top)

    def _is_even(self, rectangle: tuple[int, int, int, int]) -> bool:
        if self._measure_trend(rectangle)[0] > _TREND_SHARE / 2:
            return False
        cells = self._cut(rectangle)
        lines = [cells.mean(2), cells.mean(1)]
        return self._is_alike(cells.flatten(1), 2) and all(self._is_alike(x, 1) for x in lines)

    def _is_alike(self, values: Tensor, tolerated: float) -> bool:
        """Say whether no value (features, n) lies far from the others of its feature."""
        away = (values - values.median(1, keepdim=True).values).abs()
        spread = away.median(1, keepdim=True).values
        limit = torch.maximum(_OUTLYING_DEVIATIONS * spread, tolerated * self._tolerated[:, None])
        return bool((away <= limit).all())

    def _measure_trend(self, rectangle: tuple[int, int, int, int]) -> tuple[float, int]:
        """Measure the largest share of how cells differ that a trend explains, and its axis."""
        cells = self._cut(rectangle)
        about = cells - cells.mean((1, 2), keepdim=True)
        total = about.square().mean((1, 2)) + _TINY**2
        worst = (0.0, 0)
        for axis in (0, 1):
            line = about.mean(2 - axis)
            n = line.shape[1]
            if n < 3:
                continue
            at = torch.linspace(-1, 1, n)
            slope = (line * at).sum(1) / at.square().sum()
            share = slope.square() * at.square().mean() / total
            share = share * (2 * slope.abs() > self._tolerated)
            worst = max(worst, (float(share.max()), axis))
        return worst

    def _cut(self, rectangle: tuple[int, int, int, int]) -> Tensor:
        top, bottom, left, right = rectangle
        return self._cells[:, top:bottom, left:right]

    def _average(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(x, self._grid)

    def _measure_roughness(self, shown: Tensor, width: int) -> Tensor:
        """Measure by how much texels that far apart differ, in logarithms."""
        squares = torch.zeros_like(shown)
        squares[..., width:] += (shown[..., width:] - shown[..., :-width]).square()
        squares[..., width:, :] += (shown[..., width:, :] - shown[..., :-width, :]).square()
        return (self._average(squares) + _TINY**2).log() / 2
