"""Optimise white noise that a filter turns into a canvas with the exemplar's spectrum.

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
from .amplitude import measure_amplitude
from .base import LARGE_TEXELS, Canvas
from .colours import FLAT_CHANNEL_VARIANCE, measure_colours, move_to_float64

# What is left of the amplitude where a coarser canvas has settled the picture. With all of it left,
# 100 evaluations come to a loss a third higher; with less and less of it towards zero frequency, to
# a slightly higher one.
_SETTLED_GAIN = 0.3


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

    Example:
        >>> generator = torch.Generator().manual_seed(0)
        >>> canvas = SpectralCanvas(torch.rand(3, 32, 32, generator=generator), 24, 40, 0.5)
        >>> z = canvas.draw_noise(generator)
        >>> torch.allclose(canvas.find_variables(canvas.render(z)), z, atol=1e-3)
        True
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
        sources = move_to_float64((first or Source(exemplar), *others))
        self.mean, covariance = measure_colours(sources)
        values, vectors = torch.linalg.eigh(
            covariance
            + FLAT_CHANNEL_VARIANCE
            * torch.eye(channels, dtype=self.mean.dtype, device=self.mean.device)
        )
        self.mixing = vectors * values.sqrt()
        unmixing = vectors.T / values.sqrt()[:, None]
        decorrelated = []
        for source in sources:
            x = source.image.flatten(1).double()
            decorrelated.append((unmixing @ (x - x.mean(1)[:, None])).view(source.image.shape))
        weights = [source.weight for source in sources]
        amplitude = measure_amplitude(decorrelated, weights, height, width, directional)
        self.mean, self.mixing = self.mean.to(exemplar), self.mixing.to(exemplar)
        self.unmixing = unmixing.to(exemplar)
        self.amplitude = amplitude.to(exemplar)
        self._gain = torch.ones((), dtype=exemplar.dtype, device=exemplar.device)

    def render(self, z: Tensor) -> Tensor:
        """Make the image (channels, height, width) of the variables z, same shape."""
        return _mix(self.mixing, self._filter(z, self.amplitude * self._gain), self.mean)

    def pull_back(self, slope: Tensor) -> Tensor:
        """Apply Cᵀ and the filter, which is symmetric: its amplitude is the same for ±f."""
        return self._filter(_mix(self.mixing.T, slope), self.amplitude * self._gain)

    def find_variables(self, image: Tensor) -> Tensor:
        """Find the z of an image: the inverse of `render`."""
        y = _mix(self.unmixing, image - self.mean[:, None, None])
        return self._filter(y, 1 / (self.amplitude * self._gain))

    def draw_noise(self, generator: torch.Generator) -> Tensor:
        """Draw white noise of unit variance of the canvas' shape.

        It is drawn on the CPU, so that a seed means the same on every device.
        """
        shape = (self.mean.shape[0], self.height, self.width)
        return torch.randn(shape, generator=generator).to(self.mean)

    def draw_uniform(self, generator: torch.Generator) -> Tensor:
        """Draw uniform white noise of unit variance; its range is not the exemplar's own."""
        shape = (self.mean.shape[0], self.height, self.width)
        return ((torch.rand(shape, generator=generator) - 0.5) * math.sqrt(12)).to(self.mean)

    def begin_from_coarser(
        self, image: Tensor, generator: torch.Generator, detail: Tensor | None = None
    ) -> Tensor:
        """Find the z to go on with from a coarser canvas, whose frequencies move less from now on.

        The image is resampled; the fine frequencies that it cannot have, and any other band that
        lacks power, are filled up with noise. Without it they would start empty, and the optimiser
        hardly ever fills them: their gradients are small, as their amplitudes are.
        """
        self._settle()
        x = torus.resample(image, self.height, self.width)
        if detail is not None:
            x = x + self._keep_fine(detail - x)
        z = self.find_variables(x)
        bands = Bands.of(self.height, self.width).to(z.device)
        lack = (1 - band_power(self._filter(z, self._gain), bands)).clamp_min(0).sqrt()
        spectral = lack[:, bands.index].view(self.amplitude.shape)
        return z.add_(self._filter(self.draw_noise(generator), spectral.div_(self._gain)))

    def begin_from_layout(self, image: Tensor) -> Tensor:
        """Find the z of an image, whose coarse frequencies move less from now on."""
        self._settle()
        return self.find_variables(image)

    def _get_gain(self) -> Tensor:
        return self._gain

    def _settle(self) -> None:
        """Let the frequencies that a coarser canvas has move by a part of their amplitude only.

        The optimiser then spends its steps on what is new, and does not undo the layout while the
        fine frequencies are still noise.
        """
        new = self._weigh_new().to(self.amplitude)
        self._gain = _SETTLED_GAIN + (1 - _SETTLED_GAIN) * new


def _mix(matrix: Tensor, x: Tensor, shift: Tensor | None = None) -> Tensor:
    """Compute M·x + shift of an image (channels, height, width), in its place if contiguous."""
    x = x.contiguous()
    for part in x.flatten(1).split(LARGE_TEXELS, 1):
        mixed = matrix @ part
        part.copy_(mixed if shift is None else mixed.add_(shift[:, None]))
    return x
