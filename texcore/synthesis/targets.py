"""What the statistics of a canvas shall become, from the exemplar and the model."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace

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
    measure_features,
    transformed,
)
from ..surfaces import resizing, torus
from .guides import canvas_guides, masked_statistics
from .tiling import MEASURED_SIDE

# Sides below which an octave has nothing to say.
_SMALLEST_OCTAVE = 32
# Of a huge exemplar, so many blocks tell everything.
_MOST_BLOCKS = 16
# Texels from which on a picture's statistics are kept, and of how many; each takes 1.4 MB with
# VGG up to pool4, and a run has some at each level and octave.
_LARGE = 512**2
_MOST_KEPT = 16
# From pixels of which ImageNet's deviation is 1, as torchvision's weights want them, to 0...255.
_BYTES = 255 * 0.2256

_kept: OrderedDict[Hashable, dict[str, FeatureStatistics]] = OrderedDict()

Targets = list[dict[str, list[Target]]]
"""Per octave and layer, one for each region of which the layer says something."""


def octave_targets(
    network: FeatureNetwork,
    model: TextureModel,
    regions: Sequence[Region],
    view: Tensor | None,
    size: tuple[int, int],
) -> Targets:
    """The targets of one view for a canvas of a size (height, width); at least of full size."""
    octaves: Targets = []
    names = model.layer_names
    units = _units(model, regions[0].sources[0].image)
    for region in regions:
        pictures = [apply_view(source.image, view) for source in region.sources]
        masks = [source.mask for source in region.sources]
        place, sides = region.mask, size
        for octave, octave_weight in enumerate(model.octaves):
            if octave:
                sides = sides[0] // 2, sides[1] // 2
                least = min(*sides, *(n // 2 for x in pictures for n in x.shape[-2:]))
                if least < _SMALLEST_OCTAVE:
                    break
                pictures = [torus.halve(x, model.blur, "reflect") for x in pictures]
                masks = [None if m is None else torus.halve(m[None])[0] for m in masks]
                place = None if place is None else torus.halve(place[None])[0]
            if octave == len(octaves):
                octaves.append({})
            if not octave_weight:
                continue
            weights = [source.weight for source in region.sources]
            measured = _mixed(network, names, pictures, masks, weights)
            guides = None if place is None else canvas_guides(place, network, names)
            for name, weight in model.layers:
                if name not in measured or (guides is not None and name not in guides):
                    continue
                target = _target(model, measured[name], units)
                target = replace(
                    target,
                    terms=tuple((t, w * weight * octave_weight) for t, w in target.terms),
                    guide=None if guides is None else guides[name],
                )
                octaves[octave].setdefault(name, []).append(target)
    return octaves


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
            measured = _measured(network, names, picture)
        else:
            measured = masked_statistics(picture, mask, network, names, MEASURED_SIDE, _MOST_BLOCKS)
        for name, statistics in measured.items():
            by_layer.setdefault(name, []).append((statistics, weight))
    return {name: mean_statistics(parts) for name, parts in by_layer.items()}


def _measured(
    network: FeatureNetwork, names: Sequence[str], picture: Tensor
) -> dict[str, FeatureStatistics]:
    """The statistics of a whole picture; a large one's are kept for the next run of the process.

    Before a small canvas, to measure a huge exemplar is a third of the work, and another seed has
    the same.
    """
    if picture[0, 0].numel() < _LARGE:
        return _measured_anew(network, names, picture)
    content = hashlib.sha256(picture.cpu().contiguous().numpy().data).digest()
    how = network.name, network.dtype, network.direct
    key = *how, picture.device, tuple(names), picture.shape, content
    if key not in _kept:
        _kept[key] = _measured_anew(network, names, picture)
    _kept.move_to_end(key)
    while len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
    return _kept[key]


def _measured_anew(
    network: FeatureNetwork, names: Sequence[str], picture: Tensor
) -> dict[str, FeatureStatistics]:
    """The statistics of a whole picture, block by block to bound the memory."""
    by_layer: dict[str, list[tuple[FeatureStatistics, float]]] = {}
    for block in resizing.blocks(picture, MEASURED_SIDE, _MOST_BLOCKS):
        for name, f in network.exemplar_features(block, names).items():
            part = measure_features(f), float(f.shape[-2] * f.shape[-1])
            by_layer.setdefault(name, []).append(part)
    return {name: mean_statistics(parts) for name, parts in by_layer.items()}
