"""Say what is optimised: variables, and the canvas that they make.

The papers optimise the pixels themselves, see `texcore.canvas.pixels`. Pixels are poor variables,
for gradients of feature statistics hardly reach coarse structure; `texcore.canvas.spectral` has
variables as white as noise, which a filter turns into the canvas.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

# Cycles per texel up to which a canvas of half the size has settled the picture, fading out.
_SETTLED_FREQUENCIES = (0.15, 0.25)
# Cycles per texel from which on an image's frequencies are its detail, fading in: below are things
# of a dozen texels and more, which a layout has put where they are.
_DETAIL_FREQUENCIES = (0.04, 0.12)
# Texels from which on a canvas' channels are filtered one by one, to bound the memory; and those
# whose colours are mixed at a time.
LARGE_TEXELS = 1 << 20


class Canvas(ABC):
    """What is optimised: variables z, and the image on a torus that they make.

    Attributes:
        height, width: Of the canvas in texels.
    """

    height: int
    width: int

    @abstractmethod
    def render(self, z: Tensor) -> Tensor:
        """Make the image (channels, height, width) of the variables z, same shape."""

    @abstractmethod
    def pull_back(self, slope: Tensor) -> Tensor:
        """Turn the gradient to the image, whose memory it may take, into that to z."""

    @abstractmethod
    def find_variables(self, image: Tensor) -> Tensor:
        """Find the z of an image: the inverse of `render`."""

    @abstractmethod
    def draw_noise(self, generator: torch.Generator) -> Tensor:
        """Draw the z of normal noise of the exemplar's colours.

        It is drawn on the CPU, so that a seed means the same on every device.
        """

    @abstractmethod
    def draw_uniform(self, generator: torch.Generator) -> Tensor:
        """Draw the z of uniform noise, on the CPU."""

    @abstractmethod
    def begin_from_coarser(
        self, image: Tensor, generator: torch.Generator, detail: Tensor | None = None
    ) -> Tensor:
        """Find the z to go on with from the image of a coarser canvas.

        Args:
            image: Of the coarser canvas.
            generator: Of noise that it may need.
            detail: An image of this canvas' size whose fine frequencies are taken over.
        """

    @abstractmethod
    def begin_from_layout(self, image: Tensor) -> Tensor:
        """Find the z of an image of the canvas' size whose coarse structure is to be kept."""

    def renew(
        self, z: Tensor, share: float, generator: torch.Generator, is_finer: bool = False
    ) -> Tensor:
        """Put noise in the place of a share of the detail in z.

        Args:
            z: The variables.
            share: Of noise in the detail, 0...1; what is larger than detail stays.
            generator: On the CPU.
            is_finer: Whether only that is detail which a canvas of half the size cannot have.
        """
        detail = self._weigh_new() if is_finer else self._weigh(_DETAIL_FREQUENCIES)
        weight = share * detail.to(z)
        noise = self._filter(self.draw_noise(generator), weight / self._get_gain())
        return self._filter(z, (1 - weight.square()).sqrt()).add_(noise)

    def _get_gain(self) -> Tensor | float:
        """Get what the canvas multiplies each frequency of variables by, beside its amplitude."""
        return 1.0

    def _weigh_new(self) -> Tensor:
        """Weigh 0...1 what a canvas of half the size cannot have, of each of `torch.fft.rfft2`."""
        return self._weigh(_SETTLED_FREQUENCIES)

    def _weigh(self, frequencies: tuple[float, float]) -> Tensor:
        """Weigh what is above two frequencies 1, below them 0, of each of `torch.fft.rfft2`."""
        fy = torch.fft.fftfreq(self.height)[:, None]
        fx = torch.fft.rfftfreq(self.width)[None]
        low, high = frequencies
        return ((torch.hypot(fy, fx) - low) / (high - low)).clamp(0, 1)

    def _keep_fine(self, image: Tensor) -> Tensor:
        """Keep of an image the frequencies that a canvas of half the size cannot have."""
        return self._filter(image, self._weigh_new().to(image))

    def _filter(self, x: Tensor, gain: Tensor) -> Tensor:
        """Multiply each frequency of an image by its gain."""
        size = self.height, self.width
        if self.height * self.width < LARGE_TEXELS:
            return torch.fft.irfft2(gain * torch.fft.rfft2(x), s=size)
        gain = gain.expand(len(x), *gain.shape[-2:])
        filtered = torch.empty_like(x)
        for channel, of_channel, into in zip(x, gain, filtered, strict=True):
            into.copy_(torch.fft.irfft2(torch.fft.rfft2(channel).mul_(of_channel), s=size))
        return filtered
