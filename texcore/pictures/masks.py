"""Masks in pictures: which texels belong to which region, and how much.

A mask is a picture in which each region is filled with one colour. Edges may be soft: a texel
whose colour lies between those of two regions belongs to both, as much as its colour says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..contract.errors import BadInput
from . import Picture, Pixels

# Differences of colour, of 0...1, up to which neighbours are of one fill, and two fills are one.
_FILL, _SAME = 0.02, 0.06
# Share of the picture that a fill must have to be a region.
_LEAST = 0.001
MOST_REGIONS = 32


@dataclass(frozen=True)
class LabelledMask:
    """Regions of a picture.

    Attributes:
        colours: Of the regions, from dark to light, shape (regions, 3), 0...1.
        shares: How much each texel belongs to each, shape (regions, h, w), 1 in sum over regions.
    """

    colours: Pixels
    shares: Pixels

    @property
    def labels(self) -> tuple[str, ...]:
        """The regions' names: their colours as ``#rrggbb``."""
        return tuple(
            "#" + "".join(f"{round(float(c) * 255):02x}" for c in colour) for colour in self.colours
        )


def read_mask(picture: Picture, name: str, like: LabelledMask | None = None) -> LabelledMask:
    """The regions of a mask.

    Args:
        picture: Any; alpha counts for nothing.
        name: Of the file, for the error's sentence.
        like: A mask whose regions these are too: the same colours, some of which may be missing.

    Raises:
        BadInput: No region can be told, or one that ``like`` does not have, or too many.
    """
    rgb = _rgb(picture)
    colours = _fills(rgb)
    if not len(colours):
        raise BadInput(f"“{name}” has no area of one colour: fill each region with a colour.")
    if len(colours) > MOST_REGIONS:
        raise BadInput(
            f"“{name}” has {len(colours)} colours: a mask has at most {MOST_REGIONS} regions."
        )
    if like is not None:
        far = np.abs(colours[:, None] - like.colours[None]).max(-1).min(-1) > _SAME
        if far.any():
            label = LabelledMask(colours[far], rgb).labels[0]
            raise BadInput(
                f"“{name}” has a region {label}, which the exemplar's mask has not: "
                f"it has {', '.join(like.labels)}."
            )
        colours = like.colours
    return LabelledMask(colours, _shares(rgb, colours))


def read_map(picture: Picture) -> Pixels:
    """A picture's brightness as a map of shape (1, h, w), 0...1."""
    return _rgb(picture).mean(0, keepdims=True).clip(0, 1).astype(np.float32)


def read_flow(picture: Picture) -> Pixels:
    """Where a flow map points, shape (2, h, w), right and up, −1...1: red and green tell.

    Example:
        >>> pixels = np.array([1.0, 0.5, 0.0], np.float32)[:, None, None]
        >>> read_flow(Picture(pixels, "uint8"))[:, 0, 0].tolist()
        [1.0, 0.0]
    """
    return _rgb(picture)[:2].clip(0, 1) * 2 - 1


def read_octaves(picture: Picture) -> Pixels:
    """By how many octaves a scale map makes things larger, shape (1, h, w), −1...1.

    Black is half as large, mid-grey as large, white twice as large.

    Example:
        >>> pixels = np.array([0.0, 0.5, 1.0], np.float32)[None, None]
        >>> read_octaves(Picture(pixels, "uint8"))[0, 0].tolist()
        [-1.0, 0.0, 1.0]
    """
    return read_map(picture) * 2 - 1


def _rgb(picture: Picture) -> Pixels:
    pixels = picture.pixels[:-1] if picture.has_alpha else picture.pixels
    return np.broadcast_to(pixels, (3, *pixels.shape[1:])).astype(np.float32)


def _fills(rgb: Pixels) -> Pixels:
    """Colours of flat areas large enough, from dark to light: shape (n, 3)."""
    flat = np.ones(rgb.shape[1:], bool)
    for axis in (1, 2):
        near = np.abs(np.diff(rgb, axis=axis)).max(0) < _FILL
        before, after = [(0, 0), (0, 0)], [(0, 0), (0, 0)]
        before[axis - 1], after[axis - 1] = (1, 0), (0, 1)
        flat &= np.pad(near, before, constant_values=True)
        flat &= np.pad(near, after, constant_values=True)
    texels = rgb[:, flat].T
    bins, counts = np.unique(np.round(texels * 32).astype(np.int16), axis=0, return_counts=True)
    fills: list[npt.NDArray[np.float32]] = []
    for i in np.argsort(-counts, kind="stable"):
        colour = bins[i] / 32
        near = np.abs(texels - colour).max(1) < _SAME
        if near.mean() * flat.mean() < _LEAST:
            continue
        colour = np.median(texels[near], axis=0)
        if all(np.abs(colour - other).max() > _SAME for other in fills):
            fills.append(colour.astype(np.float32))
    order = sorted(fills, key=lambda colour: (float(colour.sum()), *colour.tolist()))
    return np.array(order, np.float32).reshape(-1, 3)


def _shares(rgb: Pixels, colours: Pixels) -> Pixels:
    """Find how much of each texel belongs to each region.

    That is one region, or the two whose mixture the texel's colour is nearest to.
    """
    texels = rgb.reshape(3, -1)
    count = len(colours)
    best = np.full(texels.shape[1], np.inf, np.float32)
    first = np.zeros(texels.shape[1], np.int64)
    second, share = first.copy(), np.zeros(texels.shape[1], np.float32)
    for i in range(count):
        for j in range(i, count):
            along = colours[j] - colours[i]
            t = np.zeros_like(best)
            if i != j:
                t = ((texels - colours[i][:, None]).T @ along / (along @ along)).clip(0, 1)
            rest = texels - colours[i][:, None] - along[:, None] * t
            distance = np.square(rest).sum(0)
            # A plain fill is a mixture of no other two by mere rounding.
            closer = distance < (best if i == j else best - 1e-4)
            best[closer] = distance[closer]
            first[closer], second[closer], share[closer] = i, j, t[closer]
    shares = np.zeros((count, texels.shape[1]), np.float32)
    every = np.arange(texels.shape[1])
    np.add.at(shares, (first, every), 1 - share)
    np.add.at(shares, (second, every), share)
    return shares.reshape(count, *rgb.shape[1:])
