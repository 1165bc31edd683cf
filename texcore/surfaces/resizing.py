"""Resize and cut pictures that do not wrap; for those that do, see `texcore.surfaces.torus`."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch.nn.functional as F
from torch import Tensor


def scaled(exemplar: Tensor, scale_y: float, scale_x: float) -> Tensor:
    """A picture (channels, h, w) resized by factors, antialiased; not periodic."""
    h, w = exemplar.shape[-2:]
    return scaled_to(exemplar, max(1, round(h * scale_y)), max(1, round(w * scale_x)))


def scaled_to(picture: Tensor, height: int, width: int) -> Tensor:
    """A picture (channels, h, w) resized to a size, antialiased; not periodic."""
    if (height, width) == picture.shape[-2:]:
        return picture
    resized = F.interpolate(
        picture[None], size=(height, width), mode="bicubic", antialias=True, align_corners=False
    )
    return resized[0]


def blocks(x: Tensor, side: int, most: int) -> Iterator[Tensor]:
    """A picture (..., h, w) cut into blocks of about one size that cover it.

    Args:
        x: The picture.
        side: Texels that no block's side is longer than.
        most: If there would be more blocks than this, some are left out, evenly.
    """
    h, w = x.shape[-2:]
    rows, columns = math.ceil(h / side), math.ceil(w / side)
    count = rows * columns
    for i in range(min(count, most)):
        row, column = divmod(i * count // min(count, most), columns)
        top, bottom = (h * (row + k) // rows for k in (0, 1))
        left, right = (w * (column + k) // columns for k in (0, 1))
        yield x[..., top:bottom, left:right]
