"""Begin a canvas from noise, uniform noise, or a picture under noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..canvas.making import make_canvas
from ..exemplars.exemplar import Exemplar, Region
from ..models.model import TextureModel
from .start import Value


class NoiseStart:
    """Normal noise: (1 − s) · mean colour + s · noise, with s the model's ``noise``.

    Each region of a canvas has noise and colour of its own.

    Args:
        model: Says how much noise there is, and of which kind canvases are.
    """

    def __init__(self, model: TextureModel) -> None:
        self._model = model

    def lay_out(
        self, exemplar: Exemplar, size: tuple[int, int], generator: torch.Generator
    ) -> Iterator[None]:
        """Do nothing: noise is nothing to look at."""
        return iter(())

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Draw the noise; see `Start`."""
        if self._model.noise == 1 and all(part.mask is None for part in exemplar.parts):
            return self._draw(canvas, generator)
        colour, noise = self._draw_regions(exemplar.parts, canvas, generator)
        return self._blend(canvas, colour, noise)

    def begin_restored(self, exemplar: Exemplar, canvas: Canvas) -> Tensor:
        """Make zeros: nothing of the canvas is decided by what it begins with."""
        return exemplar.make_blank(canvas.height, canvas.width)

    def begin_finer(
        self, exemplar: Exemplar, canvas: Canvas, image: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Take what the coarser level has come to, and noise for finer frequencies; see `Start`."""
        return canvas.begin_from_coarser(image, generator)

    def sketch(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor | None:
        """Show nothing: it begins with noise."""
        return None

    def find_change(self, image: Tensor) -> Tensor:
        """Find all of it: there was nothing to be seen before."""
        return image

    def state(self) -> dict[str, Tensor]:
        """Give nothing: finer levels need nothing of it."""
        return {}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take nothing out of ``tensors``."""

    def _draw(self, canvas: Canvas, generator: torch.Generator) -> Tensor:
        """Draw the variables of this kind of noise."""
        return canvas.draw_noise(generator)

    def _blend(self, canvas: Canvas, base: Tensor, noise: Tensor) -> Tensor:
        """Find the variables of an image under noise."""
        share = self._model.noise
        return canvas.find_variables((1 - share) * base + share * noise)

    def _draw_regions(
        self, regions: Sequence[Region], canvas: Canvas, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Draw mean colours and noise, both (channels, height, width), of regions in place."""
        size = canvas.height, canvas.width
        base = noise = total = torch.zeros(1)
        for region in regions:
            own = make_canvas(self._model.canvas, region.sources, *size, self._model.directional)
            image = own.render(self._draw(own, generator))
            mask = torch.ones_like(image[:1]) if region.mask is None else region.mask
            base, noise, total = base.to(image), noise.to(image), total.to(image)
            base = base + mask * image.mean((1, 2), keepdim=True)
            noise = noise + mask * image
            total = total + mask
        covered = total.clamp_min(1e-6)
        return base / covered, noise / covered


class UniformStart(NoiseStart):
    """Uniform noise, else as `NoiseStart`."""

    def _draw(self, canvas: Canvas, generator: torch.Generator) -> Tensor:
        return canvas.draw_uniform(generator)


class PictureStart(NoiseStart):
    """The exemplar's start picture under noise: (1 − s) · picture + s · noise."""

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Lay the picture under noise; where there is none, the mean colour stands for it."""
        colour, noise = self._draw_regions(exemplar.parts, canvas, generator)
        return self._blend(canvas, colour if exemplar.start is None else exemplar.start, noise)
