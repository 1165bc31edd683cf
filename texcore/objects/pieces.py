"""The pieces of a photo that lie on a surface, each on the chart that it was laid on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from ..exemplars.directions import Directions
from ..runtime.context import Check, proceed
from .charts import Chart
from .crumbs import Beside
from .mesh import Floats, Whole

BLEND_TEXELS = 2.0  #: on either side of a joint, within which both sides are blended


@dataclass
class Sewn:
    """Where in a photo the texels of a surface are from.

    Attributes:
        origins: Column and row in the photo, in its texels, shape (n, 2).
        colours: Blended at the joints, shape (channels, n); normals are told in the surface's own
            directions.
        pieces: Number of the piece that each is of, shape (n).
    """

    origins: Floats
    colours: NDArray[np.float32]
    pieces: Whole


class Pieces:
    """Lays pieces of a photo on charts, and lets them go on over what lies beside them.

    Args:
        photo: Shape (channels, h, w), of the surface's scale.
        side: Of a piece in texels.
        count: How many texels the surface has.
        directions: Channels of the photo that turn when it does.

    Attributes:
        sewn: Where the texels are from.
    """

    def __init__(
        self, photo: Tensor, side: int, count: int, directions: Sequence[Directions] = ()
    ) -> None:
        self._photo, self._side, self._directions = photo, side, directions
        self._laid: list[_Laid] = []
        self.sewn = Sewn(
            np.zeros((count, 2)), np.zeros((len(photo), count), np.float32), np.full(count, -1)
        )

    def add(self, chart: Chart, corner: tuple[int, int]) -> int:
        """Add a piece, that has no texels yet; returns its number.

        Args:
            chart: That it lies on, with what is stretched too much for it.
            corner: Row and column in the photo.
        """
        rest = (a.astype(np.float32) for a in (chart.places, chart.turns, chart.stretches))
        self._laid.append(_Laid(corner, chart.texels.astype(np.int32), *rest))
        return len(self._laid) - 1

    def get_chart(self, number: int) -> Chart:
        """Return the chart that a piece lies on, with what is stretched too much for it."""
        laid = self._laid[number]
        rest = (a.astype(np.float64) for a in (laid.places, laid.turns, laid.stretches))
        return Chart(laid.texels.astype(np.int64), *rest)

    def blend(self, chart: Chart, weight: Floats, number: int) -> None:
        """Blend a piece into its texels, by a weight for each; most of it makes them its own."""
        touched = weight > 1e-3
        chart, weight = chart.select(touched), weight[touched]
        origins = self._find_origins(chart, number)
        colours = sample_photo(self._photo, origins)
        colours = turn_directions(colours, self._directions, -chart.turns)
        sewn, texels = self.sewn, chart.texels
        sewn.colours[:, texels] += weight.astype(np.float32) * (colours - sewn.colours[:, texels])
        mine = weight > 0.5
        sewn.origins[texels[mine]] = origins[mine]
        sewn.pieces[texels[mine]] = number

    def merge_crumbs(self, beside: Beside, least: int, check: Check = proceed) -> None:
        """Let pieces go on over the crumbs beside them.

        Args:
            beside: Knows which texels lie beside each other.
            least: A part of a piece with fewer texels is a crumb.
            check: Called before each crumb; an exception of it ends the work.
        """
        pieces = self.sewn.pieces
        left = np.zeros(len(pieces), bool)
        for crumb in beside.find_crumbs(pieces, least):
            check()
            around = pieces[np.setdiff1d(beside.find_around(crumb), crumb)]
            left[crumb] = True
            parts = {
                number: self._find_part(number, left)
                for number in np.unique(around[around >= 0]).tolist()
            }
            # What has most of it, and of what has as much that which is stretched least.
            for number in sorted(parts, key=lambda n: _rank(parts[n])):
                self._go_on(number, left)
            left[crumb] = False

    def _go_on(self, number: int, left: NDArray[np.bool_]) -> None:
        """Let a piece go on over what it has of these texels, and take this from them.

        A little beyond it is blended in.
        """
        part = self._find_part(number, left)
        if not len(part.texels):
            return
        reach = 2 * BLEND_TEXELS
        chart = self.get_chart(number)
        near = (chart.places >= part.places.min(0) - reach).all(axis=1)
        near &= (chart.places <= part.places.max(0) + reach).all(axis=1)
        chart = chart.select(near)
        # What is bare has nothing to be blended with.
        usable = left[chart.texels] | (self.sewn.pieces[chart.texels] >= 0)
        usable &= self._is_in_photo(chart, number)
        away, _ = cKDTree(part.places).query(chart.places)
        self.blend(chart, np.where(usable, np.clip(1 - away / reach, 0, 1), 0), number)
        left[part.texels] = False

    def _find_part(self, number: int, which: NDArray[np.bool_]) -> Chart:
        """Find what a piece has, on its chart and in the photo, of texels: where these are true."""
        chart = self.get_chart(number)
        part = chart.select(which[chart.texels])
        return part.select(self._is_in_photo(part, number))

    def _is_in_photo(self, chart: Chart, number: int) -> NDArray[np.bool_]:
        h, w = self._photo.shape[-2:]
        x, y = self._find_origins(chart, number).T
        there: NDArray[np.bool_] = (x >= 0) & (x <= w) & (y >= 0) & (y <= h)
        return there

    def _find_origins(self, chart: Chart, number: int) -> Floats:
        """Find column and row in the photo of what is on a piece's chart."""
        row, column = self._laid[number].corner
        origins: Floats = chart.places + self._side / 2 + np.array([column, row])
        return origins


@dataclass(frozen=True)
class _Laid:
    """A piece: its corner in the photo, row and column, and its chart, kept small."""

    corner: tuple[int, int]
    texels: NDArray[np.int32]
    places: NDArray[np.float32]
    turns: NDArray[np.float32]
    stretches: NDArray[np.float32]


def _rank(part: Chart) -> tuple[int, float]:
    return -len(part.texels), float(np.abs(part.stretches).sum())


def turn_directions(
    colours: NDArray[np.float32], directions: Sequence[Directions], angles: Floats
) -> NDArray[np.float32]:
    """Turn the normals among colours (channels, n) of a picture that is turned by angles (n).

    Args:
        colours: As the picture has them.
        directions: Which of the channels hold normals.
        angles: From right to down, in radians.
    """
    if not directions:
        return colours
    cosine, sine = (torch.from_numpy(f(angles)).float()[None] for f in (np.cos, np.sin))
    jacobian = torch.stack([torch.stack([cosine, sine]), torch.stack([-sine, cosine])])
    picture = torch.from_numpy(colours)[:, None]
    for channels in directions:
        picture = channels.turn(picture, jacobian)
    turned: NDArray[np.float32] = picture[:, 0].numpy()
    return turned


def sample_photo(photo: Tensor, origins: Floats) -> NDArray[np.float32]:
    """Sample a photo (channels, h, w) at columns and rows (n, 2) in its texels, bicubically."""
    h, w = photo.shape[-2:]
    at = torch.from_numpy(origins).float() / torch.tensor([w, h]) * 2 - 1
    found = torch.nn.functional.grid_sample(
        photo[None], at[None, None], mode="bicubic", padding_mode="border", align_corners=False
    )[0, :, 0]
    low, high = photo.amin((1, 2))[:, None], photo.amax((1, 2))[:, None]
    sampled: NDArray[np.float32] = torch.minimum(torch.maximum(found, low), high).numpy()
    return sampled
