"""Register a layout's pieces: move places near joints so that lines go on across them.

A joint that crosses a board's edge costs little, and still the edge has a step there. Features that
end on one side of a joint are deformed to meet those of the other (Wu & Yu 2004, *Feature Matching
and Deformation for Texture Synthesis*). Here it is done as elastic registration: a field of
displacements is asked for that is smooth within each piece, may have a step at a joint, and makes
the two pieces agree in a window about it. The displacements are found by Gauss and Newton's method
from blurred pictures to sharp ones (Lucas & Kanade 1981), each step of it by conjugate gradients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..runtime.context import Check, proceed
from .patchwork import Patchwork

# Deviations in texels of the Gaussians that the exemplar is blurred by, one after the other.
_BLURS = (3.0, 1.5, 0.7)
# Texels on each side of a joint in which its pieces are compared.
_REACH_TEXELS = 2
# How stiff a piece is beside what the pieces disagree by; texels within which a displacement at a
# joint dies away; and the largest displacement in texels.
_STIFFNESS, _DECAY_TEXELS, _MOST_TEXELS = 2.0, 12.0, 3.0
_CONJUGATE_STEPS = 12
# Displacements of fewer texels are left out, and those of up to twice as many reduced: what
# sampling between texels takes from sharpness would be seen, and not by how little things move.
_UNSEEN_TEXELS = 0.15
# Texels that bicubic sampling needs about a place.
_SAMPLED_TEXELS = 2
# Places at joints that are compared at a time: fifty megabytes.
_CHUNK_PLACES = 2**15


def register_pieces(
    made: Patchwork,
    source: Tensor,
    check: Check = proceed,
    hole: Tensor | None = None,
    unknown: Tensor | None = None,
) -> Tensor:
    """Find by how much places near joints are to be moved, so that the pieces agree there.

    Args:
        made: A layout on a torus.
        source: The exemplar at the layout's scale, shape (channels, h, w) with h and w the
            layout's ``side``.
        check: Called before each step; an exception of it ends the work.
        hole: Booleans (height, width): texels whose places may be moved; None for all.
        unknown: Booleans (h, w): texels of the exemplar that say nothing, and that nothing is moved
            to; None for none.

    Returns:
        Shape (2, height, width), on the CPU: texels of the exemplar, down and across, that are to
        be added to each place of the layout's ``origin``, between −3 and 3.

    Example:
        >>> rows = torch.arange(48.0)[:, None].expand(48, 48)
        >>> line = torch.exp(-0.5 * ((rows - 24) / 2) ** 2)
        >>> places = torch.stack(torch.meshgrid(torch.arange(48), torch.arange(48), indexing="ij"))
        >>> places[0, :, 24:] = (places[0, :, 24:] + 2).clamp(max=47)  # a line with a step of 2
        >>> moved = register_pieces(Patchwork(places, (48, 48)), line[None])
        >>> bool((moved[0, 22, 24] - moved[0, 22, 23] + 2).abs() < 0.5)  # the step is gone
        True
    """
    source = source.detach().float().cpu()
    free = _find_free(made, hole, unknown)
    known = None if unknown is None else ~unknown
    joints = [_find_joints(made.origin, axis) for axis in (0, 1)]
    moved = torch.zeros(made.origin.shape, dtype=torch.float32)
    if not any(joint.any() for joint in joints):
        return moved
    for deviation in _BLURS:
        check()
        picture = _Picture.blur(source, deviation)
        springs = [
            _compare(made.origin, joint, moved, picture, known, axis, check)
            for axis, joint in enumerate(joints)
        ]
        moved += _solve(moved, joints, springs, free)
        moved = moved.clamp(-_MOST_TEXELS, _MOST_TEXELS)
    return moved * (moved.square().sum(0).sqrt() / _UNSEEN_TEXELS - 1).clamp(0, 1)


@dataclass(frozen=True)
class _Picture:
    """A blurred exemplar.

    Attributes:
        channels: Their number.
        values: Shape (3 channels, h, w): the picture, what it changes by down, and across.
        power: The mean square of that, added up over the channels.
    """

    channels: int
    values: Tensor
    power: float

    @classmethod
    def blur(cls, source: Tensor, deviation: float) -> _Picture:
        """Blur an exemplar (channels, h, w) by a Gaussian of some deviation in texels."""
        reach = math.ceil(3 * deviation)
        weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)
        weights /= weights.sum()
        x = F.pad(source[:, None], (reach,) * 4, mode="replicate")
        x = F.conv2d(F.conv2d(x, weights.view(1, 1, 1, -1)), weights.view(1, 1, -1, 1))
        beside = F.pad(x, (1,) * 4, mode="replicate")[:, 0]
        down = (beside[:, 2:, 1:-1] - beside[:, :-2, 1:-1]) / 2
        across = (beside[:, 1:-1, 2:] - beside[:, 1:-1, :-2]) / 2
        power = float((down.square() + across.square()).sum(0).mean())
        return cls(len(source), torch.cat([x[:, 0], down, across]), max(power, 1e-12))

    def sample(self, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Sample its values bilinearly at places (2, n, m), each result (channels, n, m)."""
        h, w = self.values.shape[-2:]
        at = torch.stack([(places[1] + 0.5) * (2 / w) - 1, (places[0] + 0.5) * (2 / h) - 1], -1)
        sampled = F.grid_sample(
            self.values[None], at[None], padding_mode="border", align_corners=False
        )[0]
        picture, down, across = sampled.split(self.channels)
        return picture, down, across


