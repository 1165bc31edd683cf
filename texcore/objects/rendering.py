"""Render pieces of photos on a surface: the colours of all of its texels, blended at the joints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from torch import Tensor

from ..exemplars.directions import Directions
from ..runtime.context import Check, proceed
from ..runtime.devices import one_thread
from .mesh import Floats
from .photo import sample_photo
from .pieces import Pieces
from .reduction import Refinement
from .turning import turn_directions

# Deviation of the bell by which pieces are blended at their joints; what of its square the cells
# bring about by themselves, in theirs; and where it ends.
_BLEND_TEXELS, _BY_CELLS, _BELL_END = 2.0, 0.25, 3.0
# A piece with a lesser share of a texel has none.
_LEAST_SHARE = 0.02


class Rendering:
    """Renders pieces that have been laid on a surface at a reduced resolution.

    Args:
        photos: Shape (channels, h, w) each, of the whole surface's scale.
        pieces: Of the reduced photos.
        refinement: Finds all texels of the surface.
        directions: Channels of the photos that turn when these do.

    Attributes:
        colours: Shape (channels, texels); normals are told in the surface's own directions.
        photos: Number of the photo that each texel is from, shape (texels).
    """

    def __init__(
        self,
        photos: Sequence[Tensor],
        pieces: Pieces,
        refinement: Refinement,
        directions: Sequence[Directions] = (),
    ) -> None:
        self._photos = [photo.float().cpu() for photo in photos]
        self._pieces, self._refinement, self._directions = pieces, refinement, directions
        n = len(refinement.reduction.of)
        self.colours = np.zeros((len(photos[0]), n), np.float32)
        self.photos = np.zeros(n, np.int8)
        self._shares, self._most = np.zeros(n, np.float32), np.zeros(n, np.float32)

    def render(self, check: Check = proceed) -> Iterator[float]:
        """Render a piece after the other; yields how much of it is done, 0...1.

        Args:
            check: Called before each piece; an exception of it ends the work.
        """
        numbers = np.unique(self._pieces.sewn.pieces).tolist()
        for done, number in enumerate(numbers, start=1):
            check()
            self._add(number)
            yield done / len(numbers)
        np.divide(self.colours, self._shares, out=self.colours, where=self._shares > 0)
        self._fill_bare()

    @one_thread()
    def _add(self, number: int) -> None:
        """Add a piece to its texels, and to those beyond its joints that it is blended with."""
        pieces, factor = self._pieces, self._refinement.reduction.factor
        chart = pieces.get_chart(number)
        chart = chart.select(pieces.is_usable(chart, number))
        own = pieces.sewn.pieces[chart.texels] == number
        if not own.any():
            return
        deviation = np.sqrt((_BLEND_TEXELS / factor) ** 2 - _BY_CELLS)
        reach = _BELL_END * deviation + 2
        low, high = chart.places[own].min(0) - reach, chart.places[own].max(0) + reach
        near = ((chart.places > low) & (chart.places < high)).all(1)
        chart, own = chart.select(near), own[near]
        shares = _blur(chart.places - low, own, deviation)
        touched = _look_up(shares, chart.places - low) > _LEAST_SHARE
        chart = self._refinement.refine(chart.select(touched))
        share = _look_up(shares, chart.places / factor - low).astype(np.float32)
        photo = pieces.get_photo(number)
        # The middle of a chart is a texel's: where nothing is turned, so are all, and stay sharp.
        origins = chart.places + factor * pieces.find_middle(number) + 0.5
        colours = sample_photo(self._photos[photo], origins)
        colours = turn_directions(colours, self._directions, -chart.turns)
        texels = chart.texels
        self.colours[:, texels] += share * colours
        self._shares[texels] += share
        if len(self._photos) > 1:
            first = texels[share > self._most[texels]]
            self._most[texels] = np.maximum(self._most[texels], share)
            self.photos[first] = photo

    def _fill_bare(self) -> None:
        """Give what no piece's chart has, in folds and creases, what lies nearest."""
        bare = np.flatnonzero(self._shares == 0)
        if not len(bare):
            return
        reduction = self._refinement.reduction
        positions = reduction.atlas.positions
        done = np.flatnonzero(self._shares[reduction.chosen] > 0)
        _, nearest = cKDTree(positions[done]).query(positions[reduction.of[bare]])
        from_ = reduction.chosen[done[nearest]]
        self.colours[:, bare] = self.colours[:, from_]
        self.photos[bare] = self.photos[from_]


def _blur(places: Floats, own: NDArray[np.bool_], deviation: float) -> Floats:
    """Blur which places (n, 2), right and down of a corner, are a piece's own, by a bell.

    Returns:
        A share for each cell, (rows, columns), of what places are there.
    """
    columns, rows = np.ceil(places.max(0)).astype(np.int64) + 1
    column, row = np.floor(places).astype(np.int64).T
    cell = row * columns + column
    mine, every = (
        ndimage.gaussian_filter(
            np.bincount(which, minlength=rows * columns).reshape(rows, columns).astype(float),
            deviation,
            mode="constant",
            truncate=_BELL_END,
        )
        for which in (cell[own], cell)
    )
    shares: Floats = mine / np.maximum(every, 1e-9)
    return shares


def _look_up(shares: Floats, places: Floats) -> Floats:
    """Look up shares of cells at places (n, 2), right and down of their corner, linearly."""
    found: Floats = ndimage.map_coordinates(shares, places.T[::-1] - 0.5, order=1, mode="nearest")
    return found
