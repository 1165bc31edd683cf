"""Make the canvas of a kind."""

from __future__ import annotations

from collections.abc import Sequence

from ..exemplars.exemplar import Source
from .base import Canvas
from .pixels import PixelCanvas
from .spectral import SpectralCanvas


def make_canvas(
    kind: str, sources: Sequence[Source], height: int, width: int, directional: float
) -> Canvas:
    """Make the canvas of a kind for sources.

    Args:
        kind: ``spectral`` or ``pixels``.
        sources: Whose colours, and power spectra where it is spectral, the canvas has.
        height, width: Of the canvas in texels.
        directional: See `SpectralCanvas`; pixels have no use for it.

    Example:
        >>> import torch
        >>> canvas = make_canvas("pixels", [Source(torch.rand(3, 16, 16))], 24, 32, 0.0)
        >>> canvas.draw_noise(torch.Generator().manual_seed(0)).shape
        torch.Size([3, 24, 32])
    """
    if kind == "pixels":
        return PixelCanvas(sources, height, width)
    (first, *others) = sources
    return SpectralCanvas(first.image, height, width, directional, others, first)
