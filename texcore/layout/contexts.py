"""Measure how far the outlines about a layout's texels are from where its pieces have them.

Two stones that a joint makes one look well about the joint, and as windows of the exemplar do
wherever that has a stone as large. But each texel of them comes from a stone that ended sooner: the
ways to the next outlines (`texcore.layout.free_paths`) are other ones in the layout than in the
exemplar. What differs is what a texel has lost of its context.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .belonging import Map, Places
from .description import find_outlines
from .free_paths import find_transmission, measure_free_paths

# Texels that a way is followed back in a layout, a power of two: where there is nothing at all, a
# fifth of it would go on.
_FAR = 64
#: Texels from what has changed up to which the ways are measured anew.
REACH = 40


class Contexts:
    """The ways to the next outlines in an exemplar, to compare a layout's with.

    Args:
        source: The exemplar, shape (channels, h, w).

    Example:
        >>> y, x = np.mgrid[:48, :48]
        >>> source = torch.from_numpy((y % 16 < 3) | (x % 16 < 3)).float()[None]
        >>> contexts = Contexts(source)
        >>> whole = np.stack([y, x])
        >>> joined = whole.copy()
        >>> joined[:, 19:32, 16:19] = whole[:, 19:32, 20:23]
        >>> every = np.arange(48)
        >>> before, after = (contexts.measure(at, every, every) for at in (whole, joined))
        >>> bool(after[25, 24] > 10 * before[25, 24])
        True
    """

    def __init__(self, source: Tensor) -> None:
        outlines = find_outlines(source)
        through = find_transmission(outlines)
        said = measure_free_paths(outlines)
        usual = float(through.mean())
        self._usual = usual / (1 - usual)
        self._through, self._said = through, said
        self._scale = 1 / float(said.std().clamp_min(1e-6))

    def measure(self, origin: Places, rows: Places, columns: Places) -> Map:
        """Measure texels of a layout on a torus.

        Args:
            origin: Row and column in the exemplar of all its texels, shape (2, height, width).
            rows, columns: Of those measured: numbers that follow one another; the torus wraps.

        Returns:
            Shape (len(rows), len(columns)): the squared differences of the four ways' logarithms
            over what these vary by, added up; 0 where all is as in the exemplar.
        """
        (height, width), (h, w) = origin.shape[1:], self._through.shape
        down, across = (
            np.arange(span[0] - _FAR, span[-1] + _FAR + 1) % n
            for span, n in zip((rows, columns), (height, width), strict=True)
        )
        places = origin[:, down[:, None], across]
        y, x = (torch.from_numpy(at.clip(0, n - 1)) for at, n in zip(places, (h, w), strict=True))
        inside = slice(_FAR, -_FAR)
        ways = _look_all_ways(self._through[y, x], self._usual)[:, inside, inside]
        y, x = y[inside, inside], x[inside, inside]
        lost = (ways.log1p() - self._said[:, y, x]) * self._scale
        found: Map = lost.square().sum(0).numpy()
        return found


def _look_all_ways(through: Tensor, beyond: float) -> Tensor:
    """Follow paths from each texel to the top, the bottom, the left and the right.

    Args:
        through: The share that each texel lets through, shape (h, w).
        beyond: What a path still goes where it is followed no farther, in texels.

    Returns:
        The mean length of the paths in texels, shape (4, h, w).
    """
    down = _look_back(torch.stack([through, through.flip(0)]), beyond)
    right = _look_back(torch.stack([through.T, through.T.flip(0)]), beyond)
    return torch.stack([down[0], down[1].flip(0), right[0].T, right[1].flip(0).T])


def _look_back(through: Tensor, beyond: float) -> Tensor:
    """Follow paths from each row back, shape (2, n, m): twice as far each time.

    A path of p texels is one of share · p + length where more rows lie before it, which have that
    length by themselves and let that share through.
    """
    # Of what is before the first row nothing is known: all gets through.
    share = torch.cat([torch.ones_like(through[:, :1]), through[:, :-1]], 1)
    length = share.clone()
    length[:, 0] = 0
    step = 1
    while step < _FAR:
        farther, of_farther = torch.zeros_like(length), torch.ones_like(share)
        farther[:, step:], of_farther[:, step:] = length[:, :-step], share[:, :-step]
        length = length + share * farther
        share = share * of_farther
        step *= 2
    return length + share * beyond
