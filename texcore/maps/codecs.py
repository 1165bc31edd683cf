"""From a map's picture to the channels that are synthesised, and from these to a picture like it.

What a map must stay is kept here: normals are unit vectors that point out of the surface,
quantities keep their range, masks of two values keep these two, and a flat map stays flat.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ..contract.map_kinds import Kind
from ..pictures import Picture, Pixels
from .picture_codec import Codec

# A channel that varies less is flat; far below a step of 16 bits.
_FLAT = 1e-6
# Share of a mask's texels that lie at its two values, to so many steps of 256.
_MASK_SHARE = 0.99
_MASK_STEPS = 2
# A quantity is shown to the network stretched: between these quantiles it runs from 0 to 1.
_STRETCH = (0.001, 0.999)
# Normals that point into the surface: more of them, and it is no tangent-space map.
_INWARD_SHARE = 0.001


class MapCodec(Protocol):
    """One map on its way to the canvas and back.

    Attributes:
        image: Shape (channels, h, w), what is synthesised, around 0.5; a map that is flat has no
            channels.
        roles: What each channel is: ``r g b`` or ``grey`` of a colour, ``nx ny nz`` of normals,
            else a quantity's name.
    """

    image: Tensor
    roles: tuple[str, ...]

    def picture(self, image: Tensor) -> Picture:
        """The map's picture from its channels (channels, height, width), which may be any size."""

    def preview(self, image: Tensor) -> Picture | None:
        """The same in 8 bits, as displayed; None for a map whose values 8 bits do not hold."""


def codec(kind: Kind, picture: Picture, encoding: str = "auto") -> MapCodec:
    """The codec for a map.

    Args:
        kind: What it is.
        picture: As it was read.
        encoding: What the numbers of a colour mean, `texcore.contract.recipe.ENCODINGS`.
    """
    pixels = picture.pixels
    if all(_is_flat(channel) for channel in pixels):
        return FlatCodec(picture)
    if kind.meaning == "normal" and pixels.shape[0] >= 3:
        return NormalCodec(picture)
    if kind.meaning == "scalars":
        return ScalarsCodec(picture, kind)
    return ColourCodec(picture, encoding if kind.meaning == "colour" else "data")


class FlatCodec:
    """A map of one value; nothing of it is synthesised."""

    roles: tuple[str, ...] = ()

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self.image = torch.empty(0, *picture.pixels.shape[1:])

    def picture(self, image: Tensor) -> Picture:  # noqa: D102
        value = self._picture.pixels[:, :1, :1]
        pixels = np.broadcast_to(value, (len(value), *image.shape[-2:]))
        return Picture(np.ascontiguousarray(pixels), self._picture.depth, self._picture.linear)

    def preview(self, image: Tensor) -> Picture | None:  # noqa: D102
        return None  # it looks like the map that is there


class ColourCodec:
    """Light, or data of which nothing is known; see `texcore.maps.picture_codec.Codec`."""

    def __init__(self, picture: Picture, encoding: str) -> None:
        self._codec = Codec(picture, encoding)
        self.image = self._codec.exemplar.image
        self.roles = (
            *(("r", "g", "b") if self.image.shape[0] >= 3 else ("grey",)),
            *(("opacity",) if self.image.shape[0] in (2, 4) else ()),
        )

    def picture(self, image: Tensor) -> Picture:  # noqa: D102
        return self._codec.picture(image)

    def preview(self, image: Tensor) -> Picture | None:  # noqa: D102
        return self._codec.preview(image)


class NormalCodec:
    """Unit vectors, stored as 0.5 + n/2 in red, green and blue.

    All three are synthesised, though z follows from x and y: the network must see how light falls
    on them, and a z of its own looks better than one in which the noise of x and y is squared. Each
    is laid around 0.5, to be shown with any contrast (`views`). What comes out is normalised, and
    laid no flatter than the exemplar's vectors are: blue stays above 0.5 where it was. The
    convention, the sign of y, is nobody's business here. A map with vectors that point inwards, one
    in object space, is only normalised. What an alpha channel holds, often height, is a quantity
    like others.
    """

    def __init__(self, picture: Picture) -> None:
        self._depth, self._linear = picture.depth, picture.linear
        n = normals(torch.from_numpy(picture.pixels[:3]))
        outward = float((n[2] < 0).float().mean()) < _INWARD_SHARE
        self._least_z = float(n[2].clamp_min(0).min()) if outward else -1.0
        self._rest = ScalarsCodec.of_channels(picture, range(3, len(picture.pixels)), "alpha")
        self._mean = n.mean((1, 2), keepdim=True)
        self.image = torch.cat([(n - self._mean) * 0.5 + 0.5, self._rest.image])
        self.roles = ("nx", "ny", "nz", *self._rest.roles)

    def picture(self, image: Tensor) -> Picture:  # noqa: D102
        n = image[:3].float().cpu() * 2 - 1 + self._mean
        n = raised(normalised(n), self._least_z)
        rest = self._rest.picture(image[3:]).pixels
        pixels = np.concatenate([(n * 0.5 + 0.5).numpy(), rest])
        return Picture(np.ascontiguousarray(pixels), self._depth, self._linear)

    def preview(self, image: Tensor) -> Picture | None:  # noqa: D102
        return Picture(self.picture(image).pixels.clip(0, 1), "uint8")


