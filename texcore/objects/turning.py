"""How the texture is turned on a surface, and normals of a picture that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ..exemplars.directions import Directions
from .atlas import Atlas
from .mesh import Floats


def turn_directions(
    colours: NDArray[np.float32], directions: Sequence[Directions], angles: Floats
) -> NDArray[np.float32]:
    """Turn the normals among colours (channels, n) of a picture that is turned by angles (n).

    Args:
        colours: As the picture has them.
        directions: Which of the channels hold normals.
        angles: From right to down, in radians.
    """
    if not directions:
        return colours
    cosine, sine = (torch.from_numpy(f(angles)).float()[None] for f in (np.cos, np.sin))
    jacobian = torch.stack([torch.stack([cosine, sine]), torch.stack([-sine, cosine])])
    picture = torch.from_numpy(colours)[:, None]
    for channels in directions:
        picture = channels.turn(picture, jacobian)
    turned: NDArray[np.float32] = picture[:, 0].numpy()
    return turned


def find_angles(atlas: Atlas, right: Floats) -> Floats:
    """Find by how much the surface's right is turned against the texture's rows, in radians."""
    across = atlas.across - np.einsum("ni,ni->n", atlas.across, atlas.normals)[:, None] * (
        atlas.normals
    )
    down = np.cross(across, atlas.normals)
    angles: Floats = np.arctan2(
        np.einsum("ni,ni->n", right, down), np.einsum("ni,ni->n", right, across)
    )
    return angles


def find_mirrored(atlas: Atlas) -> float:
    """Find the share of texels whose part of the unwrapping is mirrored."""
    outward = np.einsum("ni,ni->n", np.cross(atlas.across, -atlas.down), atlas.normals)
    return float((outward < 0).mean())
