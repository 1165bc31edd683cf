"""Patches cut out of photos: an endless, seeded and augmented stream, and a few to judge by.

Every step's patches follow from the seed and the step's number alone, so that a training that is
resumed goes on as if it had not been stopped.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..contract.errors import BadInput
from .photos import Area, Bytes, load

# Of decoded photos at a time, and again while the next are read.
_SHELF_BYTES = 1 << 30
# Cut from each photo before the next are taken from the disk, where they do not all fit.
_PATCHES_A_VISIT = 64
# A patch is cut from an area whose sides are so much smaller or larger, and resampled.
_SCALES = (0.75, 2.0)
# The patch's colours are multiplied by e^±…, and shifted by ±….
_GAIN, _SHIFT = 0.2, 0.05
_HELD_OUT_PATCHES = 16
# Tell the random numbers of different uses apart.
_ORDER, _CUTS, _JUDGING = range(3)


class Patches:
    """Batches of training patches by the number of the step.

    Args:
        areas: To cut from.
        patch: Side in pixels.
        batch: Patches in a step.
        seed: Another seed, another stream.
        note: Told of photos that turn out to be damaged, a sentence each; they are done without.
        shelf_bytes: Of photos that are held in memory at a time.
    """

    def __init__(
        self,
        areas: Sequence[Area],
        patch: int,
        batch: int,
        seed: int,
        note: Callable[[str], object],
        shelf_bytes: int = _SHELF_BYTES,
    ) -> None:
        self._areas, self._patch, self._batch, self._seed = areas, patch, batch, seed
        self._note = note
        self._all_fit = sum(map(_bytes, areas)) <= shelf_bytes
        self._shelves = _shelves(areas, shelf_bytes, seed)
        self._shelf: list[Bytes] = []
        # The shelf after this one, and where it is being read already.
        self._ahead = next(self._shelves)
        self._reader = ThreadPoolExecutor(1, "photos")
        self._reading: Future[list[Bytes]] | None = None
        self._lasts_to = 0

    def __enter__(self) -> Patches:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.shutdown(wait=False, cancel_futures=True)

    def batch(self, step: int, device: torch.device) -> Tensor:
        """The patches of a step, (batch, 3, patch, patch) in 0...1; steps are asked for in order.

        Raises:
            BadInput: No photo can be decoded.
        """
        self._fill(step)
        random = np.random.default_rng([self._seed, _CUTS, step])
        cuts = [self._cut(random, device) for _ in range(self._batch)]
        return torch.stack(cuts).contiguous(memory_format=torch.channels_last)

    def _cut(self, random: np.random.Generator, device: torch.device) -> Tensor:
        photo = self._shelf[random.integers(len(self._shelf))]
        height, width = photo.shape[1:]
        low, high = (math.log(scale) for scale in _SCALES)
        high = min(high, math.log(min(height, width) / self._patch))
        side = round(self._patch * math.exp(random.uniform(low, high)))
        top, left = random.integers(height - side + 1), random.integers(width - side + 1)
        window = np.ascontiguousarray(photo[:, top : top + side, left : left + side])
        x = torch.from_numpy(window).to(device).float() / 255
        if side != self._patch:
            x = F.interpolate(x[None], (self._patch, self._patch), mode="bilinear", antialias=True)[
                0
            ]
        x = torch.rot90(x, int(random.integers(4)), (1, 2))
        if random.integers(2):
            x = x.flip(2)
        gain, shift = random.uniform(-_GAIN, _GAIN), random.uniform(-_SHIFT, _SHIFT)
        return (x * math.exp(gain) + shift).clamp(0, 1)

    def _fill(self, step: int) -> None:
        """Have the photos of a step on the shelf, and the next ones on their way."""
        if self._all_fit:
            self._shelf = self._shelf or self._read(self._areas)
        while not self._all_fit and step >= self._lasts_to:
            shelf, reading = self._ahead, self._reading
            self._ahead, self._reading = next(self._shelves), None
            self._lasts_to += max(1, len(shelf) * _PATCHES_A_VISIT // self._batch)
            if step < self._lasts_to:  # else a resumed training has left this shelf behind
                photos = reading.result() if reading else self._read(shelf)
                self._shelf = photos or self._shelf
                self._reading = self._reader.submit(self._read, self._ahead)
        if not self._shelf:
            raise BadInput("None of the photos can be decoded: check that they open.")

    def _read(self, areas: Sequence[Area]) -> list[Bytes]:
        photos = []
        for area in areas:
            try:
                photos.append(load(area))
            except BadInput as e:
                self._note(str(e))
        return photos


def held_out(areas: Sequence[Area], patch: int, seed: int, note: Callable[[str], object]) -> Tensor:
    """Patches to judge by, as they are in the photos: bytes of shape (n, 3, patch, patch).

    Raises:
        BadInput: No photo can be decoded.
    """
    random = np.random.default_rng([seed, _JUDGING])
    chosen = [areas[i] for i in random.permutation(len(areas))][:_HELD_OUT_PATCHES]
    each = math.ceil(_HELD_OUT_PATCHES / len(chosen))
    patches = []
    for area in chosen:
        try:
            photo = load(area)
        except BadInput as e:
            note(str(e))
            continue
        for _ in range(each):
            top, left = (random.integers(n - patch + 1) for n in photo.shape[1:])
            patches.append(photo[:, top : top + patch, left : left + patch])
    if not patches:
        raise BadInput("None of the photos can be decoded: check that they open.")
    return torch.from_numpy(np.stack(patches[:_HELD_OUT_PATCHES]))


def _shelves(areas: Sequence[Area], most: int, seed: int) -> Iterator[tuple[Area, ...]]:
    """All areas for ever, in another order each time, as many together as ``most`` bytes hold."""
    for epoch in itertools.count():
        shelf: list[Area] = []
        order = np.random.default_rng([seed, _ORDER, epoch]).permutation(len(areas))
        for area in (areas[i] for i in order):
            if shelf and sum(map(_bytes, (*shelf, area))) > most:
                yield tuple(shelf)
                shelf = []
            shelf.append(area)
        yield tuple(shelf)


def _bytes(area: Area) -> int:
    return 3 * area.height * area.width
