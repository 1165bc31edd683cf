"""What a canvas starts from: noise, uniform noise, a picture, or a picture under noise."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..canvas.kinds import canvas_of
from ..exemplars.exemplar import Exemplar, Region
from ..models.model import TextureModel


def start(
    model: TextureModel, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator
) -> Tensor:
    """The variables to begin with: (1 − s) · picture + s · noise, with s the model's ``noise``.

    Where there is no picture, the mean colour stands for it. Each region of a canvas has noise
    and colour of its own.

    Args:
        model: Says what to start from.
        exemplar: At the canvas' scale, its masks and start of the canvas' size.
        canvas: Whose variables.
        generator: Of the noise.
    """
    even = all(region.mask is None for region in exemplar.parts)
    if even and model.start != "picture" and model.noise == 1:
        return canvas.draw_uniform(generator) if model.start == "uniform" else canvas.draw_noise(generator)
    s = model.noise
    base, noise = _noise(model, exemplar.parts, canvas, generator)
    if model.start == "picture" and exemplar.start is not None:
        base = exemplar.start
    return canvas.find_variables((1 - s) * base + s * noise)


def _noise(
    model: TextureModel, regions: Sequence[Region], canvas: Canvas, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Mean colours and noise, both (channels, height, width), of each region in its place."""
    size = canvas.height, canvas.width
    base = noise = total = torch.zeros(1)
    for region in regions:
        own = canvas_of(model.canvas, region.sources, *size, model.directional)
        z = own.uniform(generator) if model.start == "uniform" else own.noise(generator)
        image = own.image(z)
        mask = torch.ones_like(image[:1]) if region.mask is None else region.mask
        base, noise, total = base.to(image), noise.to(image), total.to(image)
        base = base + mask * image.mean((1, 2), keepdim=True)
        noise = noise + mask * image
        total = total + mask
    covered = total.clamp_min(1e-6)
    return base / covered, noise / covered
