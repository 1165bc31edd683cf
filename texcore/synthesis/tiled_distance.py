"""Measure a canvas tile by tile, with its gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..features import FeatureNetwork
from ..statistics import (
    FeatureStatistics,
    Target,
    features_gradient,
    mean_statistics,
    measure_features,
    statistics_distance,
)
from ..surfaces import torus
from .tiles import Tile, TilePlan


def tiled_distance(
    image: Tensor,
    network: FeatureNetwork,
    targets: Mapping[str, Sequence[Target]],
    plan: TilePlan,
) -> Tensor:
    """Sum over layers and targets of `statistics.feature_distance`, with a gradient to the image.

    Args:
        image: A torus of shape (1, 3, height, width), 0...1.
        network: Gives the features.
        targets: What the statistics shall become, by layer.
        plan: Tiles of the image.
    """
    distance: Tensor = _Tiled.apply(image, network, targets, plan)
    return distance


class _Tiled(torch.autograd.Function):
    # The gradient is made at once: nothing but it is kept until the other octaves are done.

    @staticmethod
    def forward(
        ctx: Any,
        image: Tensor,
        network: FeatureNetwork,
        targets: Mapping[str, Sequence[Target]],
        plan: TilePlan,
    ) -> Tensor:
        value: Tensor = image.new_zeros(())
        slopes: dict[str, list[FeatureStatistics]] = {}
        for name, several in _measured(image, network, targets, plan).items():
            for measured, target in zip(several, targets[name], strict=True):
                distance, slope = statistics_distance(measured, target)
                slopes.setdefault(name, []).append(slope)
                value = value + distance
        if ctx.needs_input_grad[0]:
            ctx.gradient = _gradient(image, network, targets, slopes, plan)
        return value

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        # It is as large as the canvas, and asked for once.
        gradient: Tensor = ctx.gradient
        del ctx.gradient
        return gradient.mul_(upstream[0]), None, None, None


def _measured(
    image: Tensor,
    network: FeatureNetwork,
    targets: Mapping[str, Sequence[Target]],
    plan: TilePlan,
) -> dict[str, list[FeatureStatistics]]:
    """First pass: the statistics of the whole image by layer, for each of its targets."""
    measured: dict[str, list[FeatureStatistics]] = {}
    before = 0  # texels, of this process' tiles
    for tile in plan.visit():
        texels = tile.height * tile.width
        maps = network.tile_features(_with_halo(image, tile, plan.halo), list(targets), plan.halo)
        for name, f in maps.items():
            guides = [plan.guide(target, tile) for target in targets[name]]
            parts = [
                measure_features(f, guide, target.direct)
                for guide, target in zip(guides, targets[name], strict=True)
            ]
            if before:
                parts = [
                    mean_statistics([(sum_, before), (part, texels)])
                    if guide is None
                    else FeatureStatistics(*(a + b for a, b in zip(sum_, part, strict=True)))
                    for sum_, part, guide in zip(measured[name], parts, guides, strict=True)
                ]
            measured[name] = parts
        before += texels
    return _added_up(measured, targets, before, plan) if plan.group else measured


def _added_up(
    measured: Mapping[str, Sequence[FeatureStatistics]],
    targets: Mapping[str, Sequence[Target]],
    texels: int,
    plan: TilePlan,
) -> dict[str, list[FeatureStatistics]]:
    """The statistics of the whole image from those of each process' tiles, in one message."""
    assert plan.group
    # Means over the tiles' texels; but where a guide weighs them, sums.
    share = texels / (plan.height * plan.width)
    parts = [
        part * (share if target.guide is None else 1)
        for name in measured
        for statistics, target in zip(measured[name], targets[name], strict=True)
        for part in statistics
    ]
    sums = plan.group.add_up(torch.cat([part.flatten() for part in parts]))
    flat = sums.split([part.numel() for part in parts])
    whole = iter([f.view_as(part) for f, part in zip(flat, parts, strict=True)])
    return {
        name: [FeatureStatistics(next(whole), next(whole)) for _ in several]
        for name, several in measured.items()
    }


def _gradient(
    image: Tensor,
    network: FeatureNetwork,
    targets: Mapping[str, Sequence[Target]],
    slopes: Mapping[str, Sequence[FeatureStatistics]],
    plan: TilePlan,
) -> Tensor:
    """Second pass: the gradient with respect to the image from that to the statistics."""
    gradient = torch.zeros_like(image)
    for tile in plan.visit():
        part = _with_halo(image, tile, plan.halo).requires_grad_()
        with torch.enable_grad():
            maps = network.tile_features(part, list(slopes), plan.halo)
        upstream = []
        for name, f in maps.items():
            even = plan.share(tile) / f[0, 0].numel()
            flowing = torch.zeros_like(f)
            for target, slope in zip(targets[name], slopes[name], strict=True):
                guide = plan.guide(target, tile)
                flowing += features_gradient(f.detach(), slope, even if guide is None else guide)
            upstream.append(flowing)
        (part_gradient,) = torch.autograd.grad(list(maps.values()), part, upstream)
        torus.add_window(gradient, part_gradient, tile.top - plan.halo, tile.left - plan.halo)
    return plan.group.add_up(gradient) if plan.group else gradient


def _with_halo(image: Tensor, tile: Tile, halo: int) -> Tensor:
    top, left, height, width = tile
    return torus.window(image, top - halo, left - halo, height + 2 * halo, width + 2 * halo)
