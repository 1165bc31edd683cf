"""The square cells of a piece, laid over a chart of a surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .charts import Chart
from .mesh import Whole

# How far beyond a texel there still is surface, in texels or cells, whichever are larger; and how
# wide the border of a piece is, in cells.
_BEYOND, _BORDER = 2.0, 2


class Grid:
    """A square grid of cells over a piece that is laid on a surface, and the texels behind them.

    Attributes:
        inside: Which of the chart's texels lie in the piece, shape (n).
        domain: Which cells have surface, shape (side, side).
        inner: Which cells are not at the piece's border, of the same shape.
        texels: The number of the texel nearest to each cell, of the same shape.

    Args:
        chart: Of the surface.
        side: Of the piece in cells.
        texel: Side of the largest texel in cells.
    """

    def __init__(self, chart: Chart, side: int, texel: float = 1.0) -> None:
        cells = np.floor(chart.places + side / 2).astype(np.int64)
        inside = (cells >= 0) & (cells < side)
        self.inside: NDArray[np.bool_] = inside[:, 0] & inside[:, 1]
        column, row = cells[self.inside].T
        hit = np.zeros((side, side), bool)
        hit[row, column] = True
        distance, nearest = ndimage.distance_transform_edt(~hit, return_indices=True)
        self.domain: NDArray[np.bool_] = distance <= _BEYOND * max(1.0, texel)
        self.inner = np.zeros_like(hit)
        self.inner[_BORDER:-_BORDER, _BORDER:-_BORDER] = True
        texels = np.zeros((side, side), np.int64)
        texels[row, column] = chart.texels[self.inside]
        self.texels: Whole = texels[tuple(nearest)]

    def widen(self, cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return cells, and those about them that are as near as a piece's border is wide."""
        widened: NDArray[np.bool_] = ndimage.binary_dilation(cells, iterations=_BORDER)
        return widened
