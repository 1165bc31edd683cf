"""Sample pictures between their texels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def sample_bicubic(image: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Sample a picture bicubically; beyond its border the border goes on.

    Args:
        image: Shape (channels, h, w).
        rows, columns: Places in texels, 0 being the middle of the first, of the same shape.

    Returns:
        Shape (channels, ...), within the picture's range, channel by channel.

    Example:
        >>> ramp = torch.arange(8.0).expand(1, 8, 8)
        >>> sample_bicubic(ramp, torch.tensor([2.0]), torch.tensor([3.5])).round(decimals=3)
        tensor([[3.5000]])
    """
    height, width = image.shape[-2:]
    at = torch.stack([(columns + 0.5) * (2 / width) - 1, (rows + 0.5) * (2 / height) - 1], -1)
    sampled = sample_grid(image, at.reshape(1, -1, 2))[:, 0]
    low, high = (f(image, dim=(1, 2))[:, None] for f in (torch.amin, torch.amax))
    return torch.minimum(torch.maximum(sampled, low), high).reshape(len(image), *rows.shape)


def sample_grid(image: Tensor, at: Tensor) -> Tensor:
    """Sample a picture (channels, h, w) bicubically where a grid (n, m, 2) says, in −1 to 1.

    The grid is that of `torch.nn.functional.grid_sample`, without corners aligned.
    """
    if image.device.type == "mps":  # It has no bicubic sampling.
        return sample_grid(image.cpu(), at.cpu()).to(image.device)
    sampled: Tensor = F.grid_sample(
        image[None], at[None], mode="bicubic", padding_mode="border", align_corners=False
    )[0]
    return sampled
