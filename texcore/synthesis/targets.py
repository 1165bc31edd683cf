"""What the statistics of a canvas shall become, from the exemplar and the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..exemplars.exemplar import Region, Source
from ..exemplars.views import apply_view
from ..features import FeatureNetwork
from ..models.model import TextureModel
from ..statistics import (
    FeatureStatistics,
    Target,
    colour_moments,
    mean_statistics,
    transformed,
)
from ..surfaces import torus
from .guides import canvas_guides, masked_statistics
from .measuring import MOST_BLOCKS, measure_picture
from .tiling import MEASURED_SIDE

# Sides below which an octave has nothing to say.
_SMALLEST_OCTAVE = 32
# From pixels of which ImageNet's deviation is 1, as torchvision's weights want them, to 0...255.
_BYTES = 255 * 0.2256

Targets = list[dict[str, list[Target]]]
"""Per octave and layer, one for each region of which the layer says something."""


def octave_targets(
    network: FeatureNetwork,
    model: TextureModel,
    regions: Sequence[Region],
    view: Tensor | None,
    size: tuple[int, int],
) -> Targets:
    """Measure what the statistics of one view of a canvas shall become.

    Args:
        network: Gives the features.
        model: Says which layers and octaves are measured, and how they are weighed.
        regions: Of the exemplar; a texture that is the same all over has one.
        view: Makes three channels of those of the exemplar, see `apply_view`; None where it has
            three.
        size: Height and width of the canvas in texels.

    Returns:
        The targets of each octave, the first of them at full size. One that is too small to say
        anything is not there, nor are those after it.
    """
    octaves: Targets = []
    units = _units(model, regions[0].sources[0].image)
    for region in regions:
        halved = _iterate_octaves(region, model, view, size)
        for number, (weight, seen) in enumerate(zip(model.octaves, halved, strict=False)):
            if number == len(octaves):
                octaves.append({})
            if weight:
                for name, target in _find_targets(network, model, seen, weight, units).items():
                    octaves[number].setdefault(name, []).append(target)
    return octaves


@dataclass(frozen=True)
class _Seen:
    """The pictures of a region at one octave.

    Attributes:
        pictures: Of its sources, each (channels, height, width).
        masks: What of each counts; None for all of it.
        weights: Of the sources in the mixture.
        place: Where on the canvas the region is, (height, width); None for all over.
    """

    pictures: list[Tensor]
    masks: list[Tensor | None]
    weights: list[float]
    place: Tensor | None


def _iterate_octaves(
    region: Region, model: TextureModel, view: Tensor | None, size: tuple[int, int]
) -> Iterator[_Seen]:
    """Yield a region at each octave, until canvas or pictures are too small to say anything."""
    seen = _Seen(
        [apply_view(source.image, view) for source in region.sources],
        [source.mask for source in region.sources],
        [source.weight for source in region.sources],
        region.mask,
    )
    while True:
        yield seen
        size = size[0] // 2, size[1] // 2
        if min(*size, *(n // 2 for x in seen.pictures for n in x.shape[-2:])) < _SMALLEST_OCTAVE:
            return
        seen = replace(
            seen,
            pictures=[torus.halve(x, model.blur, "reflect") for x in seen.pictures],
            masks=[None if m is None else torus.halve(m[None])[0] for m in seen.masks],
            place=None if seen.place is None else torus.halve(seen.place[None])[0],
        )


def _find_targets(
    network: FeatureNetwork,
    model: TextureModel,
    seen: _Seen,
    octave_weight: float,
    units: Tensor | None,
) -> dict[str, Target]:
    """Find the target of each layer that has something to say of a region at an octave."""
    measured = _mixed(network, model.layer_names, seen.pictures, seen.masks, seen.weights)
    guides = None
    if seen.place is not None:
        guides = canvas_guides(seen.place, network, model.layer_names)
    targets = {}
    for name, weight in model.layers:
        if name not in measured or (guides is not None and name not in guides):
            continue
        target = _target(model, measured[name], units)
        targets[name] = replace(
            target,
            terms=tuple((t, w * weight * octave_weight) for t, w in target.terms),
            guide=None if guides is None else guides[name],
            direct=network.direct,
        )
    return targets


def mixed_moments(sources: Sequence[Source]) -> Tensor:
    """The colours' moments of a mixture; see `statistics.colour_moments`."""
    if len(sources) == 1:
        return colour_moments(sources[0].image, sources[0].mask)
    moments = [colour_moments(s.image, s.mask) * s.weight for s in sources]
    return torch.stack(moments).sum(0) / sum(s.weight for s in sources)


def _units(model: TextureModel, like: Tensor) -> Tensor | None:
    """What every feature is multiplied by; None where it is left as it is."""
    return like.new_full((1,), _BYTES) if model.units == "bytes" else None


def _target(model: TextureModel, statistics: FeatureStatistics, units: Tensor | None) -> Target:
    transform = units
    if model.components is not None and model.components < len(statistics.mean):
        scaled = transformed(statistics, units)
        # The Gram matrix' own leading directions: of all k, they lose least of it.
        _, vectors = torch.linalg.eigh(scaled.gram.double())
        leading = vectors[:, -model.components :].T.to(scaled.gram.dtype)
        transform = leading if units is None else leading * units
    return Target(transformed(statistics, transform), model.statistic, model.scaling, transform)


def _mixed(
    network: FeatureNetwork,
    names: Sequence[str],
    pictures: Sequence[Tensor],
    masks: Sequence[Tensor | None],
    weights: Sequence[float],
) -> dict[str, FeatureStatistics]:
    """The mean statistics of several pictures by layer, of those large enough for the layer."""
    by_layer: dict[str, list[tuple[FeatureStatistics, float]]] = {}
    for picture, mask, weight in zip(pictures, masks, weights, strict=True):
        if mask is None:
            measured = measure_picture(network, names, picture)
        else:
            measured = masked_statistics(picture, mask, network, names, MEASURED_SIDE, MOST_BLOCKS)
        for name, statistics in measured.items():
            by_layer.setdefault(name, []).append((statistics, weight))
    return {name: mean_statistics(parts) for name, parts in by_layer.items()}
