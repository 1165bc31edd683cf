"""How far a texture on a surface is from its exemplar, as small flat views show it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..exemplars.exemplar import Exemplar
from ..exemplars.views import apply_view
from ..features import FeatureNetwork
from ..models.model import TextureModel
from ..runtime.context import Check, proceed
from ..statistics import (
    FeatureStatistics,
    colour_moments,
    features_gradient,
    measure_features,
    moment_distance,
    statistics_distance,
)
from ..synthesis.targets import mixed_moments, octave_targets
from .views import View

# Of a layer's reach, as far from what does not count a feature still tells of the surface alone.
_REACH_SHARE = 0.5


class SurfaceObjective:
    """Distance of a surface's statistics from those wanted: value and gradient.

    Features are averaged over all views by how much of the surface each place stands for, as over
    the tiles of a plane: first all are measured, then each view is shown again for its gradient.

    Args:
        network: Gives the features.
        model: Says which, and how they weigh; of its octaves the full size counts.
        exemplar: One picture, or the maps of a material.
        views: That show all of the surface.
        check: Called before each view; an exception of it ends the evaluation.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        model: TextureModel,
        exemplar: Exemplar,
        views: Sequence[View],
        check: Check = proceed,
    ) -> None:
        self._network, self._model, self._views, self._check = network, model, views, check
        image = exemplar.image
        self._shown = [view.to(image) for view in exemplar.views]
        side = views[0].weight.shape[-1]
        with torch.no_grad():
            self._targets = [
                octave_targets(network, model, exemplar.parts, shown, (side, side))[0]
                for shown in self._shown
            ]
            self._moments = mixed_moments(exemplar.parts[0].sources)
        self._guides = [self._guide(view) for view in views]
        totals = {
            name: sum(float(guides[name].sum()) for guides in self._guides)
            for name in model.layer_names
        }
        for guides in self._guides:
            for name in guides:
                guides[name] = guides[name] / max(totals[name], 1e-9)

    def __call__(self, texels: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate at texels (channels, n): a value, and a gradient of the same shape."""
        gradient = torch.zeros_like(texels)
        value = texels.new_zeros(())
        slopes = []
        for by_layer, measured in zip(self._targets, self._measure(texels), strict=True):
            slopes.append(dict[str, FeatureStatistics]())
            for name, targets in by_layer.items():
                distance, slope = statistics_distance(measured[name], targets[0])
                value = value + distance
                slopes[-1][name] = slope
        for view, guides in zip(self._views, self._guides, strict=True):
            self._check()
            view.pull_back(self._find_gradient(view.show(texels), guides, slopes), gradient)
        if self._model.colour:
            with torch.enable_grad():
                seen = texels.detach()[:, None].requires_grad_()
                distance = self._model.colour * moment_distance(colour_moments(seen), self._moments)
                (slope_of_colours,) = torch.autograd.grad(distance, seen)
            value = value + distance.detach()
            gradient += slope_of_colours[:, 0]
        return value * self._model.scale, gradient * self._model.scale

    @torch.no_grad()
    def _measure(self, texels: Tensor) -> list[dict[str, FeatureStatistics]]:
        """Measure the statistics of the whole surface, by shown view and layer."""
        measured: list[dict[str, FeatureStatistics]] = [{} for _ in self._shown]
        for view, guides in zip(self._views, self._guides, strict=True):
            self._check()
            image = view.show(texels)
            for shown, of_shown in zip(self._shown, measured, strict=True):
                maps = self._network.picture_features(apply_view(image, shown), list(guides))
                for name, f in maps.items():
                    part = measure_features(f, guides[name])
                    if name in of_shown:
                        part = FeatureStatistics(
                            *(a + b for a, b in zip(of_shown[name], part, strict=True))
                        )
                    of_shown[name] = part
        return measured

    def _find_gradient(
        self,
        image: Tensor,
        guides: dict[str, Tensor],
        slopes: Sequence[dict[str, FeatureStatistics]],
    ) -> Tensor:
        """Find the gradient of a view's image from the slopes of the statistics."""
        gradient = torch.zeros_like(image)
        for shown, by_layer in zip(self._shown, slopes, strict=True):
            with torch.enable_grad():
                seen = image.detach().requires_grad_()
                maps = self._network.picture_features(apply_view(seen, shown), list(by_layer))
            upstream = [
                features_gradient(f.detach(), by_layer[name], guides[name])
                for name, f in maps.items()
            ]
            (part,) = torch.autograd.grad(list(maps.values()), seen, upstream)
            gradient += part
        return gradient

    def _guide(self, view: View) -> dict[str, Tensor]:
        """Say what each place of the layers' maps stands for, by layer."""
        counts = (view.weight > 0).float()[None, None]
        guides = {}
        for name in self._model.layer_names:
            reach = round(_REACH_SHARE * self._network.halo([name]))
            far = -F.max_pool2d(-counts, 2 * reach + 1, 1, reach) if reach else counts
            weight = F.avg_pool2d(view.weight[None, None] * far, self._network.stride([name]))
            guides[name] = weight[0, 0]
        return guides
