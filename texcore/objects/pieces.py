"""The pieces of photos that lie on a surface, each on the chart that it was laid on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..exemplars.directions import Directions
from ..runtime.context import Check, proceed
from .charts import Chart
from .crumbs import Beside
from .mesh import Floats, Whole
from .parts import Parts
from .photo import Photo
from .turning import turn_directions

BLEND_TEXELS = 2.0  #: on either side of a joint, within which both sides are blended


@dataclass
class Sewn:
    """Where in which photo the texels of a surface are from.

    Attributes:
        origins: Column and row in the photo, in its texels, shape (n, 2).
        colours: Blended at the joints, shape (channels, n); normals are told in the surface's own
            directions.
        pieces: Number of the piece that each is of, shape (n).
        photos: Number of the photo that each is from, shape (n).
    """

    origins: Floats
    colours: NDArray[np.float32]
    pieces: Whole
    photos: Whole


class Pieces:
    """Lays pieces of photos on charts, and lets them go on over what lies beside them.

    Args:
        photos: Of the surface's scale.
        side: Of a piece in texels.
        parts: Of the surface, one for each photo.
        directions: Channels of the photos that turn when these do.

    Attributes:
        sewn: Where the texels are from.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        side: int,
        parts: Parts,
        directions: Sequence[Directions] = (),
    ) -> None:
        self._photos, self._side, self._directions = photos, side, directions
        self._parts = parts
        self._laid: list[_Laid] = []
        n = parts.texels
        colours = np.zeros((photos[0].channels, n), np.float32)
        self.sewn = Sewn(np.zeros((n, 2)), colours, np.full(n, -1), np.zeros(n, np.int64))

    def add(self, chart: Chart, photo: int, corner: tuple[int, int]) -> int:
        """Add a piece, that has no texels yet; returns its number.

        Args:
            chart: That it lies on, with what is stretched too much for it.
            photo: Number of the photo that it is from.
            corner: Row and column in the photo.
        """
        rest = (a.astype(np.float32) for a in (chart.places, chart.turns, chart.stretches))
        self._laid.append(_Laid(photo, corner, chart.texels.astype(np.int32), *rest))
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
        origins, photo = self._find_origins(chart, number), self._laid[number].photo
        colours = self._photos[photo].sample(origins)
        colours = turn_directions(colours, self._directions, -chart.turns)
        sewn, texels = self.sewn, chart.texels
        sewn.colours[:, texels] += weight.astype(np.float32) * (colours - sewn.colours[:, texels])
        mine = weight > 0.5
        sewn.origins[texels[mine]] = origins[mine]
        sewn.pieces[texels[mine]] = number
        sewn.photos[texels[mine]] = photo

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
        usable &= self._is_usable(chart, number)
        away, _ = cKDTree(part.places).query(chart.places)
        self.blend(chart, np.where(usable, np.clip(1 - away / reach, 0, 1), 0), number)
        left[part.texels] = False

    def _find_part(self, number: int, which: NDArray[np.bool_]) -> Chart:
        """Find what a piece has, on its chart and in the photo, of texels: where these are true."""
        chart = self.get_chart(number)
        part = chart.select(which[chart.texels])
        return part.select(self._is_usable(part, number))

    def _is_usable(self, chart: Chart, number: int) -> NDArray[np.bool_]:
        """Say of which texels on a piece's chart its photo tells, and may."""
        photo = self._laid[number].photo
        told = self._photos[photo].has(self._find_origins(chart, number))
        return told & self._parts.may_be(photo, chart.texels)

    def _find_origins(self, chart: Chart, number: int) -> Floats:
        """Find column and row in the photo of what is on a piece's chart."""
        row, column = self._laid[number].corner
        origins: Floats = chart.places + self._side / 2 + np.array([column, row])
        return origins


@dataclass(frozen=True)
class _Laid:
    """A piece: the photo it is from, its corner there, row and column, and its chart, small."""

    photo: int
    corner: tuple[int, int]
    texels: NDArray[np.int32]
    places: NDArray[np.float32]
    turns: NDArray[np.float32]
    stretches: NDArray[np.float32]


def _rank(part: Chart) -> tuple[int, float]:
    return -len(part.texels), float(np.abs(part.stretches).sum())