@dataclass(frozen=True)
class _Springs:
    """What pulls the two sides of the joints along an axis to where they agree.

    Attributes:
        rows, columns: Of the texels before the joints, shape (n).
        stiffness: Shape (3, n): how much disagreement grows with the square of a step between
            both sides' displacements: down, down times across, across.
        pull: Shape (2, n): half of what it grows by with the step itself.
    """

    rows: Tensor
    columns: Tensor
    stiffness: Tensor
    pull: Tensor

    def apply(self, step: Tensor) -> Tensor:
        """Multiply steps (2, n) by the stiffness."""
        down, both, across = self.stiffness
        return torch.stack([down * step[0] + both * step[1], both * step[0] + across * step[1]])


def _find_joints(origin: Tensor, axis: int) -> Tensor:
    """Find the texels (height, width) that the next along an axis does not go on from."""
    ahead = origin.roll(-1, axis + 1) - origin
    ahead[axis] -= 1
    return ahead.abs().amax(0) > 0


def _find_free(made: Patchwork, hole: Tensor | None, unknown: Tensor | None) -> Tensor:
    """Find the texels (height, width) whose places may be moved, 1, and those that stay, 0."""
    free = torch.ones(made.origin.shape[1:], dtype=torch.bool)
    if hole is not None:
        free &= hole
    if unknown is not None:
        reach = math.ceil(_MOST_TEXELS) + _SAMPLED_TEXELS
        near = F.max_pool2d(unknown[None].float(), 2 * reach + 1, 1, reach)[0] > 0
        free &= ~near[made.origin[0], made.origin[1]]
    return free.float()


def _compare(
    origin: Tensor,
    joint: Tensor,
    moved: Tensor,
    picture: _Picture,
    known: Tensor | None,
    axis: int,
    check: Check,
) -> _Springs:
    """Compare both sides of the joints along an axis, where pieces would go on over them."""
    rows, columns = joint.nonzero().T
    parts = []
    for chunk in zip(rows.split(_CHUNK_PLACES), columns.split(_CHUNK_PLACES), strict=True):
        check()
        parts.append(_compare_some(origin, chunk, moved, picture, known, axis))
    both = torch.cat(parts, 1) if parts else torch.zeros(5, 0)
    return _Springs(rows, columns, both[:3], both[3:])


def _compare_some(
    origin: Tensor,
    here: tuple[Tensor, Tensor],
    moved: Tensor,
    picture: _Picture,
    known: Tensor | None,
    axis: int,
) -> Tensor:
    """Compare at some joints: stiffness and pull of `_Springs`, (5, n)."""
    step = torch.eye(2, dtype=torch.int64)[axis]
    after = tuple((at + by) % n for at, by, n in zip(here, step, origin.shape[1:], strict=True))
    span = torch.arange(-_REACH_TEXELS, _REACH_TEXELS + 1)
    window = torch.cartesian_prod(span, span).T[:, None]
    before_it = origin[:, here[0], here[1]][..., None] + window
    after_it = (origin[:, after[0], after[1]] - step[:, None])[..., None] + window
    one, one_down, one_across = picture.sample(before_it + moved[:, here[0], here[1]][..., None])
    two, two_down, two_across = picture.sample(after_it + moved[:, after[0], after[1]][..., None])
    differs = one - two
    down, across = (one_down + two_down) / 2, (one_across + two_across) / 2
    # What differs much is not the same thing in another place, and counts for less.
    weight = 1 / (1 + differs.square().sum(0) / (2 * picture.power))
    if known is not None:
        for places in (before_it, after_it):
            rows, columns = (at.clamp(0, n - 1) for at, n in zip(places, known.shape, strict=True))
            weight = weight * known[rows, columns]
    products = [down * down, down * across, across * across, down * differs, across * differs]
    sums = torch.stack([(product.sum(0) * weight).sum(-1) for product in products])
    return sums / (len(span) ** 2 * picture.power)


def _solve(moved: Tensor, joints: list[Tensor], springs: list[_Springs], free: Tensor) -> Tensor:
    """Find what displacements (2, height, width) have to be changed by to be in balance."""
    bonds = [_STIFFNESS * ~joint for joint in joints]
    tether = _STIFFNESS / _DECAY_TEXELS**2

    def add_forces(x: Tensor, pulls: bool) -> Tensor:
        total = tether * x
        for axis, (bond, spring) in enumerate(zip(bonds, springs, strict=True)):
            step = x - x.roll(-1, axis + 1)
            force = bond * step
            at = (slice(None), spring.rows, spring.columns)
            force[at] = spring.pull if pulls else spring.apply(step[at])
            total += force - force.roll(1, axis + 1)
        return total * free

    diagonal = torch.full_like(moved, tether)
    for axis, (bond, spring) in enumerate(zip(bonds, springs, strict=True)):
        own = bond.expand_as(moved).clone()
        own[:, spring.rows, spring.columns] = spring.stiffness[::2]
        diagonal += own + own.roll(1, axis + 1)

    change = torch.zeros_like(moved)
    rest = -add_forces(moved, pulls=True)
    direction = rest / diagonal
    power = (rest * direction).sum()
    for _ in range(_CONJUGATE_STEPS):
        if not power > 0:
            break
        turned = add_forces(direction, pulls=False)
        pace = power / (direction * turned).sum()
        change += pace * direction
        rest -= pace * turned
        scaled = rest / diagonal
        before, power = power, (rest * scaled).sum()
        direction = scaled + power / before * direction
    return change
