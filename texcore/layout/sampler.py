"""Sample an exemplar where a layout is from, at any scale, moved as registration says."""

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
_PART_TEXELS = 2**18
# What a neighbour of the same piece weighs at least, so that one always counts.
_LEAST_WEIGHT = 1e-6


class LayoutSampler:
    """Samples an exemplar where the texels of a torus are from.

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
        >>> sampler = LayoutSampler(Patchwork(grid, (8, 8), moved), ramp, 8, 8)
        >>> round(float(sampler.render()[0, 4, 4]), 2)
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
        self._hole = hole
        self._exemplar, self._size = exemplar, (height, width)
        self._moved = None if made.moved is None else made.moved.to(exemplar)
        self._scale = [n / of for n, of in zip(exemplar.shape[-2:], made.side, strict=True)]
        if self._moved is not None:
            grid = torch.meshgrid(*map(torch.arange, made.origin.shape[1:]), indexing="ij")
            self._lag = (made.origin - torch.stack(grid)).int().to(exemplar.device)

    def render(self) -> Tensor:
        """Show all of it, joints as they are: shape (channels, height, width)."""
        image = self._exemplar[:, self.origins[0], self.origins[1]]
        for rows, columns in self._list_moved():
            image[:, rows, columns] = self.sample(rows, columns)
        return image

    def find_joints(self, axis: int) -> Tensor:
        """Find the texels (height, width) that the next along an axis does not go on from."""
        ahead = [origin.roll(-1, axis) - origin for origin in self.origins]
        ahead[axis] = ahead[axis] - 1
        return torch.maximum(ahead[0].abs(), ahead[1].abs()) > _ROUNDING_TEXELS

    def sample(self, rows: Tensor, columns: Tensor, by: tuple[int, int] = (0, 0)) -> Tensor:
        """Sample the exemplar beside where texels are from.

        Args:
            rows, columns: Of the torus, each of shape (n), on the exemplar's device.
            by: Texels down and across from there; beyond the exemplar its border goes on.

        Returns:
            Shape (channels, n), within the exemplar's range, channel by channel.
        """
        exemplar = self._exemplar
        at = [
            (origin[rows, columns] + step).clamp(0, n - 1)
            for origin, step, n in zip(self.origins, by, exemplar.shape[-2:], strict=True)
        ]
        if self._moved is None:
            return exemplar[:, at[0], at[1]]
        moved = self._move(rows, columns)
        return sample_bicubic(exemplar, at[0] + moved[0], at[1] + moved[1])

    def measure_jacobian(self) -> Tensor | None:
        """Measure how the places sampled move for a texel, see `Directions.turn`.

        Returns:
            Shape (2, 2, height, width), or None where no place is moved. A joint turns nothing.
        """
        if self._moved is None:
            return None
        moved = self._exemplar.new_zeros(2, *self._size)
        for rows, columns in self._list_moved():
            moved[:, rows, columns] = self._move(rows, columns)
        jacobian = torch.eye(2).to(moved)[..., None, None].repeat(1, 1, *self._size)
        for axis, across in ((0, 1), (1, 0)):
            onward = (moved.roll(-1, axis + 1) - moved) * self._find_inner(axis)
            jacobian[:, across] += (onward + onward.roll(1, axis + 1)).flip(0) / 2
        return jacobian

    def _find_inner(self, axis: int) -> Tensor:
        """Find the texels (height, width) whose next along an axis is of the same piece.

        At the joints of pieces that lie but a texel apart, origins and displacements step against
        each other.
        """
        rows, columns = self._find_cells()
        lag = self._lag[:, rows[:, None], columns]
        ahead = lag.roll(-1, axis + 1) - lag
        ahead[axis].select(axis, -1).sub_(self._lag.shape[axis + 1])  # where the torus closes
        return (ahead == 0).all(0)

    def _find_cells(self) -> tuple[Tensor, Tensor]:
        """Find the row and the column of the layout that each row and column here lies in."""
        rows, columns = (
            ((torch.arange(n) + 0.5) * of / n).long().to(self._exemplar.device)
            for n, of in zip(self._size, self._lag.shape[1:], strict=True)
        )
        return rows, columns

    def _list_moved(self) -> Iterator[tuple[Tensor, Tensor]]:
        """List the rows and columns of texels whose places may be moved, each (n), in parts."""
        if self._moved is None:
            return
        near = (self._moved != 0).any(0)
        for axis in (0, 1):
            near = near | near.roll(1, axis) | near.roll(-1, axis)
        cells = self._find_cells()
        rows, columns = near[cells[0][:, None], cells[1]].nonzero().T
        if len(rows):
            yield from zip(rows.split(_PART_TEXELS), columns.split(_PART_TEXELS), strict=True)

    def _move(self, rows: Tensor, columns: Tensor) -> Tensor:
        """By how many texels of the exemplar the places of texels are moved, (2, n).

        It is interpolated bilinearly between the layout's texels of the same piece.
        """
        assert self._moved is not None
        sides = self._lag.shape[1:]
        places = [
            (at + 0.5) * (of / n)
            for at, of, n in zip((rows, columns), sides, self._size, strict=True)
        ]
        first = [(place - 0.5).floor() for place in places]
        past = [place - 0.5 - at for place, at in zip(places, first, strict=True)]
        own = self._lag[:, places[0].long(), places[1].long()]
        total = self._exemplar.new_zeros(own.shape)
        weights = self._exemplar.new_zeros(len(rows))
        for steps in product((0, 1), repeat=2):
            unwrapped = [at.int() + step for at, step in zip(first, steps, strict=True)]
            at = [where % n for where, n in zip(unwrapped, sides, strict=True)]
            # Beyond where the torus closes the same piece has another lag.
            turns = torch.stack([u - a for u, a in zip(unwrapped, at, strict=True)])
            same = (self._lag[:, at[0], at[1]] - turns == own).all(0)
            near = [x if step else 1 - x for x, step in zip(past, steps, strict=True)]
            weight = (near[0] * near[1]).clamp_min(_LEAST_WEIGHT) * same
            total += weight * self._moved[:, at[0], at[1]]
            weights += weight
        moved = total / weights * total.new_tensor(self._scale)[:, None]
        return moved if self._hole is None else moved * self._hole[rows, columns]
