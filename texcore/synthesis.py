"""Exemplar and recipe in, a generator of steps out; after the last the canvas is the result.

Progress bars, previews, cancelling and tests all just consume the steps. All images here are
tensors; `texcore.exemplar.Codec` makes pictures of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from . import periods, pyramid, torus
from .adam import Adam
from .canvas import Canvas, canvas_of
from .exemplar import Exemplar
from .features import FeatureNetwork
from .models import chosen
from .objective import Objective
from .optim import Lbfgs
from .patchwork import Patchwork, patchwork
from .pyramid import Level
from .recipe import Recipe, default_size
from .start import start
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
        exemplar: To make more of; it is moved to the device.
        recipe: Everything else that decides the result. Of its own accord this follows size,
            quality, tile, seed and what the model is; the rest is for those who read and write
            files.
        network: In float32, on any device; it is moved.
        device: Where to compute.
        dtype: Of the convolutions.
        tile_side: Of the part of the canvas that the network sees at a time, in texels; None for
            what the free memory allows. It decides nothing but memory and time.
        between_tiles: Called before each part; an exception of it ends the step being made.
    """

    def __init__(
        self,
        exemplar: Exemplar,
        recipe: Recipe,
        network: FeatureNetwork,
        device: torch.device,
        dtype: torch.dtype,
        tile_side: int | None = None,
        between_tiles: Callable[[], object] | None = None,
    ) -> None:
        h, w = exemplar.image.shape[-2:]
        width, height = recipe.size or default_size(w, h)
        self.recipe = replace(recipe, size=(width, height))
        self.height, self.width = height, width
        self._network = network.to(device, dtype)
        self._between = between_tiles
        self.model, self.notes = chosen(recipe, network)
        if self.model.start == "patchwork" and not exemplar.plain:
            self.model = replace(self.model, start="noise")
        self._tiling = Tiling(
            self._network,
            self.model.layer_names,
            device,
            len(exemplar.views),
            len(self.model.octaves),
            tile_side,
            between_tiles,
        )
        self._torus = torus.Torus.from_tile(recipe.tile)
        self._canvas_size = self._torus.canvas_size(height, width)
        if self.model.start == "picture" and exemplar.start is None:
            exemplar = replace(exemplar, start=exemplar.image)
        self._exemplar = exemplar.mapped(lambda x: x.to(device), self._laid(device))
        evaluations = recipe.iterations or self.model.at_quality(recipe.quality)
        self.levels: list[Level] = pyramid.plan(
            (h, w),
            self._canvas_size,
            self.model.stride(network),
            evaluations,
            self.model.coarse_to_fine,
            self.model.start == "patchwork",
            self._scales(),
        )
        if recipe.iterations:
            self.levels = [replace(level, evaluations=recipe.iterations) for level in self.levels]
        self.evaluations = 0
        self._current: tuple[Canvas, Lbfgs | Adam] | None = None

    def steps(self) -> Iterator[Step]:
        """Do the work; one step for each evaluation of the objective."""
        generator = torch.Generator().manual_seed(self.recipe.seed)
        costs = [
            (level.height * level.width + _OVERHEAD) * level.evaluations for level in self.levels
        ]
        layout: Patchwork | None = None
        for number, level in enumerate(self.levels):
            exemplar = self._exemplar.mapped(
                partial(pyramid.scaled, scale_y=level.scale_y, scale_x=level.scale_x),
                partial(pyramid.scaled_to, height=level.height, width=level.width),
            )
            sources = [source for region in exemplar.parts for source in region.sources]
            canvas = canvas_of(
                self.model.canvas, sources, level.height, level.width, self.model.directional
            )
            if number:
                detail = self._detail(layout, exemplar, level) if layout else None
                z = canvas.from_coarser(self._image(), generator, detail)
            elif self.model.start == "patchwork":
                size = level.height, level.width
                layout = patchwork(exemplar.image, *size, generator, self._between)
                z = canvas.from_layout(layout.of(exemplar.image, *size))
            else:
                z = start(self.model, exemplar, canvas, generator)
            objective = Objective(self._network, self.model, exemplar, canvas, self._tiling)
            optimiser = self._optimiser(objective, z)
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

    def result(self) -> Tensor:
        """The texture (channels, height, width) of the recipe's size after the last step.

        Values may lie a little out of the exemplar's range.
        """
        image = torus.resample(self._image(), *self._canvas_size)
        if not self._placed:
            image = torus.calm(image)
        return self._torus.cut(image, self.height, self.width)

    def preview(self, longest: int = 512) -> Tensor:
        """The canvas as it is now, at most so many texels wide or high."""
        h, w = self._canvas_size
        shrink = min(1.0, longest / max(h, w))
        return torus.resample(self._image(), max(1, round(h * shrink)), max(1, round(w * shrink)))

    @property
    def _placed(self) -> bool:
        """Whether something on the canvas has its place, so that it must not be moved."""
        return self.model.start == "picture" or any(
            r.mask is not None for r in self._exemplar.parts
        )

    def _scales(self) -> tuple[float, float]:
        """What the exemplar is scaled by, y and x, so that whole periods of it fit the canvas."""
        if self.model.start != "patchwork":
            return 1.0, 1.0
        found = periods.periods(self._exemplar.image)
        scales = periods.fit(found, self._canvas_size, (self._torus.y, self._torus.x))
        if max(abs(scale - 1) for scale in scales) > 0.005:
            self.notes.append(
                f"The exemplar repeats: it was scaled to {scales[1]:.0%} in width and "
                f"{scales[0]:.0%} in height, so that whole periods fit."
            )
        return scales

    def _detail(self, layout: Patchwork, exemplar: Exemplar, level: Level) -> Tensor | None:
        """The layout's own fine detail at a level, if the model takes it from the exemplar."""
        if self.model.detail != "exemplar":
            return None
        return layout.of(exemplar.image, level.height, level.width)

    def _laid(self, device: torch.device) -> Callable[[Tensor], Tensor]:
        """Brings what lies over the result to the canvas."""

        def laid(x: Tensor) -> Tensor:
            fitted = pyramid.scaled_to(x.to(device), self.height, self.width)
            return self._torus.extended(fitted)

        return laid

    def _optimiser(self, objective: Objective, z: Tensor) -> Lbfgs | Adam:
        if self.model.optimiser == "adam":
            return Adam(objective, z)
        return Lbfgs(
            objective, z, max(4, min(self.model.memory, _OPTIMISER_BYTES // (2 * z.nbytes)))
        )

    def _image(self) -> Tensor:
        """The canvas as it is now, of the size of the level worked on."""
        if self._current is None:
            raise RuntimeError("no step has been made")
        canvas, optimiser = self._current
        return canvas.image(optimiser.point)
