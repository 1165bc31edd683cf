"""How far a canvas is from its exemplar: a value and a gradient for the optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..exemplars.exemplar import Exemplar
from ..exemplars.views import apply_view
from ..features import FeatureNetwork
from ..models.model import TextureModel
from ..runtime import devices
from ..runtime.processes import Starved
from ..statistics import Target, colour_moments, feature_distance, moment_distance, roughness
from ..surfaces import torus
from .levels import COARSE_STRIDE
from .targets import mixed_moments, octave_targets
from .tiled_distance import tiled_distance
from .tiling import Tiling

Evaluated = TypeVar("Evaluated")


class Objective:
    """Distance of a canvas' statistics from those wanted, at one level.

    Args:
        network: Gives the features.
        model: Says which, and how they weigh.
        exemplar: At the level's scale, its masks of the canvas' size.
        canvas: Of the level.
        tiling: How large a part of the canvas may be shown to the network at a time, and with whom
            the work is divided. Once memory runs out its tiles are smaller, for those who share it
            as well.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        model: TextureModel,
        exemplar: Exemplar,
        canvas: Canvas,
        tiling: Tiling,
    ) -> None:
        self.network, self.model, self.canvas = network, model, canvas
        image = exemplar.image
        # Colour is seen as it is: no copy of the canvas.
        self.views = [
            None if torch.equal(view.cpu(), torch.eye(3)) else view.to(image)
            for view in exemplar.views
        ]
        self.tiling = tiling
        size = canvas.height, canvas.width
        with torch.no_grad():
            self.targets = [
                octave_targets(network, model, exemplar.parts, view, size) for view in self.views
            ]
            for targets in self.targets[len(self.views) - exemplar.coarse :]:
                if len(targets) > 1:
                    targets[0] = {
                        name: of_layer
                        for name, of_layer in targets[0].items()
                        if network.stride([name]) <= COARSE_STRIDE
                    }
            self.moments = [
                (region.mask, mixed_moments(region.sources)) for region in exemplar.parts
            ]

    def __call__(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Value and gradient at the variables z of the canvas.

        Where memory runs out it is done again with smaller tiles, down to the smallest. Several
        processes do so together, whichever of them it was; there z is the leader's.
        """
        return self._tried(self._evaluate, z)

    def value(self, z: Tensor) -> Tensor:
        """The value alone, in half the time; else as a call."""
        return self._tried(self._value, z)

    def _tried(self, evaluate: Callable[[Tensor], Evaluated], z: Tensor) -> Evaluated:
        group = self.tiling.context.group
        if group:
            z = group.from_leader(z.contiguous())
        while True:
            try:
                evaluated = evaluate(z)
                if group:
                    group.agree()
                return evaluated
            except (MemoryError, RuntimeError) as e:
                if not devices.says_no_memory(e):
                    raise
                if group and not isinstance(e, Starved):
                    group.starve()
                if not self.tiling.halve(self.canvas.height, self.canvas.width):
                    raise
            # Not before the error, and all that its traceback holds, has gone.
            if z.is_cuda:
                torch.cuda.empty_cache()

    def repeats(self) -> bool:
        """Whether an evaluation is the same kernels each time, so that it may be recorded.

        Of several tiles it is not worth it: each is work enough for the device.
        """
        whole = self.tiling.plan(self.canvas.height, self.canvas.width).whole
        return whole and self.tiling.context.group is None

    def _evaluate(self, z: Tensor) -> tuple[Tensor, Tensor]:
        # What the canvas does is linear: to keep its steps would take more than all else.
        with torch.no_grad():
            image = self.canvas.render(z.detach())
        image = image.detach().requires_grad_()
        with torch.enable_grad():
            value = self.distance(image)
            (slope,) = torch.autograd.grad(value, image)
        with torch.no_grad():
            return value.detach(), self.canvas.pull_back(slope)

    @torch.no_grad()
    def _value(self, z: Tensor) -> Tensor:
        return self.distance(self.canvas.render(z.detach()))

    def distance(self, image: Tensor) -> Tensor:
        """Distance of a canvas image (channels, height, width), with a gradient to it."""
        value = image.new_zeros(())
        for view, octaves in zip(self.views, self.targets, strict=True):
            x = apply_view(image, view)
            for octave, by_layer in enumerate(octaves):
                if octave:
                    x = torus.halve(x, self.model.blur)
                if by_layer:
                    value = value + self._features_distance(x, by_layer)
        if self.model.colour:
            for mask, wanted in self.moments:
                distance = moment_distance(colour_moments(image, mask), wanted)
                value = value + self.model.colour * distance
        if self.model.smoothness:
            value = value + self.model.smoothness * roughness(image)
        return value * self.model.scale

    def _features_distance(self, x: Tensor, by_layer: dict[str, list[Target]]) -> Tensor:
        """Measure how far the features of one octave x, (1, 3, h, w), are from their targets."""
        plan = self.tiling.plan(*x.shape[-2:])
        if not plan.whole:
            return tiled_distance(x, self.network, by_layer, plan)
        maps = self.network.features(x, list(by_layer))
        value = x.new_zeros(())
        for name, several in by_layer.items():
            for target in several:
                value = value + feature_distance(maps[name], target)
        return value
