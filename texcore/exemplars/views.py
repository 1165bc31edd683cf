"""Show a network, which sees three channels, an image of any number of them."""

from __future__ import annotations

import torch
from torch import Tensor


def apply_view(image: Tensor, view: Tensor | None) -> Tensor:
    """Show the network an image (channels, h, w) by a view (3, channels): (1, 3, h, w).

    Without a view, the image itself. What is 0.5 throughout stays so, whatever the view's gain.
    """
    if view is None:
        return image[None]
    grey = 0.5 - 0.5 * view.sum(1, keepdim=True)
    return torch.addmm(grey, view, image.flatten(1)).view(1, 3, *image.shape[-2:])
