"""A decoded picture, and what is done to its numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]

# Values that are converted, read or written at a time: a picture may be most of the memory.
_STRIP = 1 << 22


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: Shape (channels, height, width), top row first; 1 channel is grey, 2 grey and alpha,
            3 RGB, 4 RGB and alpha. Integer files in 0...1; alpha straight, not multiplied in.
        depth: Of the file, ``uint8``, ``uint16``, ``half`` or ``float``.
        linear: Whether the numbers are scene-linear light rather than encoded as sRGB.
    """

    pixels: Pixels
    depth: str
    linear: bool = False

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.pixels.shape[0] in (2, 4)

    def digest(self) -> str:
        """SHA-256 of shape and pixels, whatever file they came in."""
        sha = hashlib.sha256(repr(self.pixels.shape).encode())
        sha.update(np.ascontiguousarray(self.pixels).data)
        return sha.hexdigest()


def strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """The rows of pixels of a shape (channels, height, width), as many at a time as are few."""
    channels, height, width = shape
    step = max(1, _STRIP // (channels * width))
    for top in range(0, height, step):
        yield slice(top, min(height, top + step))


def to_display(pixels: Pixels, white: float) -> Pixels:
    """Scene-linear light as encoded sRGB (IEC 61966-2-1), ``white`` becoming 1."""
    x = np.clip(pixels / white, 0, None)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


def from_display(pixels: Pixels, white: float) -> Pixels:
    """The inverse of `to_display`."""
    x = np.clip(pixels, 0, None)
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return (linear * white).astype(np.float32)


def flatten_alpha(picture: Picture) -> tuple[Picture, float | None]:
    """Take a constant alpha off; its value is given back to be put on again."""
    if not picture.has_alpha:
        return picture, None
    alpha = picture.pixels[-1]
    if float(alpha.max() - alpha.min()) > 1e-4:
        return picture, None
    return replace(picture, pixels=picture.pixels[:-1]), float(alpha.flat[0])
