"""A photo at several sizes, each as sharp as it can be, for a texture larger here than there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..contract.recipe import MIN_EXEMPLAR
from ..exemplars.exemplar import Exemplar
from ..surfaces import resizing
from .mesh import Floats
from .photo import sample_photo

#: Sizes for each octave, of photos that are sampled, and of what the network is shown.
STEPS_PER_OCTAVE = 2


def find_steps(exemplar: Exemplar, scale: float, octaves: Tensor | None) -> range:
    """Find the sizes at which an exemplar is needed, in steps from its own: 0 is among them.

    Larger than the picture is it is not made, for nothing would be sharper; and nor so small that
    no texture would be left of it.

    Args:
        exemplar: As its files have it.
        scale: At which it is used, as a factor.
        octaves: By how much larger it shall be at places, of any shape; None for nowhere.

    Example:
        >>> import torch
        >>> photo = Exemplar.of(torch.rand(3, 64, 64))
        >>> find_steps(photo, 0.5, torch.tensor([-1.0, 0.2])), find_steps(photo, 1.0, None)
        (range(-2, 2), range(0, 1))
    """
    if octaves is None:
        return range(1)
    shortest = min(
        min(source.image.shape[-2:]) for part in exemplar.parts for source in part.sources
    )
    low, high = (float(x) * STEPS_PER_OCTAVE for x in (octaves.min(), octaves.max()))
    least = np.log2(MIN_EXEMPLAR / (scale * shortest)) * STEPS_PER_OCTAVE
    most = np.log2(1 / scale) * STEPS_PER_OCTAVE
    first, last = max(np.floor(low), np.ceil(least)), min(np.ceil(high), np.floor(most))
    return range(min(int(first), 0), max(int(last), 0) + 1)


class Sized:
    """An exemplar at all the sizes that a surface wants it at.

    Args:
        exemplar: As its files have it, with its scale map.
        scale: At which it is used, as a factor.

    Attributes:
        own: The exemplar at this scale.
        steps: All sizes, in steps of `STEPS_PER_OCTAVE` from its own.
    """

    def __init__(self, exemplar: Exemplar, scale: float) -> None:
        self._exemplar, self._scale = exemplar, scale
        self.own = _resize(exemplar, scale)
        self.steps = find_steps(exemplar, scale, exemplar.scale_map)

    def make(self, step: int) -> Exemplar:
        """Make the exemplar at a size."""
        if not step:
            return self.own
        return _resize(self._exemplar, self._scale * 2 ** (step / STEPS_PER_OCTAVE))

    def make_pyramids(self) -> list[Pyramid]:
        """Make the photo of each part of the surface at all sizes."""
        sized = {step: self.make(step).parts for step in self.steps}
        return [
            Pyramid({step: parts[number].sources[0].image for step, parts in sized.items()})
            for number in range(len(self.own.parts))
        ]


def _resize(exemplar: Exemplar, scale: float) -> Exemplar:
    """Resize what is learned from, by a factor."""
    if scale == 1:
        return exemplar
    return exemplar.mapped(lambda x: resizing.scaled(x, scale, scale), lambda x: x)


class Pyramid:
    """A photo at several sizes.

    Args:
        levels: By steps of `STEPS_PER_OCTAVE` from its own size, 0: shape (channels, h, w) each.
    """

    def __init__(self, levels: Mapping[int, Tensor]) -> None:
        self._levels = {step: levels[step].float().cpu() for step in sorted(levels)}
        self.channels = len(levels[0])

    def sample(self, origins: Floats, sizes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sample colours (channels, n), as sharp as texels can show them.

        Args:
            origins: Columns and rows in the photo at its own size, shape (n, 2).
            sizes: How large things shall be on the texels, as factors, shape (n).
        """
        if len(self._levels) == 1:
            return sample_photo(self._levels[0], origins)
        steps = list(self._levels)
        at = (np.log2(sizes) * STEPS_PER_OCTAVE).clip(steps[0], steps[-1])
        h, w = self._levels[0].shape[-2:]
        sampled = np.zeros((self.channels, len(origins)), np.float32)
        for step, level in self._levels.items():
            share = (1 - np.abs(at - step)).clip(0).astype(np.float32)
            some = np.flatnonzero(share)
            larger = np.array(level.shape[:0:-1]) / [w, h]
            sampled[:, some] += share[some] * sample_photo(level, origins[some] * larger)
        return sampled
