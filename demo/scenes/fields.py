"""Fields of numbers over a square, and what they are made of: noise, distances, rounded edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

CELLS = 768  #: of a surface along one side


@dataclass(frozen=True)
class Surface:
    """A square of a material, one unit wide; row 0 is its upper edge.

    Attributes:
        colour: Shape (CELLS, CELLS, 3), linear light, 0...1, dry and without shadows.
        roughness: Shape (CELLS, CELLS), 0...1.
        height: Shape (CELLS, CELLS), in widths of the square.
    """

    colour: Field
    roughness: Field
    height: Field


def axes() -> tuple[Field, Field]:
    """Give x to the right and y downwards of every cell, 0...1."""
    line = (np.arange(CELLS) + 0.5) / CELLS
    x, y = np.meshgrid(line, line)
    return x, y


class Noise:
    """Fractal noise at any place; another one for each call."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def __call__(self, x: Field, y: Field, octaves: int = 5, gain: float = 0.5) -> Field:
        """Give noise of mean 0 and a standard deviation of about 1.

        Args:
            x: One period of the coarsest octave is 1.
            y: Likewise; another scale of x than of y draws the noise out.
            octaves: Each is half as large as the one before.
            gain: Strength of each to the one before.
        """
        total, power = np.zeros(np.broadcast(x, y).shape), 0.0
        for octave in range(octaves):
            shift = self._rng.uniform(0, 64, 2)
            weight = gain**octave
            total += weight * self._lattice(x * 2**octave + shift[0], y * 2**octave + shift[1])
            power += weight**2
        return total / (0.27 * np.sqrt(power))

    def _lattice(self, x: Field, y: Field) -> Field:
        """Gradient noise: random slopes at whole places, smooth in between."""
        angle = self._rng.uniform(0, 2 * np.pi, (256, 256))
        ix, iy = np.floor(x).astype(int), np.floor(y).astype(int)
        fx, fy = x - ix, y - iy
        corners = {}
        for dx in (0, 1):
            for dy in (0, 1):
                slope = angle[(iy + dy) % 256, (ix + dx) % 256]
                corners[dx, dy] = np.cos(slope) * (fx - dx) + np.sin(slope) * (fy - dy)
        u, v = (f**3 * (f * (6 * f - 15) + 10) for f in (fx, fy))
        top = corners[0, 0] + u * (corners[1, 0] - corners[0, 0])
        low = corners[0, 1] + u * (corners[1, 1] - corners[0, 1])
        return np.asarray(top + v * (low - top))


def ramp(value: Field, low: float, high: float) -> Field:
    """Go from 0 at low to 1 at high, smoothly."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def mix(first: Field, second: Field | tuple[float, ...], share: Field | float) -> Field:
    """Blend colours; the share is one for each cell, or one for all."""
    share = np.asarray(share)[..., None]
    return np.asarray(first * (1 - share) + np.asarray(second) * share)


def colours(value: Field, *stops: tuple[float, tuple[float, float, float]]) -> Field:
    """Give the colour of a value between stops (place, linear colour)."""
    places = [place for place, _ in stops]
    channels = [np.interp(value, places, [colour[c] for _, colour in stops]) for c in range(3)]
    return np.stack(channels, axis=-1)


def pick(rng: np.random.Generator, *numbers: Whole, spread: int = 512) -> Field:
    """Give each thing of these whole numbers a number of its own, 0...1."""
    table = rng.random(spread * 8)
    key = np.zeros(np.broadcast(*numbers).shape, np.int64)
    for number, prime in zip(numbers, (1, 131, 1031), strict=False):
        key = key + number.astype(np.int64) * prime
    return np.asarray(table[key % len(table)])


def inside(
    x: Field, y: Field, half_x: Field | float, half_y: Field | float, round_: float
) -> Field:
    """Tell how far inside a rounded rectangle about the origin a place is; outside is negative."""
    qx, qy = np.abs(x) - half_x + round_, np.abs(y) - half_y + round_
    outer = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
    return np.asarray(round_ - outer - np.minimum(np.maximum(qx, qy), 0))


def soften(field: Field, cells: int) -> Field:
    """Average over a square window of 2 cells + 1 twice, its border repeated."""
    for _ in range(2):
        for axis in (0, 1):
            pads = [(cells + 1, cells) if a == axis else (0, 0) for a in (0, 1)]
            total = np.cumsum(np.pad(field, pads, mode="edge"), axis=axis)
            width = 2 * cells + 1
            ahead = np.take(total, range(width, total.shape[axis]), axis=axis)
            behind = np.take(total, range(total.shape[axis] - width), axis=axis)
            field = (ahead - behind) / width
    return field


def hollows(height: Field, cells: int) -> Field:
    """Tell how deep each cell lies below what is around it; heights are negative."""
    return soften(height, cells) - height
