"""Show a filled picture: colours go over from what stays into the filling without a step.

Poisson image editing (Pérez, Gangnet & Blake 2003): within a hole the image is asked for whose
differences from texel to texel are those of the pieces, across a joint those that the picture has
on either side of it, which at the hole's rim is what stays, and which farther in is near the
pieces. What a hole itself shows counts for nothing. The equation is solved by conjugate gradients,
begun with the solution of half the size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..exemplars.directions import Directions
from .patchwork import Patchwork
from .sampler import LayoutSampler

# Texels about a joint within which most of a step is taken out.
_REACH_TEXELS = 256.0
_MOST_STEPS, _TOLERANCE = 60, 1e-3
_SMALLEST_SIDE = 16


def render_filled(
    made: Patchwork,
    source: Tensor,
    hole: Tensor,
    unknown: Tensor | None = None,
    directions: Sequence[Directions] = (),
) -> Tensor:
    """Show a filling of a picture's holes, joints blended.

    Args:
        made: Where each texel is from, at any scale.
        source: The picture, shape (channels, h, w).
        hole: Booleans of shape (h, w).
        unknown: Texels of the picture that say nothing; None for the hole.
        directions: Channels of the picture that turn where places are moved.

    Returns:
        Shape (channels, h, w), within the range of what stays, channel by channel; where there is
        no hole, the picture itself.

    Example:
        >>> ramp = torch.arange(8.0).expand(1, 8, 8) / 8
        >>> hole = torch.zeros(8, 8, dtype=torch.bool)
        >>> hole[4, 4] = True
        >>> places = torch.stack(torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij"))
        >>> places[:, 4, 4] = torch.tensor([1, 1])
        >>> made = render_filled(Patchwork(places, (8, 8)), ramp, hole)
        >>> round(float(made[0, 4, 4]), 2)
        0.5
    """
    hole = hole.to(source.device)
    unknown = hole if unknown is None else unknown.to(source.device)
    if not hole.any():
        return source.clone()
    sampler = LayoutSampler(made, source, hole.shape[0], hole.shape[1], hole)
    image = torch.where(hole, sampler.render(), source)
    residual = torch.zeros_like(image)
    for axis in (0, 1):
        excess = _find_excess(sampler, image, hole, unknown, axis)
        residual += excess.roll(1, axis + 1) - excess
    place = hole.to(image)
    rigidity = (2 * math.pi / _REACH_TEXELS) ** 2
    image = image + _solve(residual * place, place, rigidity)
    kept = source[:, ~hole] if not hole.all() else source.flatten(1)
    low, high = kept.amin(1)[:, None, None], kept.amax(1)[:, None, None]
    image = torch.minimum(torch.maximum(image, low), high)
    jacobian = sampler.measure_jacobian() if directions else None
    if jacobian is not None:
        for channels in directions:
            image = channels.turn(image, jacobian)
    return torch.where(hole, image, source)


def mark_joints(made: Patchwork, source: Tensor, hole: Tensor, reach: int) -> Tensor:
    """Mark what lies about the joints of a filling.

    Args:
        made: Where each texel is from, at any scale.
        source: The picture, shape (channels, h, w).
        hole: Booleans of shape (h, w); what is not in it is not marked.
        reach: Texels on either side of a joint; the marks fade out over as many.

    Returns:
        Shape (1, h, w), 0...1.
    """
    hole = hole.to(source.device)
    sampler = LayoutSampler(made, source, hole.shape[0], hole.shape[1])
    joint = torch.zeros_like(hole)
    for axis in (0, 1):
        across = sampler.find_joints(axis)
        joint |= across | across.roll(1, axis)
    side = 2 * reach + 1
    marked = F.pad((joint & hole).to(source)[None, None], (reach,) * 4, mode="circular")
    marked = F.pad(F.max_pool2d(marked, side, 1), (reach,) * 4, mode="circular")
    return F.avg_pool2d(marked, side, 1)[0] * hole


def _find_excess(
    sampler: LayoutSampler, image: Tensor, hole: Tensor, unknown: Tensor, axis: int
) -> Tensor:
    """Find what the differences wanted along an axis are more than the image's: at joints only."""
    joint = sampler.find_joints(axis) & (hole | hole.roll(-1, axis))
    excess = torch.zeros_like(image)
    if not joint.any():
        return excess
    rows, columns = joint.nonzero().T
    step = (1 - axis, axis)
    height, width = joint.shape
    beyond = (rows + step[0]) % height, (columns + step[1]) % width
    onward, goes_on = _step_from(sampler, image, unknown, (rows, columns), step)
    back, comes = _step_from(sampler, image, unknown, beyond, (-step[0], -step[1]))
    known = goes_on.to(image) + comes.to(image)
    wanted = (onward * goes_on - back * comes) / known.clamp_min(1)
    excess[:, rows, columns] = wanted - (image.roll(-1, axis + 1) - image)[:, rows, columns]
    return excess


def _step_from(
    sampler: LayoutSampler,
    image: Tensor,
    unknown: Tensor,
    texels: tuple[Tensor, Tensor],
    by: tuple[int, int],
) -> tuple[Tensor, Tensor]:
    """Say what the picture changes by from places to those beside them, and where that is known."""
    rows, columns = texels
    change = sampler.sample(rows, columns, by) - image[:, rows, columns]
    at = [origin[rows, columns] for origin in sampler.origins]
    beside = [
        (place + step).clamp(0, n - 1) for place, step, n in zip(at, by, unknown.shape, strict=True)
    ]
    return change, ~unknown[beside[0], beside[1]] & ~unknown[at[0], at[1]]


def _apply(x: Tensor, place: Tensor, rigidity: float) -> Tensor:
    """Apply rigidity less the Laplacian of a torus within a place to x, 0 outside of it."""
    beside = sum(x.roll(way, axis) for axis in (1, 2) for way in (1, -1))
    return ((4 + rigidity) * x - beside) * place


def _solve(wanted: Tensor, place: Tensor, rigidity: float) -> Tensor:
    """Find x (channels, h, w), 0 outside a place, of which `_apply` makes what is wanted."""
    height, width = place.shape
    x = torch.zeros_like(wanted)
    if min(height, width) >= 2 * _SMALLEST_SIDE and height % 2 == width % 2 == 0:
        coarse = (F.avg_pool2d(place[None], 2)[0] >= 0.5).to(place)
        x = _solve(4 * F.avg_pool2d(wanted, 2) * coarse, coarse, 4 * rigidity)
        x = x.repeat_interleave(2, 1).repeat_interleave(2, 2) * place
    rest = wanted - _apply(x, place, rigidity)
    direction, power = rest.clone(), rest.square().sum((1, 2), keepdim=True)
    enough = _TOLERANCE**2 * wanted.square().sum((1, 2), keepdim=True) + 1e-20
    for _ in range(_MOST_STEPS):
        if bool((power <= enough).all()):
            break
        turned = _apply(direction, place, rigidity)
        pace = power / (direction * turned).sum((1, 2), keepdim=True).clamp_min(1e-20)
        x += pace * direction
        rest -= pace * turned
        before, power = power, rest.square().sum((1, 2), keepdim=True)
        direction = rest + power / before.clamp_min(1e-20) * direction
    return x
