"""Measure the statistics of pictures, and keep those of large ones for the process's next run."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

from torch import Tensor

from ..features import FeatureNetwork
from ..statistics import FeatureStatistics, mean_statistics, measure_features
from ..surfaces import resizing
from .tiling import MEASURED_SIDE

#: Of a huge exemplar, so many blocks tell everything.
MOST_BLOCKS = 16
# Texels from which on a picture's statistics are kept, and of how many; each takes 1.4 MB with
# VGG up to pool4, and a run has some at each level and octave.
_LARGE_TEXELS = 512**2
_MOST_KEPT = 16

Statistics = dict[str, FeatureStatistics]
"""By layer."""


class StatisticsCache:
    """Keeps the statistics that were asked for last.

    Args:
        most: Of how many pictures.

    Example:
        >>> cache = StatisticsCache(most=1)
        >>> [cache.find(key, lambda key=key: {key: None}) for key in "aab"]
        [{'a': None}, {'a': None}, {'b': None}]
        >>> len(cache)
        1
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Statistics] = OrderedDict()

    def find(self, key: Hashable, measure: Callable[[], Statistics]) -> Statistics:
        """Return what is kept under a key; if there is nothing, measure and keep it."""
        if key not in self._kept:
            self._kept[key] = measure()
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return self._kept[key]

    def __len__(self) -> int:
        return len(self._kept)


# Before a small canvas, to measure a huge exemplar is a third of the work, and another seed has the
# same; each run loads its network anew, so that only the process can keep anything.
_cache = StatisticsCache(_MOST_KEPT)


def measure_picture(network: FeatureNetwork, names: Sequence[str], picture: Tensor) -> Statistics:
    """Measure the statistics of a whole picture; a large one's are kept.

    Args:
        network: Gives the features.
        names: Of the layers.
        picture: Shape (1, 3, height, width).

    Returns:
        The statistics of each layer that the picture is large enough for.
    """
    if picture[0, 0].numel() < _LARGE_TEXELS:
        return _measure_anew(network, names, picture)
    content = hashlib.sha256(picture.cpu().contiguous().numpy().data).digest()
    how = network.name, network.dtype, network.direct
    key = *how, picture.device, tuple(names), picture.shape, content
    return _cache.find(key, lambda: _measure_anew(network, names, picture))


def _measure_anew(network: FeatureNetwork, names: Sequence[str], picture: Tensor) -> Statistics:
    """Measure a whole picture, block by block to bound the memory."""
    by_layer: dict[str, list[tuple[FeatureStatistics, float]]] = {}
    for block in resizing.blocks(picture, MEASURED_SIDE, MOST_BLOCKS):
        for name, f in network.exemplar_features(block, names).items():
            part = measure_features(f, direct=network.direct), float(f.shape[-2] * f.shape[-1])
            by_layer.setdefault(name, []).append(part)
    return {name: mean_statistics(parts) for name, parts in by_layer.items()}
