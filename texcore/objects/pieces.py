"""The pieces of photos that lie on a surface, each on the chart that it was laid on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..runtime.context import Check, proceed
from .charts import Chart
from .crumbs import Beside
from .mesh import Floats, Whole
from .parts import Parts
from .photo import Photo


@dataclass
class Sewn:
    """Where in which photo the texels of a surface are from.

    Attributes:
        origins: Column and row in the photo, in its texels, shape (n, 2).
        pieces: Number of the piece that each is of, shape (n).
        photos: Number of the photo that each is from, shape (n).
    """

    origins: Floats
    pieces: Whole
    photos: Whole


class Pieces:
    """Lays pieces of photos on charts, and lets them go on over what lies beside them.

    Args:
        photos: Of the surface's scale.
        side: Of a piece in texels.
        parts: Of the surface, one for each photo.

    Attributes:
        sewn: Where the texels are from.
    """

    def __init__(self, photos: Sequence[Photo], side: int, parts: Parts) -> None:
        self._photos, self._side = photos, side
        self._parts = parts
        self._laid: list[_Laid] = []
        n = parts.texels
        self.sewn = Sewn(np.zeros((n, 2)), np.full(n, -1), np.zeros(n, np.int64))

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
        return self._laid[number].select(slice(None))

    def get_photo(self, number: int) -> int:
        """Return the number of the photo that a piece is from."""
        return self._laid[number].photo

    def find_middle(self, number: int) -> Floats:
        """Find column and row in the photo of the middle of a piece's chart."""
        row, column = self._laid[number].corner
        return self._side / 2 + np.array([column, row], np.float64)

    def take(self, chart: Chart, number: int) -> None:
        """Give all texels on a chart to a piece."""
        sewn, texels = self.sewn, chart.texels
        sewn.origins[texels] = chart.places + self.find_middle(number)
        sewn.pieces[texels] = number
        sewn.photos[texels] = self._laid[number].photo

    def find_part(self, number: int, which: NDArray[np.bool_]) -> Chart:
        """Find which of some texels lie on a piece's chart and within its photo.

        Args:
            number: Of the piece.
            which: Texels of the surface, by where these are true, shape (n).
        """
        laid = self._laid[number]
        part = laid.select(np.flatnonzero(which[laid.texels]))
        return part.select(self._photos[laid.photo].has(part.places + self.find_middle(number)))

    def _find_allowed(self, number: int, which: NDArray[np.bool_]) -> Chart:
        """Find which of some texels a piece has on its chart, and where its photo may be."""
        part = self.find_part(number, which)
        return part.select(self._parts.may_be(self._laid[number].photo, part.texels))

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
                number: self._find_allowed(number, left)
                for number in np.unique(around[around >= 0]).tolist()
            }
            # What has most of it, and of what has as much that which is stretched least.
            for number in sorted(parts, key=lambda n: _rank(parts[n])):
                part = parts[number].select(left[parts[number].texels])
                self.take(part, number)
                left[part.texels] = False
            left[crumb] = False


@dataclass(frozen=True)
class _Laid:
    """A piece: the photo it is from, its corner there, row and column, and its chart, small."""

    photo: int
    corner: tuple[int, int]
    texels: NDArray[np.int32]
    places: NDArray[np.float32]
    turns: NDArray[np.float32]
    stretches: NDArray[np.float32]

    def select(self, which: Whole | slice) -> Chart:
        """Return the chart, with some of its texels."""
        rest = (a[which].astype(np.float64) for a in (self.places, self.turns, self.stretches))
        return Chart(self.texels[which].astype(np.int64), *rest)


def _rank(part: Chart) -> tuple[int, float]:
    return -len(part.texels), float(np.abs(part.stretches).sum())
