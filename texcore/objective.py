"""How far a canvas is from its exemplar: a value and a gradient for the optimiser."""

from __future__ import annotations

import torch
from torch import Tensor

from . import devices, pyramid, torus
from .canvas import SpectralCanvas
from .exemplar import Exemplar
from .features import FeatureNetwork
from .models import TextureModel
from .statistics import (
    FeatureStatistics,
    colour_moments,
    feature_distance,
    mean_statistics,
    measure_features,
    moment_distance,
)
from .tiles import Tiling, tiled_distance

# Sides below which an octave has nothing to say.
_SMALLEST_OCTAVE = 32
# The exemplar is measured in blocks of this side; of a huge one, so many of them tell everything.
_BLOCK = 1024
_MOST_BLOCKS = 16
# Only the scale of the numbers: the optimiser's first step is sized by it.
_SCALE = 100.0


class Objective:
    """Distance of a spectral canvas' statistics from those of the exemplar at one level.

    Args:
        network: Gives the features.
        model: Says which, and how they weigh.
        exemplar: At the level's scale.
        canvas: Of the level.
        tiling: How large a part of the canvas may be shown to the network at a time; made here if
            not given. Once memory runs out its tiles are smaller, for those who share it as well.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        model: TextureModel,
        exemplar: Exemplar,
        canvas: SpectralCanvas,
        tiling: Tiling | None = None,
    ) -> None:
        self.network, self.model, self.canvas = network, model, canvas
        image = exemplar.image
        self.views = [view.to(image) for view in exemplar.views]
        self.tiling = tiling or Tiling(
            network, model.layers, image.device, len(self.views), model.octaves
        )
        with torch.no_grad():
            self.targets = [self._targets(_shown(image, view)) for view in self.views]
            for targets in self.targets[len(self.views) - exemplar.coarse :]:
                if len(targets) > 1:
                    targets[0] = {}
            self.moments = colour_moments(image)

    def __call__(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Value and gradient at the variables z of the canvas.

        Where memory runs out it is done again with smaller tiles, down to the smallest.
        """
        while True:
            try:
                return self._evaluate(z)
            except (MemoryError, RuntimeError) as e:
                if not devices.says_no_memory(e):
                    raise
                if not self.tiling.halve(self.canvas.height, self.canvas.width):
                    raise
            # Not before the error, and all that its traceback holds, has gone.
            if z.is_cuda:
                torch.cuda.empty_cache()

    def _evaluate(self, z: Tensor) -> tuple[Tensor, Tensor]:
        z = z.detach().requires_grad_()
        with torch.enable_grad():
            value = self.distance(self.canvas.image(z))
            (gradient,) = torch.autograd.grad(value, z)
        return value.detach(), gradient

    def distance(self, image: Tensor) -> Tensor:
        """Distance of a canvas image (channels, height, width), with a gradient to it."""
        value = image.new_zeros(())
        for view, targets in zip(self.views, self.targets, strict=True):
            x = _shown(image, view)
            for octave, by_layer in enumerate(targets):
                if octave:
                    x = torus.halve(x)
                if not by_layer:
                    continue
                plan = self.tiling.plan(*x.shape[-2:])
                if plan.whole:
                    maps = self.network.features(x, list(by_layer))
                    for layer, target in by_layer.items():
                        distance = feature_distance(maps[layer], target, self.model.mean_weight)
                        value = value + distance
                else:
                    value = value + tiled_distance(
                        x, self.network, by_layer, self.model.mean_weight, plan
                    )
        if self.model.colour_weight:
            distance = moment_distance(colour_moments(image), self.moments)
            value = value + self.model.colour_weight * distance
        return value * _SCALE

    def _targets(self, x: Tensor) -> list[dict[str, FeatureStatistics]]:
        """Per octave and layer the exemplar's statistics; at least the first octave's."""
        targets = []
        canvas_side = min(self.canvas.height, self.canvas.width)
        for octave in range(self.model.octaves):
            if octave:
                canvas_side //= 2
                if min(canvas_side, *(n // 2 for n in x.shape[-2:])) < _SMALLEST_OCTAVE:
                    break
                x = torus.halve(x)
            targets.append(self._measured(x))
        return targets

    def _measured(self, x: Tensor) -> dict[str, FeatureStatistics]:
        """The statistics of one octave of the exemplar, block by block to bound the memory."""
        by_layer: dict[str, list[tuple[FeatureStatistics, int]]] = {}
        for block in pyramid.blocks(x, _BLOCK, _MOST_BLOCKS):
            for name, f in self.network.exemplar_features(block, self.model.layers).items():
                measured = measure_features(f), f.shape[-2] * f.shape[-1]
                by_layer.setdefault(name, []).append(measured)
        return {name: mean_statistics(parts) for name, parts in by_layer.items()}


def _shown(image: Tensor, view: Tensor) -> Tensor:
    return (view @ image.flatten(1)).view(1, 3, *image.shape[-2:])
