"""Floor tiles of two sizes, glazed by hand: no two alike, chipped, walked on, their grout dirty."""

from __future__ import annotations

import numpy as np

from .fields import (
    Field,
    Mask,
    Noise,
    Surface,
    Whole,
    axes,
    colours,
    hollows,
    inside,
    mix,
    pick,
    ramp,
)

LARGE, SMALL = 0.205, 0.088  #: sides with their joint, in widths of the picture
JOINT = 0.0085
TURN = np.radians(4.0)  #: of the floor in the picture; the camera was not held quite straight


def make(rng: np.random.Generator) -> Surface:
    """Lay a large and a small square in turn, as hopscotch is laid."""
    noise = Noise(rng)
    x, y = axes()
    x, y = x * np.cos(TURN) - y * np.sin(TURN), x * np.sin(TURN) + y * np.cos(TURN)
    x, y = x + 0.0012 * noise(5 * x, 5 * y, 2), y + 0.0012 * noise(5 * x, 5 * y, 2)
    large, u, v, first, second = _find_tiles(x, y)
    half = np.where(large, LARGE, SMALL) / 2
    own, tint, lean, turn = (
        pick(rng, first + 40, second + 40, large.astype(np.int64)) for _ in range(4)
    )
    spin = 0.022 * (turn - 0.5)
    u, v = u + spin * v, v - spin * u
    wavy = 0.0008 * noise(30 * x, 30 * y, 3)
    deep = inside(u, v, half - JOINT / 2, half - JOINT / 2, 0.006) + wavy
    corner = ramp(half * 2 - np.abs(u) - np.abs(v), 0.09, 0.0) * ramp(
        noise(13 * x, 13 * y, 3), 0.6, 1.5
    )
    chip = ramp(
        noise(28 * x, 28 * y, 3) + 2.4 * corner + 90 * (0.006 - np.clip(deep, 0, 0.006)), 2.4, 2.8
    )
    tile = ramp(deep, -0.0006, 0.0012)
    pillow = 0.0042 * ramp(deep, 0, 0.012)
    hand = 0.0005 * noise(15 * x, 15 * y, 3) + 0.020 * (lean - 0.5) * u + 0.020 * (tint - 0.5) * v
    sand = noise(120 * x, 120 * y, 4, 0.7)
    height = tile * (0.003 + pillow + hand + 0.0015 * (own - 0.5) - 0.0035 * chip)
    height += (1 - tile) * (0.0006 * sand + 0.0012 * noise(10 * x, 10 * y, 3))

    cloud = noise(11 * x + 30 * own, 11 * y + 30 * tint, 5, 0.6)
    cream = colours(
        own + 0.10 * cloud,
        (0.0, (0.40, 0.33, 0.235)),
        (0.5, (0.52, 0.455, 0.345)),
        (1.0, (0.61, 0.56, 0.46)),
    )
    blue = colours(
        own + 0.14 * cloud,
        (0.0, (0.016, 0.052, 0.082)),
        (0.55, (0.028, 0.105, 0.135)),
        (1.0, (0.070, 0.185, 0.195)),
    )
    glaze = np.where(large[..., None], cream, blue)
    thin = ramp(0.007 - deep + 0.0015 * cloud, 0, 0.006)
    glaze = mix(glaze, (0.42, 0.27, 0.15), 0.5 * thin)
    speck = ramp(noise(75 * x, 75 * y, 2), 2.0, 2.5)
    glaze = mix(glaze, (0.105, 0.070, 0.042), 0.6 * speck)
    craze = _craze(noise, x + 0.3 * own, y)
    glaze = mix(glaze, (0.13, 0.10, 0.07), 0.42 * craze * (own > 0.35))
    clay = colours(noise(90 * x, 90 * y, 3), (-2, (0.20, 0.085, 0.048)), (2, (0.40, 0.20, 0.12)))
    colour = mix(glaze, clay, chip)
    grout = colours(
        sand + noise(4 * x, 4 * y, 4), (-2, (0.09, 0.08, 0.068)), (2, (0.30, 0.275, 0.235))
    )
    colour = mix(grout, colour, tile)
    worn = ramp(noise(2.4 * x, 2.4 * y, 5), 0.0, 2.0)
    dirt = np.clip(90 * hollows(height, 9), 0, 0.55) + 0.20 * worn
    dirt = dirt * ramp(noise(17 * x, 17 * y, 4), -1.6, 1.6)
    colour = mix(colour, (0.085, 0.068, 0.050), np.clip(dirt, 0, 0.75))
    scratch = ramp(noise(8 * x + 60 * y, 3 * y, 2), 2.2, 2.6) * tile
    rough = 0.20 + 0.07 * cloud * 0.5 + 0.45 * worn + 0.2 * scratch + 0.4 * dirt
    rough = np.where(tile > 0.5, np.maximum(rough, 0.85 * chip), 0.9)
    return Surface(np.clip(colour, 0.003, 0.9), np.clip(rough, 0.12, 1), height)


def _find_tiles(x: Field, y: Field) -> tuple[Mask, Field, Field, Whole, Whole]:
    """Give whether a place is in a large tile, its place from the tile's middle, and which it is.

    Large squares stand on the lattice of (a, b) and (−b, a), a small one to the right of each.
    """
    a, b = LARGE, SMALL
    span = a * a + b * b
    guess_i, guess_j = (x * a + y * b) / span, (y * a - x * b) / span
    large = np.zeros(x.shape, bool)
    u, v, first, second = (np.zeros_like(x) for _ in range(4))
    for di in (-1, 0, 1, 2):
        for dj in (-1, 0, 1, 2):
            i, j = np.floor(guess_i) + di, np.floor(guess_j) + dj
            px, py = x - (i * a - j * b), y - (i * b + j * a)
            in_large = (px >= 0) & (px < a) & (py >= 0) & (py < a)
            in_small = (px >= a) & (px < a + b) & (py >= 0) & (py < b)
            for here, middle_x, middle_y in (
                (in_large, a / 2, a / 2),
                (in_small, a + b / 2, b / 2),
            ):
                u, v = np.where(here, px - middle_x, u), np.where(here, py - middle_y, v)
                first, second = np.where(here, i, first), np.where(here, j, second)
            large |= in_large
    return large, u, v, first.astype(np.int64), second.astype(np.int64)


def _craze(noise: Noise, x: Field, y: Field) -> Field:
    """Fine cracks of a glaze: where noise changes its sign."""
    lines = [ramp(-np.abs(noise(11 * x, 11 * y, 3)), -0.05, -0.015) for _ in range(2)]
    return np.maximum(*lines)
