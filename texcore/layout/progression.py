"""Keep how a photo changes along an axis, as sand does from dry to wet.

Where on the canvas a texel lies then says about where in the photo it is from: the canvas shows the
photo's progression once, from its first row or column to its last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Of the exemplar's side, by how much a texel may be from elsewhere before that costs as much as a
# patch that is wholly out of step; less costs the square of its share.
_TOLERANCE_SHARE = 0.1


@dataclass(frozen=True)
class Progression:
    """Where in an exemplar the rows or the columns of a canvas are from.

    Attributes:
        axis: 0 for a progression from top to bottom, 1 for one from left to right.
        shown: Texels of the canvas that show it; the canvas is larger, for it lies on a torus and
            the result is cut from it.
        length: Of the canvas along the axis, in texels.
        side: Of the exemplar along the axis, in texels.

    Example:
        >>> progression = Progression(axis=0, shown=80, length=96, side=40)
        >>> progression.find_wanted(torch.tensor([0, 40, 79, 85, 95])).tolist()
        [0.25, 20.25, 39.75, 39.75, 0.25]
    """

    axis: int
    shown: int
    length: int
    side: int

    def find_wanted(self, places: Tensor) -> Tensor:
        """Find where in the exemplar texels should be from, in its texels.

        What will be cut off belongs to the nearer end.

        Args:
            places: Rows or columns of the canvas, any whole numbers; the canvas wraps.
        """
        places = places % self.length
        beyond = places >= self.shown
        late = places >= (self.shown + self.length) // 2
        places = torch.where(beyond, torch.where(late, 0, self.shown - 1), places)
        return (places + 0.5) * self.side / self.shown

    def measure_windows(self, place: int, window: int, corners: int) -> Tensor:
        """Measure how far from its place a window of the exemplar would be on the canvas.

        Args:
            place: Row or column of the canvas where the window begins.
            window: Its side in texels.
            corners: How many places there are for it in the exemplar, from its first texel on.

        Returns:
            Shape (corners), 1 where it would be as far away as is tolerated.
        """
        wanted = self.find_wanted(torch.tensor([place + window // 2]))
        return self._weigh(torch.arange(corners) + window / 2 - wanted)

    def measure_origins(
        self, origins: NDArray[np.int64], places: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Measure how far texels of the canvas are from their places.

        Args:
            origins: Rows or columns of the exemplar, shape (rows, columns).
            places: Rows or columns of the canvas that they lie at, as many as `origins` has along
                the axis.
        """
        wanted = self.find_wanted(torch.from_numpy(places))
        away = torch.from_numpy(origins) + 0.5 - wanted.view((-1, 1) if self.axis == 0 else (1, -1))
        weighed: NDArray[np.float32] = self._weigh(away).numpy().astype(np.float32)
        return weighed

    def _weigh(self, away: Tensor) -> Tensor:
        return (away / (_TOLERANCE_SHARE * self.side)).square()
