"""Make the canvas of a kind."""

from __future__ import annotations

from collections.abc import Sequence

from ..exemplars.exemplar import Source
from .base import Canvas
from .pixels import PixelCanvas
from .spectral import SpectralCanvas


def canvas_of(
    kind: str, sources: Sequence[Source], height: int, width: int, directional: float
) -> Canvas:
    """The canvas of a kind, ``spectral`` or ``pixels``, for sources; see `SpectralCanvas`."""
    if kind == "pixels":
        return PixelCanvas(sources, height, width)
    (first, *others) = sources
    return SpectralCanvas(first.image, height, width, directional, others, first)
