"""What is optimised: white noise that a filter turns into a canvas with the exemplar's spectrum.

Pixels are poor variables: gradients of feature statistics hardly reach coarse structure. Here the
variables are z, as white as noise, and the canvas is

    x = μ + C · F⁻¹(S · F(z))

with μ and C the mean and a square root of the covariance of the exemplar's channels, F the discrete
Fourier transform and S the amplitude spectrum of the exemplar's decorrelated channels. It lies on a
torus by construction, starts as noise with the exemplar's colours and spectrum, and a step in z
moves every frequency by its natural amount.

The papers optimise the pixels themselves: that is `PixelCanvas`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

# Cycles per texel up to which a canvas of half the size has settled the picture, fading out; and
# what is left there of the amplitude. With all of it left, 100 evaluations come to a loss a third
# higher; with less and less of it towards zero frequency, to a slightly higher one.
_SETTLED = (0.15, 0.25)
# Texels from which on a canvas' channels are filtered one by one, to bound the memory; and those
# whose colours are mixed at a time.
LARGE = 1 << 20


class Canvas(ABC):
    """What is optimised: variables z, and the image on a torus that they make.

    Attributes:
        height, width: Of the canvas in texels.
    """

    height: int
    width: int

    @abstractmethod
    def image(self, z: Tensor) -> Tensor:
        """The canvas (channels, height, width) of the variables z, same shape."""

    @abstractmethod
    def gradient(self, slope: Tensor) -> Tensor:
        """The gradient with respect to z from that to the image, whose memory it may take."""

    @abstractmethod
    def variables(self, image: Tensor) -> Tensor:
        """The z of a canvas: the inverse of `image`."""

    @abstractmethod
    def noise(self, generator: torch.Generator) -> Tensor:
        """The z of normal noise of the exemplar's colours, drawn on the CPU.

        So a seed means the same on every device.
        """

    @abstractmethod
    def uniform(self, generator: torch.Generator) -> Tensor:
        """The z of uniform noise, drawn on the CPU."""

    @abstractmethod
    def from_coarser(
        self, image: Tensor, generator: torch.Generator, detail: Tensor | None = None
    ) -> Tensor:
        """The z to go on with from the image of a coarser canvas.

        Args:
            image: Of the coarser canvas.
            generator: Of noise that it may need.
            detail: An image of this canvas' size whose fine frequencies are taken over.
        """

    @abstractmethod
    def from_layout(self, image: Tensor) -> Tensor:
        """The z of an image of the canvas' size whose coarse structure is to be kept."""

    def _new(self) -> Tensor:
        """What a canvas of half the size cannot have: 0...1 of each of `torch.fft.rfft2`."""
        fy = torch.fft.fftfreq(self.height)[:, None]
        fx = torch.fft.rfftfreq(self.width)[None]
        low, high = _SETTLED
        return ((torch.hypot(fy, fx) - low) / (high - low)).clamp(0, 1)

    def _fine(self, image: Tensor) -> Tensor:
        """An image's `_new` frequencies."""
        return self._filtered(image, self._new().to(image))

    def _filtered(self, x: Tensor, gain: Tensor) -> Tensor:
        size = self.height, self.width
        if self.height * self.width < LARGE:
            return torch.fft.irfft2(gain * torch.fft.rfft2(x), s=size)
        gain = gain.expand(len(x), *gain.shape[-2:])
        filtered = torch.empty_like(x)
        for channel, of_channel, into in zip(x, gain, filtered, strict=True):
            into.copy_(torch.fft.irfft2(torch.fft.rfft2(channel).mul_(of_channel), s=size))
        return filtered
