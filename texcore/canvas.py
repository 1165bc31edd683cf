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

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from . import torus
from .amplitude import averaged, spectral_amplitude
from .exemplar import Source
from .statistics.spectrum import Bands, band_power

# Cycles per texel up to which a canvas of half the size has settled the picture, fading out; and
# what is left there of the amplitude. With all of it left, 100 evaluations come to a loss a third
# higher; with less and less of it towards zero frequency, to a slightly higher one.
_SETTLED = (0.15, 0.25)
_RESTRAINT = 0.3
# Added to every channel's variance, so that a flat one can be decorrelated.
_FLAT = 1e-6
# Texels from which on a canvas' channels are filtered one by one, to bound the memory; and those
# whose colours are mixed at a time.
_LARGE = 1 << 20


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
        if self.height * self.width < _LARGE:
            return torch.fft.irfft2(gain * torch.fft.rfft2(x), s=size)
        gain = gain.expand(len(x), *gain.shape[-2:])
        filtered = torch.empty_like(x)
        for channel, of_channel, into in zip(x, gain, filtered, strict=True):
            into.copy_(torch.fft.irfft2(torch.fft.rfft2(channel).mul_(of_channel), s=size))
        return filtered


def canvas_of(
    kind: str, sources: Sequence[Source], height: int, width: int, directional: float
) -> Canvas:
    """The canvas of a kind, ``spectral`` or ``pixels``, for sources; see `SpectralCanvas`."""
    if kind == "pixels":
        return PixelCanvas(sources, height, width)
    (first, *others) = sources
    return SpectralCanvas(first.image, height, width, directional, others, first)


class PixelCanvas(Canvas):
    """A canvas whose variables are its pixels.

    Args:
        sources: Whose colours its noise has.
        height, width: Of the canvas in texels.
    """

    def __init__(self, sources: Sequence[Source], height: int, width: int) -> None:
        self.height, self.width = height, width
        mean, covariance = _colours(_measurable(sources))
        like = sources[0].image
        self.mean = mean.to(like)[:, None, None]
        self.deviation = covariance.diagonal().sqrt().to(like)[:, None, None]

    def image(self, z: Tensor) -> Tensor:  # noqa: D102
        return z

    def gradient(self, slope: Tensor) -> Tensor:  # noqa: D102
        return slope

    def variables(self, image: Tensor) -> Tensor:  # noqa: D102
        return image

    def noise(self, generator: torch.Generator) -> Tensor:
        """White noise of the mean and deviation of each of the exemplar's channels."""
        shape = (len(self.mean), self.height, self.width)
        noise = torch.randn(shape, generator=generator).to(self.mean)
        return self.mean + self.deviation * noise

    def uniform(self, generator: torch.Generator) -> Tensor:
        """White noise, every value of 0...1 as likely."""
        shape = (len(self.mean), self.height, self.width)
        return torch.rand(shape, generator=generator).to(self.mean)

    def from_coarser(  # noqa: D102
        self, image: Tensor, generator: torch.Generator, detail: Tensor | None = None
    ) -> Tensor:
        x = torus.resample(image, self.height, self.width)
        return x if detail is None else x + self._fine(detail - x)

    def from_layout(self, image: Tensor) -> Tensor:
        """The image."""
        return image


