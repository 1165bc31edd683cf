"""Exemplar and recipe in, a generator of steps out; the last step carries the result.

Progress bars, previews, cancelling and tests all just consume the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from . import pyramid, torus
from .canvas import SpectralCanvas
from .features import FeatureNetwork
from .models import TextureModel, preset
from .objective import Objective, views
from .optim import Lbfgs
from .pictures import Picture, Pixels, default_size, flatten_alpha, from_display, to_display
from .pyramid import Level
from .recipe import Recipe
from .tiles import Tiling

# For the optimiser's memory; only beyond 2048 × 2048 texels it must make do with fewer pairs.
_OPTIMISER_BYTES = 2 * 2**30
# What an evaluation costs however small the canvas, in texels.
_OVERHEAD = 5000
_LEVEL_WORDS = ("Laying out", "Shaping", "Detailing")


@dataclass(frozen=True)
class Step:
    """One evaluation of the objective.

    Attributes:
        level, levels: Which size is worked on, from 0, of how many.
        iteration, iterations: Within the level, from 1.
        evaluations: In the whole run so far.
        loss: Value of the objective at the canvas as it is.
        fraction: Share of the whole work done, 0...1, by estimated cost.
        stage: What is happening, in a few plain words.
    """

    level: int
    levels: int
    iteration: int
    iterations: int
    evaluations: int
    loss: float
    fraction: float
    stage: str


class Synthesis:
    """One run. Iterate `steps` to its end, then take `result`.

    Args:
        exemplar: The picture to make more of.
        recipe: Everything else that decides the result.
        network: In float32, on any device; it is moved.
        device: Where to compute.
        dtype: Of the convolutions.
        tile_side: Of the part of the canvas that the network sees at a time, in texels; None for
            what the free memory allows. It decides nothing but memory and time.
        between_tiles: Called before each part; an exception of it ends the step being made.
    """

    def __init__(
        self,
        exemplar: Picture,
        recipe: Recipe,
        network: FeatureNetwork,
        device: torch.device,
        dtype: torch.dtype,
        tile_side: int | None = None,
        between_tiles: Callable[[], object] | None = None,
    ) -> None:
        width, height = recipe.size or default_size(exemplar)
        self.recipe = replace(recipe, size=(width, height))
        self.height, self.width = height, width
        self._depth = exemplar.depth
        exemplar, self._alpha = flatten_alpha(exemplar)
        linear = recipe.encoding == "linear" or (recipe.encoding == "auto" and exemplar.linear)
        self._linear = linear
        pixels = exemplar.pixels
        self._colours = len(pixels) - exemplar.has_alpha
        # Light has no upper limit; all but the brightest thousandth lands in 0...1.
        self._white = max(1.0, float(np.quantile(pixels[: self._colours], 0.999))) if linear else 1
        if linear:
            pixels = self._converted(pixels, to_display)
        self._exemplar = torch.from_numpy(pixels).to(device)
        self._low = self._exemplar.amin((1, 2))[:, None, None]
        self._high = self._exemplar.amax((1, 2))[:, None, None]
        self._network = network.to(device, dtype)
        self._model: TextureModel = preset(recipe.model, network)
        self._tiling = Tiling(
            self._network,
            self._model.layers,
            device,
            len(views(len(pixels))),
            self._model.octaves,
            tile_side,
            between_tiles,
        )
        self._torus = torus.Torus.from_tile(recipe.tile)
        self._canvas_size = self._torus.canvas_size(height, width)
        self.levels: list[Level] = pyramid.plan(
            tuple(self._exemplar.shape[-2:]),  # type: ignore[arg-type]
            self._canvas_size,
            self._model.stride(network),
            self._model.at_quality(recipe.quality),
            self._model.coarse_to_fine,
        )
        self.evaluations = 0
        self._current: tuple[SpectralCanvas, Lbfgs] | None = None

    def steps(self) -> Iterator[Step]:
        """Do the work; one step for each evaluation of the objective."""
        generator = torch.Generator().manual_seed(self.recipe.seed)
        costs = [
            (level.height * level.width + _OVERHEAD) * level.evaluations for level in self.levels
        ]
        for number, level in enumerate(self.levels):
            exemplar = pyramid.scaled(self._exemplar, level.scale_y, level.scale_x)
            canvas = SpectralCanvas(exemplar, level.height, level.width, self._model.directional)
            if number == 0:
                z = canvas.noise(generator)
            else:
                z = canvas.from_coarser(self._image(), generator)
            objective = Objective(self._network, self._model, exemplar, canvas, self._tiling)
            optimiser = Lbfgs(objective, z, _pairs(z))
            self._current = (canvas, optimiser)
            words = _LEVEL_WORDS[0 if number == 0 else 2 if number == len(self.levels) - 1 else 1]
            for loss in optimiser.run(level.evaluations):
                self.evaluations += 1
                done = costs[number] * optimiser.evaluations / level.evaluations
                yield Step(
                    level=number,
                    levels=len(self.levels),
                    iteration=optimiser.evaluations,
                    iterations=level.evaluations,
                    evaluations=self.evaluations,
                    loss=loss,
                    fraction=(sum(costs[:number]) + done) / sum(costs),
                    stage=f"{words} at {level.width} × {level.height}",
                )

    def result(self) -> Picture:
        """The texture of the recipe's size after the last step, in the exemplar's encoding."""
        return self._picture(*self._canvas_size, cut=True)

    def preview(self, longest: int = 512) -> Picture:
        """The canvas as it is now, at most so many texels wide, 8 bits, as displayed."""
        h, w = self._canvas_size
        shrink = min(1.0, longest / max(h, w))
        picture = self._picture(max(1, round(h * shrink)), max(1, round(w * shrink)), cut=False)
        pixels = picture.pixels
        if self._linear:
            pixels = self._converted(pixels, to_display)
        return Picture(pixels.clip(0, 1), "uint8")

    def _image(self) -> Tensor:
        """The canvas as it is now, of the size of the level worked on."""
        if self._current is None:
            raise RuntimeError("no step has been made")
        canvas, optimiser = self._current
        return canvas.image(optimiser.point)

    def _picture(self, height: int, width: int, cut: bool) -> Picture:
        image = torus.resample(self._image(), height, width)
        if cut:
            image = self._torus.cut(torus.calm(image), self.height, self.width)
        # What the exemplar never reaches is overshoot, not texture.
        image = torch.minimum(torch.maximum(image, self._low), self._high)
        pixels = image.float().cpu().numpy()
        if self._linear:
            pixels = self._converted(pixels, from_display)
        if self._alpha is not None:
            pixels = np.concatenate([pixels, np.full_like(pixels[:1], self._alpha)])
        return Picture(np.ascontiguousarray(pixels), self._depth, self._linear)

    def _converted(self, pixels: Pixels, curve: Callable[[Pixels, float], Pixels]) -> Pixels:
        """The colours through a transfer curve, alpha as it is."""
        colours = curve(pixels[: self._colours], self._white)
        return np.concatenate([colours, pixels[self._colours :]])


def _pairs(z: Tensor) -> int:
    """How many pairs of differences the optimiser keeps of such variables."""
    return max(4, min(12, _OPTIMISER_BYTES // (2 * z.nbytes)))
