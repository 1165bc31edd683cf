"""How far the slices of a cube are from a photo: value and gradient.

Every voxel lies in a slice along each axis. Along an axis the Gram matrices and means of all slices
are averaged, as those of one large picture, and compared with the photo's: slices differ as parts
of the photo do, while each cut that is through many of them shows what the photo shows. (Kopf et
al. 2007, Solid Texture Synthesis from 2D Exemplars, has the slices; Gutierrez et al. 2020, On
Demand Solid Texture Synthesis Using Deep 3D Networks, the features.)
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork
from ..models.model import TextureModel
from ..runtime.context import Check, proceed
from ..statistics import (
    FeatureStatistics,
    Target,
    colour_moments,
    features_gradient,
    mean_statistics,
    measure_features,
    moment_distance,
    statistics_distance,
)
from ..synthesis.targets import mixed_moments, octave_targets
from .cube import view_slices

# Texels that the network is shown at a time; in between it is asked whether to go on.
_SHOWN_TEXELS = 2**17


class CubeObjective:
    """Distance of a cube's slices from an exemplar: value and gradient.

    Args:
        network: Gives the features.
        model: Says which, and how they weigh; of its octaves the full size counts.
        exemplar: At the cube's scale.
        cuts: Which slices look like it, of `choices.CUTS`.
        side: Of the cube in voxels.
        check: Called now and then; an exception of it ends the evaluation.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        model: TextureModel,
        exemplar: Exemplar,
        cuts: str,
        side: int,
        check: Check = proceed,
    ) -> None:
        self._network, self._model, self._cuts, self._check = network, model, cuts, check
        self._shown = [view.to(exemplar.image) for view in exemplar.views]
        with torch.no_grad():
            self._targets = [
                {
                    name: targets[0]
                    for name, targets in octave_targets(
                        network, model, exemplar.parts, view, (side, side)
                    )[0].items()
                }
                for view in self._shown
            ]
            self._moments = mixed_moments(exemplar.parts[0].sources)

    def __call__(self, cube: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate at a cube (channels, n, n, n): a value, and a gradient of the same shape."""
        gradient = torch.zeros_like(cube)
        value = cube.new_zeros(())
        batches = view_slices(cube, self._cuts)
        for slices, into in zip(batches, view_slices(gradient, self._cuts), strict=True):
            for view, targets in zip(self._shown, self._targets, strict=True):
                value = value + self._evaluate(slices, into, view, targets)
        if self._model.colour:
            with torch.enable_grad():
                seen = cube.detach().flatten(2).requires_grad_()
                away = moment_distance(colour_moments(seen), self._moments)
                (slope,) = torch.autograd.grad(away, seen)
            weight = self._model.colour * len(batches)
            value = value + weight * away.detach()
            gradient += weight * slope.view_as(cube)
        scale = self._model.scale / len(batches)
        return value * scale, gradient * scale

    def _evaluate(
        self, slices: Tensor, into: Tensor, view: Tensor, targets: dict[str, Target]
    ) -> Tensor:
        """Return the distance of the slices along one axis, and add its gradient."""
        n = len(slices)
        at_once = max(1, _SHOWN_TEXELS // n**2)
        made: list[tuple[Tensor, dict[str, Tensor]]] = []
        measured: dict[str, list[tuple[FeatureStatistics, float]]] = {name: [] for name in targets}
        for part in slices.detach().split(at_once):
            self._check()
            with torch.enable_grad():
                seen = part.contiguous().requires_grad_()
                maps = self._network.features(_show(seen, view), list(targets))
            made.append((seen, maps))
            with torch.no_grad():
                for name, features in maps.items():
                    measured[name].append((measure_features(features), len(part)))
        value = slices.new_zeros(())
        slopes: dict[str, FeatureStatistics] = {}
        for name, target in targets.items():
            distance, slopes[name] = statistics_distance(mean_statistics(measured[name]), target)
            value = value + distance
        start = 0
        for seen, maps in made:
            self._check()
            upstream = [
                features_gradient(features.detach(), slopes[name], len(seen) / n / _count(features))
                for name, features in maps.items()
            ]
            (slope,) = torch.autograd.grad(list(maps.values()), seen, upstream)
            maps.clear()
            into[start : start + len(seen)] += slope
            start += len(seen)
        return value


def _show(slices: Tensor, view: Tensor) -> Tensor:
    """Show the network slices (b, channels, n, n) by a view, as `apply_view` does one image."""
    grey = 0.5 - 0.5 * view.sum(1)
    return torch.einsum("kc,bcyx->bkyx", view, slices) + grey[:, None, None]


def _count(features: Tensor) -> int:
    """Count the positions of features (b, channels, h, w)."""
    return features[:, 0].numel()