class SpectralCanvas(Canvas):
    """A canvas of one size for one exemplar, or for a mixture.

    Args:
        exemplar: Shape (channels, h, w), at the canvas' scale.
        height, width: Of the canvas in texels.
        directional: Share of the two-dimensional spectrum in S, 0...1; the rest is its average over
            rings. High where the exemplar is regular, low where it is not and every peak of its
            spectrum is an accident of the sample.
        others: Mixed with it: colours and power spectra are averaged by weight.
        first: Weight and mask of the exemplar itself.
    """

    def __init__(
        self,
        exemplar: Tensor,
        height: int,
        width: int,
        directional: float,
        others: Sequence[Source] = (),
        first: Source | None = None,
    ) -> None:
        self.height, self.width = height, width
        channels = exemplar.shape[0]
        sources = _measurable((first or Source(exemplar), *others))
        self.mean, covariance = _colours(sources)
        values, vectors = torch.linalg.eigh(
            covariance + _FLAT * torch.eye(channels, dtype=self.mean.dtype, device=self.mean.device)
        )
        self.mixing = vectors * values.sqrt()
        unmixing = vectors.T / values.sqrt()[:, None]
        decorrelated = []
        for source in sources:
            x = source.image.flatten(1).double()
            decorrelated.append((unmixing @ (x - x.mean(1)[:, None])).view(source.image.shape))
        weights = [source.weight for source in sources]
        amplitude = spectral_amplitude(decorrelated, weights, height, width, directional)
        self.mean, self.mixing = self.mean.to(exemplar), self.mixing.to(exemplar)
        self.unmixing = unmixing.to(exemplar)
        self.amplitude = amplitude.to(exemplar)
        self._gain = torch.ones((), dtype=exemplar.dtype, device=exemplar.device)

    def image(self, z: Tensor) -> Tensor:
        """The canvas (channels, height, width) of the variables z, same shape."""
        return _mixed(self.mixing, self._filtered(z, self.amplitude * self._gain), self.mean)

    def gradient(self, slope: Tensor) -> Tensor:
        """Cᵀ and the filter, which is symmetric: its amplitude is the same for ±f."""
        return self._filtered(_mixed(self.mixing.T, slope), self.amplitude * self._gain)

    def variables(self, image: Tensor) -> Tensor:
        """The z of a canvas: the inverse of `image`."""
        y = _mixed(self.unmixing, image - self.mean[:, None, None])
        return self._filtered(y, 1 / (self.amplitude * self._gain))

    def noise(self, generator: torch.Generator) -> Tensor:
        """White noise of unit variance of the canvas' shape.

        Drawn on the CPU, so that a seed means the same on every device.
        """
        shape = (self.mean.shape[0], self.height, self.width)
        return torch.randn(shape, generator=generator).to(self.mean)

    def uniform(self, generator: torch.Generator) -> Tensor:
        """Uniform white noise of unit variance: the filter, not the range, is the exemplar's."""
        shape = (self.mean.shape[0], self.height, self.width)
        return ((torch.rand(shape, generator=generator) - 0.5) * math.sqrt(12)).to(self.mean)

    def from_coarser(
        self, image: Tensor, generator: torch.Generator, detail: Tensor | None = None
    ) -> Tensor:
        """The z to go on with from a coarser canvas, whose frequencies are `_settle`d.

        The image is resampled; the fine frequencies that it cannot have, and any other band that
        lacks power, are filled up with noise. Without it they would start empty, and the optimiser
        hardly ever fills them: their gradients are small, as their amplitudes are.
        """
        self._settle()
        x = torus.resample(image, self.height, self.width)
        if detail is not None:
            x = x + self._fine(detail - x)
        z = self.variables(x)
        bands = Bands.of(self.height, self.width).to(z.device)
        lack = (1 - band_power(self._filtered(z, self._gain), bands)).clamp_min(0).sqrt()
        spectral = lack[:, bands.index].view(self.amplitude.shape)
        return z.add_(self._filtered(self.noise(generator), spectral.div_(self._gain)))

    def from_layout(self, image: Tensor) -> Tensor:
        """The z of an image, its coarse frequencies `_settle`d."""
        self._settle()
        return self.variables(image)

    def _settle(self) -> None:
        """Let the frequencies that a coarser canvas has move by a part of their amplitude only.

        The optimiser then spends its steps on what is new, and does not undo the layout while the
        fine frequencies are still noise.
        """
        new = self._new().to(self.amplitude)
        self._gain = _RESTRAINT + (1 - _RESTRAINT) * new


def _mixed(matrix: Tensor, x: Tensor, shift: Tensor | None = None) -> Tensor:
    """M·x + shift of an image (channels, height, width), in its place if that is contiguous."""
    x = x.contiguous()
    for part in x.flatten(1).split(_LARGE, 1):
        mixed = matrix @ part
        part.copy_(mixed if shift is None else mixed.add_(shift[:, None]))
    return x


def _measurable(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Where there are numbers of 64 bits: on Apple's GPUs there are none, and it is little work."""
    return tuple(
        replace(s, image=s.image.cpu(), mask=None if s.mask is None else s.mask.cpu())
        if s.image.is_mps
        else s
        for s in sources
    )


def _colours(sources: Sequence[Source]) -> tuple[Tensor, Tensor]:
    """Mean (channels,) and covariance (channels, channels) of the colours, in float64."""
    means, covariances = [], []
    for source in sources:
        x = source.image.flatten(1).double()
        if source.mask is None:
            mean = x.mean(1)
            centred = x - mean[:, None]
            covariance = centred @ centred.T / x.shape[1]
        else:
            w = source.mask.flatten().double()
            w = w / w.sum()
            mean = x @ w
            centred = x - mean[:, None]
            covariance = (centred * w) @ centred.T
        means.append(mean)
        covariances.append(covariance)
    weights = [source.weight for source in sources]
    return averaged(means, weights), averaged(covariances, weights)
