"""Roughness of an image, texel against neighbour."""

from __future__ import annotations

from torch import Tensor

from ..surfaces import torus


def roughness(image: Tensor) -> Tensor:
    """Σ (2 x − x_right − x_below)² over all texels and channels of a torus.

    Args:
        image: Shape (channels, height, width).
    """
    return (2 * image - torus.roll(image, 0, -1) - torus.roll(image, -1, 0)).square().sum()
