"""Let a texture follow a flow map, which an artist has painted over an object's unwrapping."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..surfaces.resizing import scaled_to
from .atlas import Atlas
from .mesh import Floats

# A flow that is weaker is none: mid-grey of 8 bits is not quite the middle, and brushes are soft.
_LEAST = 0.1


def follow_flow(flow: Tensor, atlas: Atlas, otherwise: Floats) -> Floats:
    """Find where a texture's top is on a surface that a flow map lies over.

    Args:
        flow: Shape (2, h, w), over the whole texture: to the right and up, −1...1.
        atlas: Of the surface.
        otherwise: Where its top is wherever nothing flows, of any length: shape (n, 3).

    Returns:
        Directions in space, of any length: shape (n, 3).

    Example:
        >>> plane, out = np.zeros((1, 3)), np.array([[0.0, 0, 1]])
        >>> right, down = np.array([[1.0, 0, 0]]), np.array([[0.0, -1, 0]])
        >>> atlas = Atlas(1, 1, np.zeros(1, int), plane, out, right, down, np.zeros(1, int))
        >>> follow_flow(torch.tensor([[[0.5]], [[0.75]]]), atlas, out).tolist()
        [[0.5, 0.75, 0.0]]
        >>> follow_flow(torch.zeros(2, 1, 1), atlas, out).tolist()
        [[0.0, 0.0, 1.0]]
    """
    whole = scaled_to(flow.cpu(), atlas.height, atlas.width).flatten(1)
    at = whole[:, torch.from_numpy(atlas.texels)].double().numpy()
    across, up = (
        side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
        for side in (atlas.across, -atlas.down)
    )
    strength = np.hypot(*at)
    followed = at[0][:, None] * across + at[1][:, None] * up
    directions: Floats = np.where((strength > _LEAST)[:, None], followed, otherwise)
    return directions
