"""What is optimised: white noise that a filter turns into a canvas with the exemplar's spectrum.

Pixels are poor variables: gradients of feature statistics hardly reach coarse structure. Here the
variables are z, as white as noise, and the canvas is

    x = μ + C · F⁻¹(S · F(z))

with μ and C the mean and a square root of the covariance of the exemplar's channels, F the discrete
Fourier transform and S the amplitude spectrum of the exemplar's decorrelated channels. It lies on a
torus by construction, starts as noise with the exemplar's colours and spectrum, and a step in z
moves every frequency by its natural amount.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..exemplars.exemplar import Source
from ..statistics.spectrum import Bands, band_power
from ..surfaces import torus
from .amplitude import spectral_amplitude
from .base import LARGE, Canvas
from .colours import FLAT_VARIANCE, measurable, measure_colours

_RESTRAINT = 0.3


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
        sources = measurable((first or Source(exemplar), *others))
        self.mean, covariance = measure_colours(sources)
        values, vectors = torch.linalg.eigh(
            covariance
            + FLAT_VARIANCE * torch.eye(channels, dtype=self.mean.dtype, device=self.mean.device)
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
    for part in x.flatten(1).split(LARGE, 1):
        mixed = matrix @ part
        part.copy_(mixed if shift is None else mixed.add_(shift[:, None]))
    return x
