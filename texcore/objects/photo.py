"""A photo that pieces are taken from, to be laid on a surface."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import next_fast_len
from torch import Tensor

from ..layout.description import describe_texels
from .mesh import Floats, Whole

# What a use nearby adds to a difference, of the median difference; and any place whose difference
# is larger than the best one's by no more than this share is as good.
_WEAR_COST, _TOLERANCE_SHARE = 0.075, 0.1


class Photo:
    """A photo, and how often its parts have been used.

    Args:
        image: Shape (channels, h, w), of the surface's scale: a texel of it for one of the surface.
        side: Of the pieces in texels.

    Attributes:
        size: Height and width.
        channels: Of the image.
    """

    def __init__(self, image: Tensor, side: int) -> None:
        self._image, self._side = image.float().cpu(), side
        self.size = int(image.shape[-2]), int(image.shape[-1])
        self.channels = len(image)
        # Of each texel, by which pieces are compared.
        self._description = describe_texels(self._image, far=False)
        h, w = self.size
        # What is padded is nowhere under a piece.
        self._padded = next_fast_len(h, real=True), next_fast_len(w, real=True)
        self._spectrum = torch.fft.rfft2(self._description, s=self._padded)
        self._squares = torch.fft.rfft2(self._description.square().sum(0), s=self._padded)
        self._wear = torch.zeros(h - side + 1, w - side + 1)

    def choose(
        self, known: NDArray[np.bool_], there: Tensor, generator: torch.Generator
    ) -> tuple[int, int]:
        """Choose a piece that fits what lies there, and has not been used much.

        Args:
            known: Where something lies, shape (side, side).
            there: Its description, shape (values, side, side).
            generator: Chooses among pieces that fit alike; on the CPU.

        Returns:
            Row and column of the piece's corner.
        """
        rows, columns = self._wear.shape
        wear = _WEAR_COST * (self._wear - self._wear.amin())
        if known.any():
            fixed = torch.from_numpy(known).float()
            sought = there * fixed
            of_mask = torch.fft.rfft2(fixed, s=self._padded).conj()
            of_values = torch.fft.rfft2(sought, s=self._padded).conj()
            f = self._squares * of_mask - 2 * (self._spectrum * of_values).sum(0)
            difference = torch.fft.irfft2(f, s=self._padded)[:rows, :columns]
            difference = (difference + sought.square().sum()).clamp_min(0)
            worn = difference + difference.median() * wear
        else:
            worn = wear
        good = (worn <= worn.amin() * (1 + _TOLERANCE_SHARE) + 1e-9).flatten().nonzero()[:, 0]
        pick = torch.randint(len(good), (1,), generator=generator)
        top, left = divmod(int(good[pick]), columns)
        y = torch.arange(rows)[:, None] - top
        x = torch.arange(columns)[None] - left
        self._wear += torch.exp(-(y.square() + x.square()) / (2 * (self._side / 4) ** 2))
        return top, left

    def describe_piece(self, corner: tuple[int, int]) -> Tensor:
        """Return the description of a piece by its corner's row and column."""
        top, left = corner
        return self._description[:, top : top + self._side, left : left + self._side]

    def describe_at(self, origins: Floats) -> Tensor:
        """Return the description, shape (values, n), at columns and rows (n, 2)."""
        at = self._find_texels(origins)
        return self._description[:, at[:, 1], at[:, 0]]

    def has(self, origins: Floats) -> NDArray[np.bool_]:
        """Say which columns and rows (n, 2) lie in the photo."""
        x, y = origins.T
        h, w = self.size
        within: NDArray[np.bool_] = (x >= 0) & (x <= w) & (y >= 0) & (y <= h)
        return within

    def look_up(self, origins: Floats) -> NDArray[np.float32]:
        """Look up colours (channels, n) at columns and rows (n, 2), those of the nearest texel."""
        at = self._find_texels(origins)
        found: NDArray[np.float32] = self._image[:, at[:, 1], at[:, 0]].numpy()
        return found

    def _find_texels(self, origins: Floats) -> Whole:
        h, w = self.size
        at: Whole = np.floor(origins).astype(np.int64).clip(0, [w - 1, h - 1])
        return at


def sample_photo(photo: Tensor, origins: Floats) -> NDArray[np.float32]:
    """Sample a photo (channels, h, w) at columns and rows (n, 2) in its texels, bicubically."""
    h, w = photo.shape[-2:]
    at = torch.from_numpy(origins).float() / torch.tensor([w, h]) * 2 - 1
    found = torch.nn.functional.grid_sample(
        photo[None], at[None, None], mode="bicubic", padding_mode="border", align_corners=False
    )[0, :, 0]
    low, high = photo.amin((1, 2))[:, None], photo.amax((1, 2))[:, None]
    sampled: NDArray[np.float32] = torch.minimum(torch.maximum(found, low), high).numpy()
    return sampled
