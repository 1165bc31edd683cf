"""Render pieces of photos on a surface: the colours of all of its texels, blended at the joints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..exemplars.directions import Directions
from ..runtime.context import Check, proceed
from ..runtime.devices import one_thread
from .crumbs import Beside
from .pieces import Pieces
from .pyramid import Pyramid
from .reduction import Refinement
from .turning import turn_directions

# How often shares are spread to the texels beside, at the whole resolution: joints are blended with
# a deviation of 1.8 texels. At half of it a quarter of that does as much.
_SPREADINGS = 8
# A piece with a lesser share of a texel has none.
_LEAST_SHARE = 0.02


class Rendering:
    """Renders pieces that have been laid on a surface at a reduced resolution.

    Args:
        photos: Of the whole surface's scale.
        pieces: Of the reduced photos.
        refinement: Finds all texels of the surface.
        beside: Knows which of those that were looked at lie beside each other.
        directions: Channels of the photos that turn when these do.

    Attributes:
        colours: Shape (channels, texels); normals are told in the surface's own directions.
        photos: Number of the photo that each texel is from, shape (texels).
    """

    def __init__(
        self,
        photos: Sequence[Pyramid],
        pieces: Pieces,
        refinement: Refinement,
        beside: Beside,
        directions: Sequence[Directions] = (),
    ) -> None:
        self._photos = photos
        self._pieces, self._refinement, self._beside = pieces, refinement, beside
        self._directions = directions
        n = len(refinement.reduction.of)
        self._sizes = refinement.reduction.give_back(refinement.sizes.astype(np.float32))
        self.colours = np.zeros((photos[0].channels, n), np.float32)
        self.photos = np.zeros(n, np.int8)
        self._shares, self._most = np.zeros(n, np.float32), np.zeros(n, np.float32)

    def render(self, check: Check = proceed) -> Iterator[float]:
        """Render a piece after the other; yields how much of it is done, 0...1.

        Args:
            check: Called before each piece; an exception of it ends the work.
        """
        pieces = self._pieces.sewn.pieces
        numbers = np.unique(pieces).tolist()
        shares = self._beside.share_out(
            pieces, max(1, _SPREADINGS // self._refinement.reduction.factor**2)
        )
        # What a piece has, for a piece after the other.
        own = np.zeros(len(pieces), np.float32)
        for done, number in enumerate(numbers, start=1):
            check()
            some = slice(shares.indptr[number], shares.indptr[number + 1])
            own[shares.indices[some]] = shares.data[some]
            self._add(number, own)
            own[shares.indices[some]] = 0
            yield done / len(numbers)
        np.divide(self.colours, self._shares, out=self.colours, where=self._shares > 0)
        self._fill_bare()

    @one_thread()
    def _add(self, number: int, shares: NDArray[np.float32]) -> None:
        """Add a piece to its texels, and to those that it is blended with, by its share of each."""
        pieces, factor = self._pieces, self._refinement.reduction.factor
        # At the border of what its photo is for a joint is blended on both sides, as elsewhere.
        part = pieces.find_part(number, shares > _LEAST_SHARE)
        if not len(part.texels):
            return
        chart, share = self._refinement.refine_with(part, shares[part.texels].astype(np.float64))
        share = share.clip(0, 1).astype(np.float32)
        photo = pieces.get_photo(number)
        # The middle of a chart is a texel's: where nothing is turned, so are all, and stay sharp.
        origins = chart.places + factor * pieces.find_middle(number) + 0.5
        texels = chart.texels
        colours = self._photos[photo].sample(origins, self._sizes[texels])
        colours = turn_directions(colours, self._directions, -chart.turns)
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
