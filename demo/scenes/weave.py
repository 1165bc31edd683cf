"""A basket: flat willow strips over and under upright rods, no two alike, dry and dusty."""

from __future__ import annotations

import numpy as np

from .fields import Noise, Surface, axes, colours, hollows, mix, pick, ramp

RODS, STRIPS = 7.4, 13.3


def make(rng: np.random.Generator) -> Surface:
    """Weave it: at each place whatever of rod and strip lies higher is seen."""
    noise = Noise(rng)
    x, y = axes()
    x = x + 0.008 * noise(1.5 * x, 2.5 * y, 3)
    y = y + 0.007 * noise(3 * x, 1.3 * y, 3) + 0.014 * (x - 0.5)
    row = np.floor(y * STRIPS).astype(np.int64)
    rod = np.floor(x * RODS + 0.3).astype(np.int64)
    u, v = x * RODS + 0.3 - rod - 0.5, y * STRIPS - row - 0.5
    phase = np.pi * (x * RODS + 0.3 + row)
    # A strip is drawn in where it goes behind a rod, and is as broad as it grew.
    strip_own, rod_own = pick(rng, row), pick(rng, rod)
    piece = pick(rng, row, np.floor(x * RODS / 2 + 0.15 + 0.5 * (row % 2)).astype(np.int64))
    broad = 0.40 + 0.09 * strip_own + 0.025 * noise(9 * x, 30 * y, 2)
    across = np.clip(np.abs(v + 0.10 * (piece - 0.5)) / broad, 0, 1.2)
    over = np.sin(phase)
    strip = 0.020 * over + 0.011 * np.sqrt(np.clip(1 - across**2.6, 0, 1)) + 0.004 * (piece - 0.5)
    strip = np.where(across < 1, strip, -0.04)
    thick = 0.20 + 0.05 * rod_own + 0.015 * noise(20 * x, 6 * y, 2)
    stick = np.where(np.abs(u) < thick, 0.017 * np.sqrt(np.clip(1 - (u / thick) ** 2, 0, 1)), -0.04)
    shows = strip > stick
    fibre = noise(7 * x + 11 * piece, 190 * y, 4, 0.7)
    bark = noise(120 * x, 5 * y + 7 * rod_own, 4, 0.7)
    split = ramp(noise(3 * x + 5 * piece, 130 * y + 9 * strip_own, 2), 1.75, 2.2)
    height = np.where(shows, strip + 0.0006 * fibre - 0.004 * split, stick + 0.0006 * bark)
    height = np.maximum(height, -0.022)

    willow = colours(
        0.72 * strip_own + 0.28 * piece,
        (0.0, (0.150, 0.072, 0.030)),
        (0.35, (0.290, 0.160, 0.070)),
        (0.7, (0.400, 0.255, 0.120)),
        (1.0, (0.500, 0.350, 0.185)),
    )
    willow = willow * (1 + 0.13 * fibre + 0.10 * noise(10 * x + 30 * piece, 9 * y, 4))[..., None]
    willow = mix(willow, (0.05, 0.026, 0.012), 0.7 * split)
    spot = ramp(noise(26 * x, 60 * y, 3), 1.9, 2.5)
    willow = mix(willow, (0.085, 0.042, 0.019), 0.65 * spot)
    rods = colours(rod_own, (0.0, (0.105, 0.052, 0.026)), (1.0, (0.235, 0.135, 0.066)))
    rods = rods * (1 + 0.2 * bark)[..., None]
    colour = np.where(shows[..., None], willow, rods)
    edge = ramp(across, 0.72, 1.0) * shows
    colour = mix(colour, (0.15, 0.085, 0.040), 0.35 * edge)
    dust = np.clip(22 * hollows(height, 14), 0, 0.5) * ramp(noise(5 * x, 5 * y, 4), -1, 1.5)
    colour = mix(colour, (0.20, 0.165, 0.12), 0.6 * dust)
    colour = colour * (1 - 0.7 * ramp(-height, 0.004, 0.02))[..., None]
    roughness = np.clip(0.52 + 0.07 * fibre + 0.5 * dust + 0.1 * edge, 0.3, 0.95)
    return Surface(np.clip(colour, 0.003, 0.9), roughness, height)
