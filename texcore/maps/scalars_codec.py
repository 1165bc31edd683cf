"""Keep the range of quantities such as roughness, and the two values of a mask."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..contract.map_kinds import Kind
from ..exemplars.directions import Directions
from ..pictures import Picture, Pixels
from .spans import Span

# A channel that varies less is flat; far below a step of 16 bits.
_FLAT = 1e-6
# Share of a mask's texels that lie at its two values, to so many steps of 256.
_MASK_SHARE = 0.99
_MASK_STEPS = 2
# A quantity is shown to the network stretched: between these quantiles it runs from 0 to 1.
_STRETCH = (0.001, 0.999)


class ScalarsCodec:
    """Independent quantities, one a channel; grey pictures of three equal channels count as one."""

    directions: Directions | None = None

    def __init__(self, picture: Picture, kind: Kind) -> None:
        pixels = picture.pixels
        colours = len(pixels) - picture.has_alpha
        self._copies = colours if colours > 1 and len(kind.channels) == 1 and _grey(pixels) else 1
        kept = [0, *range(colours, len(pixels))] if self._copies > 1 else range(len(pixels))
        self._set(picture, list(kept), _name_channels(kind, len(kept), picture.has_alpha))

    @classmethod
    def of_channels(cls, picture: Picture, which: range, name: str) -> ScalarsCodec:
        """Only some channels of a picture."""
        self = cls.__new__(cls)
        self._copies = 1
        names = [name if len(which) == 1 else f"{name}{i}" for i in which]
        self._set(picture, list(which), names)
        # Whoever encodes another picture gives these channels alone.
        self._kept = list(range(len(which)))
        return self

    def _set(self, picture: Picture, kept: list[int], names: list[str]) -> None:
        self._depth, self._linear = picture.depth, picture.linear
        self._kept = kept
        self._channels = [_Channel(picture.pixels[i]) for i in kept]
        varying = [(c, name) for c, name in zip(self._channels, names, strict=True) if not c.flat]
        size = picture.pixels.shape[1:]
        shown = [torch.from_numpy(c.shown) for c, _ in varying]
        self.image = torch.stack(shown) if shown else torch.empty(0, *size)
        self.roles = tuple(name for _, name in varying)

    def encode(self, picture: Picture) -> Tensor:
        """Return another picture's channels; one that it lacks is as low as the exemplar's."""
        size = picture.pixels.shape[1:]
        shown = []
        for i, channel in zip(self._kept, self._channels, strict=True):
            if not channel.flat:
                there = i < len(picture.pixels)
                values = picture.pixels[i] if there else np.full(size, channel.low, np.float32)
                shown.append(torch.from_numpy(channel.stretch(values)))
        return torch.stack(shown) if shown else torch.empty(0, *size)

    def decode(self, image: Tensor, alike: bool = True) -> Picture:  # noqa: D102
        size = image.shape[-2:]
        rows = iter(image.float().cpu().numpy())
        made = [
            c.values(None if c.flat else next(rows), (size[0], size[1])) for c in self._channels
        ]
        if self._copies > 1:
            made = [made[0]] * self._copies + made[1:]
        pixels = np.stack(made) if made else np.empty((0, *size), np.float32)
        return Picture(np.ascontiguousarray(pixels), self._depth, self._linear)

    def preview(self, image: Tensor) -> Picture | None:  # noqa: D102
        if any(c.low < 0 or c.high > 1 for c in self._channels):
            return None
        return Picture(self.decode(image).pixels, "uint8")


class _Channel:
    """One quantity: its range, how it is stretched, and whether it is a mask of two values."""

    def __init__(self, values: Pixels) -> None:
        self.low, self.high = float(values.min()), float(values.max())
        self.flat = is_flat(values)
        self.mask = None if self.flat else two_values(values)
        low, high = (float(q) for q in np.quantile(values, _STRETCH))
        if high - low <= _FLAT:
            low, high = self.low, self.high
        if high == low:
            high = low + _FLAT * max(1.0, abs(low))
        self._span = Span(low, high).reach(values)
        self._share = 0.0
        if self.mask:
            self._share = float((values > sum(self.mask) / 2).mean())
        self.shown = self._stretched(values)

    def stretch(self, values: Pixels) -> Pixels:
        """Return values of another picture as shown; the result may reach them, too."""
        self.low, self.high = (
            min(self.low, float(values.min())),
            max(self.high, float(values.max())),
        )
        return self._stretched(values)

    def _stretched(self, values: Pixels) -> Pixels:
        return self._span.reach(values).shrink(values).astype(np.float32, copy=False)

    def values(self, shown: Pixels | None, size: tuple[int, int]) -> Pixels:
        """The quantity from what was made of it, (height, width); flat ones need nothing."""
        if shown is None:
            return np.full(size, self.low, np.float32)
        if self.mask:
            # As many texels get the higher value as have it in the exemplar.
            low, high = self.mask
            threshold = np.quantile(shown, 1 - self._share)
            return np.where(shown > threshold, high, low).astype(np.float32)
        values = self._span.widen(shown)
        return values.clip(self.low, self.high).astype(np.float32)


def two_values(values: Pixels) -> tuple[float, float] | None:
    """The two values, low and high, of a channel that is a mask; None if it is none.

    A mask has 99 % of its texels within two steps of 256 of its two commonest values.
    """
    low, high = float(values.min()), float(values.max())
    steps = np.round((values - low) / max(high - low, _FLAT) * 255).astype(np.int64)
    count = np.bincount(steps.ravel(), minlength=256)
    first = int(count.argmax())
    others = count.copy()
    others[max(0, first - 2 * _MASK_STEPS) : first + 2 * _MASK_STEPS + 1] = 0
    second = int(others.argmax())
    near = np.zeros(256, bool)
    for peak in (first, second):
        near[max(0, peak - _MASK_STEPS) : peak + _MASK_STEPS + 1] = True
    if others[second] == 0 or count[near].sum() < _MASK_SHARE * values.size:
        return None
    a, b = sorted(float(np.median(values[steps == peak])) for peak in (first, second))
    return a, b


def is_flat(values: Pixels) -> bool:
    """Whether a channel is of one value, far below a step of 16 bits."""
    return float(values.max() - values.min()) <= _FLAT * max(1.0, float(np.abs(values).max()))


def _grey(pixels: Pixels) -> bool:
    return len(pixels) >= 3 and float(np.ptp(pixels[:3], axis=0).max()) < 2.5 / 255


def _name_channels(kind: Kind, count: int, has_alpha: bool) -> list[str]:
    """A name for each channel."""
    named = list(kind.channels)
    if len(named) < count - has_alpha:
        named = [f"{kind.id}{i}" for i in range(count - has_alpha)]
    return [*named[: count - has_alpha], *(["alpha"] if has_alpha else [])]