class ScalarsCodec:
    """Independent quantities, one a channel; grey pictures of three equal channels count as one."""

    def __init__(self, picture: Picture, kind: Kind) -> None:
        pixels = picture.pixels
        colours = len(pixels) - picture.has_alpha
        self._copies = colours if colours > 1 and len(kind.channels) == 1 and _grey(pixels) else 1
        kept = [0, *range(colours, len(pixels))] if self._copies > 1 else range(len(pixels))
        self._set(picture, [pixels[i] for i in kept], _names(kind, len(kept), picture.has_alpha))

    @classmethod
    def of_channels(cls, picture: Picture, which: range, name: str) -> ScalarsCodec:
        """Only some channels of a picture."""
        self = cls.__new__(cls)
        self._copies = 1
        names = [name if len(which) == 1 else f"{name}{i}" for i in which]
        self._set(picture, [picture.pixels[i] for i in which], names)
        return self

    def _set(self, picture: Picture, channels: list[Pixels], names: list[str]) -> None:
        self._depth, self._linear = picture.depth, picture.linear
        self._channels = [_Channel(values) for values in channels]
        varying = [(c, name) for c, name in zip(self._channels, names, strict=True) if not c.flat]
        size = picture.pixels.shape[1:]
        shown = [torch.from_numpy(c.shown) for c, _ in varying]
        self.image = torch.stack(shown) if shown else torch.empty(0, *size)
        self.roles = tuple(name for _, name in varying)

    def picture(self, image: Tensor) -> Picture:  # noqa: D102
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
        return Picture(self.picture(image).pixels, "uint8")


class _Channel:
    """One quantity: its range, how it is stretched, and whether it is a mask of two values."""

    def __init__(self, values: Pixels) -> None:
        self.low, self.high = float(values.min()), float(values.max())
        self.flat = _is_flat(values)
        self.mask = None if self.flat else two_values(values)
        low, high = (float(q) for q in np.quantile(values, _STRETCH))
        if high - low <= _FLAT:
            low, high = self.low, self.high
        self._zero, self._one = low, high
        self._share = 0.0
        if self.mask:
            self._share = float((values > sum(self.mask) / 2).mean())
        self.shown = ((values - low) / max(high - low, _FLAT)).astype(np.float32)

    def values(self, shown: Pixels | None, size: tuple[int, int]) -> Pixels:
        """The quantity from what was made of it, (height, width); flat ones need nothing."""
        if shown is None:
            return np.full(size, self.low, np.float32)
        if self.mask:
            # As many texels get the higher value as have it in the exemplar.
            low, high = self.mask
            threshold = np.quantile(shown, 1 - self._share)
            return np.where(shown > threshold, high, low).astype(np.float32)
        values = shown * (self._one - self._zero) + self._zero
        return values.clip(self.low, self.high).astype(np.float32)


def normals(stored: Tensor) -> Tensor:
    """Unit vectors (3, h, w) from a normal map's colours; no vector at all becomes (0, 0, 1)."""
    return normalised(stored * 2 - 1)


def normalised(n: Tensor) -> Tensor:
    """Vectors (3, h, w) of length 1; those of no length point up."""
    length = n.norm(dim=0, keepdim=True)
    up = torch.tensor([0.0, 0.0, 1.0], device=n.device).view(3, 1, 1)
    return torch.where(length > 1e-6, n / length.clamp_min(1e-6), up)


def raised(n: Tensor, least: float) -> Tensor:
    """Unit vectors (3, h, w), those with a lower z turned up to it, their direction kept."""
    across = n[:2] / n[:2].norm(dim=0, keepdim=True).clamp_min(1e-6)
    turned = torch.cat([across * (1 - least**2) ** 0.5, torch.full_like(n[2:], least)])
    return torch.where(n[2:] < least, turned, n)


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


def _is_flat(values: Pixels) -> bool:
    return float(values.max() - values.min()) <= _FLAT * max(1.0, float(np.abs(values).max()))


def _grey(pixels: Pixels) -> bool:
    return len(pixels) >= 3 and float(np.ptp(pixels[:3], axis=0).max()) < 2.5 / 255


def _names(kind: Kind, count: int, has_alpha: bool) -> list[str]:
    """A name for each channel."""
    named = list(kind.channels)
    if len(named) < count - has_alpha:
        named = [f"{kind.id}{i}" for i in range(count - has_alpha)]
    return [*named[: count - has_alpha], *(["alpha"] if has_alpha else [])]
