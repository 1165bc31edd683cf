"""Keep normals unit vectors that point out of the surface."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..contract.errors import BadInput
from ..exemplars.directions import Directions
from ..pictures import Picture
from .scalars_codec import ScalarsCodec

# Normals that point into the surface: more of them, and it is no tangent-space map.
_INWARD_SHARE = 0.001


class NormalCodec:
    """Unit vectors, stored as 0.5 + n/2 in red, green and blue.

    All three are synthesised, though z follows from x and y: the network must see how light falls
    on them, and a z of its own looks better than one in which the noise of x and y is squared. Each
    is laid around 0.5, to be shown with any contrast (`views`). What comes out is normalised, and
    laid no flatter than the exemplar's vectors are: blue stays above 0.5 where it was. The
    convention, the sign of y, matters to nobody but who turns the picture. A map with vectors that
    point inwards, one in object space, is only normalised, and does not turn with the picture: the
    object does not. What an alpha channel holds, often height, is a quantity like others.

    Args:
        picture: The exemplar's.
        y_up: See `Directions`.
    """

    def __init__(self, picture: Picture, y_up: bool = True) -> None:
        self._depth, self._linear = picture.depth, picture.linear
        n = normals(torch.from_numpy(picture.pixels[:3]))
        outward = float((n[2] < 0).float().mean()) < _INWARD_SHARE
        self._least_z = float(n[2].clamp_min(0).min()) if outward else -1.0
        self._rest = ScalarsCodec.of_channels(picture, range(3, len(picture.pixels)), "alpha")
        self._mean = n.mean((1, 2), keepdim=True)
        self.image = torch.cat([(n - self._mean) * 0.5 + 0.5, self._rest.image])
        self.roles = ("nx", "ny", "nz", *self._rest.roles)
        x, y, z = self._mean.flatten().tolist()
        self.directions = Directions(0, (x, y, z), y_up) if outward else None

    def encode(self, picture: Picture) -> Tensor:
        """Return another map's vectors about the exemplar's mean.

        Raises:
            BadInput: It is grey.
        """
        if len(picture.pixels) < 3:
            raise BadInput("A picture that shall stand for a normal map has one channel: give RGB.")
        n = normals(torch.from_numpy(picture.pixels[:3]))
        rest = self._rest.encode(replace(picture, pixels=picture.pixels[3:]))
        return torch.cat([(n - self._mean) * 0.5 + 0.5, rest])

    def decode(self, image: Tensor, alike: bool = True) -> Picture:  # noqa: D102
        n = image[:3].float().cpu() * 2 - 1 + self._mean
        n = raised(normalised(n), self._least_z)
        rest = self._rest.decode(image[3:]).pixels
        pixels = np.concatenate([(n * 0.5 + 0.5).numpy(), rest])
        return Picture(np.ascontiguousarray(pixels), self._depth, self._linear)

    def preview(self, image: Tensor) -> Picture | None:  # noqa: D102
        return Picture(self.decode(image).pixels.clip(0, 1), "uint8")


def normals(stored: Tensor) -> Tensor:
    """Unit vectors (3, h, w) from a normal map's colours; no vector at all becomes (0, 0, 1)."""
    return normalised(stored * 2 - 1)


def normalised(n: Tensor) -> Tensor:
    """Vectors (3, h, w) of length 1; those of no length point up."""
    length = n.norm(dim=0, keepdim=True)
    up = torch.tensor([0.0, 0.0, 1.0], device=n.device).view(3, 1, 1)
    return torch.where(length > 1e-6, n / length.clamp_min(1e-6), up)


def raised(n: Tensor, least: float) -> Tensor:
    """Unit vectors (3, h, w), those with a lower z turned up to it, their direction kept."""
    across = n[:2] / n[:2].norm(dim=0, keepdim=True).clamp_min(1e-6)
    turned = torch.cat([across * (1 - least**2) ** 0.5, torch.full_like(n[2:], least)])
    return torch.where(n[2:] < least, turned, n)
