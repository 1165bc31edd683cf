"""How far a texture on a surface is from its exemplar, as small flat views show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..exemplars.exemplar import Exemplar, Region
from ..exemplars.views import apply_view
from ..features import FeatureNetwork
from ..models.model import TextureModel
from ..runtime.context import Check, proceed
from ..statistics import (
    FeatureStatistics,
    Target,
    colour_moments,
    features_gradient,
    measure_features,
    moment_distance,
    statistics_distance,
)
from ..synthesis.targets import mixed_moments, octave_targets
from .views import View, show_as_views_do

# Of a layer's reach, as far from what does not count a feature still tells of the surface alone.
_REACH_SHARE = 0.5


@dataclass(frozen=True)
class _Part:
    """A part of the surface, and what it shall become.

    Attributes:
        texels: Its texels by number.
        targets: For each image that the network is shown of a view, by layer.
        guides: For each view what each place of a layer's map stands for, by layer; 1 in sum.
        moments: Of its colours.
    """

    texels: Tensor
    targets: list[dict[str, Target]]
    guides: list[dict[str, Tensor]]
    moments: Tensor


_Measured = list[dict[str, FeatureStatistics]]  # for each image that is shown, by layer


class SurfaceObjective:
    """Distance of a surface's statistics from those wanted: value and gradient.

    Features are averaged over all views by how much of the surface each place stands for, as over
    the tiles of a plane: first all are measured, then each view is shown again for its gradient.
    Each part of the surface has statistics of its own.

    Args:
        network: Gives the features.
        model: Says which, and how they weigh; of its octaves the full size counts.
        exemplar: One picture, or the maps of a material, for each part of the surface.
        views: That show all of the surface.
        parts: The number of the part that each texel is of, shape (n).
        check: Called before each view; an exception of it ends the evaluation.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        model: TextureModel,
        exemplar: Exemplar,
        views: Sequence[View],
        parts: Tensor,
        check: Check = proceed,
    ) -> None:
        self._network, self._model, self._views, self._check = network, model, views, check
        self._shown = [view.to(exemplar.image) for view in exemplar.views]
        with torch.no_grad():
            made = [
                self._make_part(region, parts == number)
                for number, region in enumerate(exemplar.parts)
            ]
        self._parts = [part for part in made if len(part.texels)]

    def __call__(self, texels: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate at texels (channels, n): a value, and a gradient of the same shape."""
        gradient = torch.zeros_like(texels)
        value = texels.new_zeros(())
        slopes = []
        for part, measured in zip(self._parts, self._measure(texels), strict=True):
            of_part: _Measured = []
            for by_layer, of_shown in zip(part.targets, measured, strict=True):
                of_part.append({})
                for name, target in by_layer.items():
                    distance, slope = statistics_distance(of_shown[name], target)
                    value = value + distance
                    of_part[-1][name] = slope
            slopes.append(of_part)
        for number, view in enumerate(self._views):
            self._check()
            view.pull_back(self._find_gradient(view.show(texels), number, slopes), gradient)
        if self._model.colour:
            for part in self._parts:
                with torch.enable_grad():
                    seen = texels[:, part.texels].detach()[:, None].requires_grad_()
                    away = moment_distance(colour_moments(seen), part.moments)
                    distance = self._model.colour * away
                    (slope_of_colours,) = torch.autograd.grad(distance, seen)
                value = value + distance.detach()
                gradient[:, part.texels] += slope_of_colours[:, 0]
        return value * self._model.scale, gradient * self._model.scale

    def _make_part(self, region: Region, mine: Tensor) -> _Part:
        """Measure what a part shall become; ``mine`` says which texels are of it."""
        model, side = self._model, self._views[0].weight.shape[-1]
        guides = [self._guide(view, mine) for view in self._views]
        totals = {name: sum(float(of[name].sum()) for of in guides) for name in model.layer_names}
        # Of a narrow part a layer that sees far says nothing.
        names = [name for name, total in totals.items() if total > 0]
        seen = Region(
            tuple(
                replace(source, image=show_as_views_do(source.image)) for source in region.sources
            )
        )
        targets = []
        for shown in self._shown:
            octave = octave_targets(self._network, model, (seen,), shown, (side, side))[0]
            targets.append({name: octave[name][0] for name in names if name in octave})
        return _Part(
            mine.nonzero()[:, 0],
            targets,
            [{name: of[name] / totals[name] for name in names} for of in guides],
            mixed_moments(region.sources),
        )

    @torch.no_grad()
    def _measure(self, texels: Tensor) -> list[_Measured]:
        """Measure the statistics of each part of the whole surface."""
        measured: list[_Measured] = [[{} for _ in self._shown] for _ in self._parts]
        for number, view in enumerate(self._views):
            self._check()
            image = view.show(texels)
            for place, shown in enumerate(self._shown):
                seen = apply_view(image, shown)
                maps = self._network.picture_features(seen, list(self._model.layer_names))
                for part, of_part in zip(self._parts, measured, strict=True):
                    of_shown = of_part[place]
                    for name in part.targets[place]:
                        new = measure_features(maps[name], part.guides[number][name])
                        if name in of_shown:
                            new = FeatureStatistics(
                                *(a + b for a, b in zip(of_shown[name], new, strict=True))
                            )
                        of_shown[name] = new
        return measured

    def _find_gradient(self, image: Tensor, view: int, slopes: Sequence[_Measured]) -> Tensor:
        """Find the gradient of a view's image from the slopes of the statistics."""
        gradient = torch.zeros_like(image)
        names = list(self._model.layer_names)
        for place, shown in enumerate(self._shown):
            with torch.enable_grad():
                seen = image.detach().requires_grad_()
                maps = self._network.picture_features(apply_view(seen, shown), names)
            upstream = {name: torch.zeros_like(f) for name, f in maps.items()}
            for part, of_part in zip(self._parts, slopes, strict=True):
                for name, slope in of_part[place].items():
                    guide = part.guides[view][name]
                    upstream[name] += features_gradient(maps[name].detach(), slope, guide)
            (of_image,) = torch.autograd.grad(
                list(maps.values()), seen, [upstream[name] for name in maps]
            )
            gradient += of_image
        return gradient

    def _guide(self, view: View, mine: Tensor) -> dict[str, Tensor]:
        """Say what each place of the layers' maps stands for of a part's texels, by layer."""
        own = view.weight * mine[view.taps[0]]
        counts = (own > 0).float()[None, None]
        guides = {}
        for name in self._model.layer_names:
            reach = round(_REACH_SHARE * self._network.halo([name]))
            far = -F.max_pool2d(-counts, 2 * reach + 1, 1, reach) if reach else counts
            weight = F.avg_pool2d(own[None, None] * far, self._network.stride([name]))
            guides[name] = weight[0, 0]
        return guides
