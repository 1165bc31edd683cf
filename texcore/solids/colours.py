"""A cube in the photo's own colours: uncorrelated, each with the photo's deviation as its unit.

As variables of an optimiser these keep it from colours that the photo hardly has: a step in a rare
one is as small as the photo's deviation in it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..canvas.colours import FLAT_CHANNEL_VARIANCE, measure_colours, move_to_float64
from ..exemplars.exemplar import Source


class OwnColours:
    """The colours of a photo, as coordinates for those of a cube.

    Args:
        photo: Shape (channels, h, w).

    Example:
        >>> generator = torch.Generator().manual_seed(0)
        >>> photo = torch.rand(3, 16, 16, generator=generator)
        >>> own, cube = OwnColours(photo), torch.rand(3, 4, 4, 4, generator=generator)
        >>> torch.allclose(own.mix(own.unmix(cube)), cube, atol=1e-5)
        True
    """

    def __init__(self, photo: Tensor) -> None:
        mean, covariance = measure_colours(move_to_float64([Source(photo)]))
        flat = FLAT_CHANNEL_VARIANCE * torch.eye(len(photo)).to(covariance)
        values, vectors = torch.linalg.eigh(covariance + flat)
        self._mean = mean.to(photo)[:, None, None, None]
        self._mixing = (vectors * values.sqrt()).to(photo)
        self._unmixing = (vectors / values.sqrt()).T.to(photo)
        self._range = _find_range(photo[:, None])
        self._own_range = _find_range(self.unmix(photo[:, None]))

    def mix(self, own: Tensor) -> Tensor:
        """Return a cube (channels, n, n, n) in the photo's channels from its own colours."""
        return _turn(self._mixing, own) + self._mean

    def unmix(self, cube: Tensor) -> Tensor:
        """Return the own colours of a cube: the inverse of `mix`."""
        return _turn(self._unmixing, cube - self._mean)

    def pull_back(self, gradient: Tensor) -> Tensor:
        """Return the gradient with respect to the own colours from that to the cube."""
        return _turn(self._mixing.T, gradient)

    def clamp(self, cube: Tensor) -> Tensor:
        """Return a cube within the photo's range, of its own colours and of its channels."""
        own = self.unmix(cube).clamp(*self._own_range)
        return self.mix(own).clamp(*self._range)


def _find_range(colours: Tensor) -> tuple[Tensor, Tensor]:
    """Find the least and the greatest of each channel, both of shape (channels, 1, 1, 1)."""
    every = colours.flatten(1)
    return every.amin(1)[:, None, None, None], every.amax(1)[:, None, None, None]


def _turn(matrix: Tensor, cube: Tensor) -> Tensor:
    return (matrix @ cube.flatten(1)).view(cube.shape)
