"""Show a layout's pieces at any scale, each where registration has moved it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor

from ..surfaces.sampling import sample_bicubic
from .patchwork import Patchwork

# Origins of neighbours that differ from neighbours by no more are rounded differently.
_ROUNDING_TEXELS = 1
# Texels that are sampled at a time: their places take more memory than they do.
_STRIP_TEXELS = 2**18
# What a neighbour of the same piece weighs at least, so that one always counts.
_LEAST_WEIGHT = 1e-6


class Places:
    """Where in an exemplar the texels of a torus are from.

    Args:
        made: A layout, at any scale.
        exemplar: Shape (channels, h, w), of the scale wanted.
        height, width: Of the torus at that scale, in texels.
        hole: Booleans (height, width): all else is the exemplar itself, in its place. None where
            all is the layout's.

    Attributes:
        origins: Rows and columns in the exemplar, whole numbers, each of shape (height, width);
            before they are moved.

    Example:
        >>> grid = torch.stack(torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij"))
        >>> ramp = torch.arange(8.0).expand(1, 8, 8)
        >>> moved = torch.zeros(2, 8, 8)
        >>> moved[1] = 0.5
        >>> places = Places(Patchwork(grid, (8, 8), moved), ramp, 8, 8)
        >>> round(float(places.render()[0, 4, 4]), 2)
        4.5
    """

    def __init__(
        self,
        made: Patchwork,
        exemplar: Tensor,
        height: int,
        width: int,
        hole: Tensor | None = None,
    ) -> None:
        self.origins = made.find_origins(exemplar, height, width)
        if hole is not None:
            stays = torch.meshgrid(
                *(torch.arange(n, device=exemplar.device) for n in (height, width)), indexing="ij"
            )
            rows, columns = (
                torch.where(hole, o, s) for o, s in zip(self.origins, stays, strict=True)
            )
            self.origins = rows, columns
        self._exemplar, self._size = exemplar, (height, width)
        self._moved = made.moved
        self._scale = [n / of for n, of in zip(exemplar.shape[-2:], made.side, strict=True)]
        if self._moved is not None:
            grid = torch.meshgrid(*map(torch.arange, made.origin.shape[1:]), indexing="ij")
            self._lag = (made.origin - torch.stack(grid)).int()

    def render(self) -> Tensor:
        """Show all of it, joints as they are: shape (channels, height, width)."""
        if self._moved is None:
            return self._exemplar[:, self.origins[0], self.origins[1]]
        image = self._exemplar.new_empty(len(self._exemplar), *self._size)
        for strip, rows, columns in self._split():
            image[:, strip] = self.sample(rows, columns)
        return image

    def find_joints(self, axis: int) -> Tensor:
        """Find the texels (height, width) that the next along an axis does not go on from."""
        ahead = [origin.roll(-1, axis) - origin for origin in self.origins]
        ahead[axis] = ahead[axis] - 1
        return torch.maximum(ahead[0].abs(), ahead[1].abs()) > _ROUNDING_TEXELS

    def sample(self, rows: Tensor, columns: Tensor, by: tuple[int, int] = (0, 0)) -> Tensor:
        """Sample the exemplar beside where texels are from.

        Args:
            rows, columns: Of the torus, of shapes that go together.
            by: Texels down and across from there; beyond the exemplar its border goes on.

        Returns:
            Shape (channels, ...), within the exemplar's range, channel by channel.
        """
        exemplar = self._exemplar
        device = exemplar.device
        at = [
            (origin[rows.to(device), columns.to(device)] + step).clamp(0, n - 1)
            for origin, step, n in zip(self.origins, by, exemplar.shape[-2:], strict=True)
        ]
        if self._moved is None:
            return exemplar[:, at[0], at[1]]
        moved = self._move(rows.cpu(), columns.cpu()).to(exemplar)
        return sample_bicubic(exemplar, at[0] + moved[0], at[1] + moved[1])

    def measure_jacobian(self) -> Tensor | None:
        """Measure how the places sampled move for a texel, see `Directions.turn`.

        Returns:
            Shape (2, 2, height, width), or None where no place is moved. A joint turns nothing.
        """
        if self._moved is None:
            return None
        moved = self._exemplar.new_empty(2, *self._size)
        for strip, rows, columns in self._split():
            moved[:, strip] = self._move(rows, columns).to(moved)
        jacobian = torch.eye(2).to(moved)[..., None, None].repeat(1, 1, *self._size)
        for axis, across in ((0, 1), (1, 0)):
            onward = (moved.roll(-1, axis + 1) - moved) * ~self.find_joints(axis)
            jacobian[:, across] += (onward + onward.roll(1, axis + 1)).flip(0) / 2
        return jacobian

    def _split(self) -> Iterator[tuple[slice, Tensor, Tensor]]:
        """Split the torus into strips: which rows, their numbers (n, 1), and columns (1, width)."""
        height, width = self._size
        columns = torch.arange(width)[None]
        for rows in torch.arange(height).split(max(1, _STRIP_TEXELS // width)):
            yield slice(int(rows[0]), int(rows[-1]) + 1), rows[:, None], columns

    def _move(self, rows: Tensor, columns: Tensor) -> Tensor:
        """By how many texels of the exemplar the places of texels are moved, (2, ...), on the CPU.

        It is interpolated bilinearly between the layout's texels of the same piece.
        """
        assert self._moved is not None
        places = [
            (at + 0.5) * old / n
            for at, old, n in zip((rows, columns), self._lag.shape[1:], self._size, strict=True)
        ]
        cells = [place.long() for place in places]
        first = [(place - 0.5).floor().long() for place in places]
        past = [place - 0.5 - at for place, at in zip(places, first, strict=True)]
        own = self._lag[:, cells[0], cells[1]]
        total = torch.zeros(own.shape)
        weights = torch.zeros(own.shape[1:])
        for steps in product((0, 1), repeat=2):
            at, turns = [], []
            for start, step, n in zip(first, steps, self._lag.shape[1:], strict=True):
                at.append((start + step) % n)
                turns.append(((start + step) - at[-1]).expand(own.shape[1:]))
            lag = self._lag[:, at[0], at[1]] - torch.stack(turns)
            near = [x if step else 1 - x for x, step in zip(past, steps, strict=True)]
            weight = (near[0] * near[1]).clamp_min(_LEAST_WEIGHT) * (lag == own).all(0)
            total += weight * self._moved[:, at[0], at[1]]
            weights += weight
        return total / weights * total.new_tensor(self._scale).view(-1, *[1] * (own.dim() - 1))
