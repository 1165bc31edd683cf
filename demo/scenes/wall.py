"""A brick wall, seen straight on: fired clay in sandy mortar, worn, stained by rain and salt."""

from __future__ import annotations

import numpy as np

from .fields import Noise, Surface, axes, colours, hollows, inside, mix, pick, ramp

COURSES, ACROSS = 9.3, 3.1  #: in the picture
JOINT = 0.0115


def make(rng: np.random.Generator) -> Surface:
    """Lay the bricks, then let weather and frost at them."""
    noise = Noise(rng)
    x, y = axes()
    x = x + 0.0035 * noise(3 * x, 3 * y, 3)
    y = y + 0.0025 * noise(3 * x, 3 * y, 3) + 0.006 * (x - 0.5)
    course = np.floor(y * COURSES + 0.4).astype(np.int64)
    slide = 0.5 * (course % 2) + 0.09 * (pick(rng, course) - 0.5)
    column = np.floor(x * ACROSS + slide).astype(np.int64)
    own, tint, lean, out = (pick(rng, course, column) for _ in range(4))
    u = (x * ACROSS + slide - column - 0.5) / ACROSS
    v = (y * COURSES + 0.4 - course - 0.5) / COURSES
    v = v + u * 0.03 * (lean - 0.5)
    ragged = 0.0022 * noise(40 * x, 40 * y, 4, 0.6)
    short = 0.004 * (tint - 0.5)
    deep = inside(u, v, 0.5 / ACROSS - JOINT / 2 - short, 0.5 / COURSES - JOINT / 2, 0.007)
    deep = deep + ragged
    # Frost takes flakes off, the corners first.
    flake = ramp(noise(14 * x, 14 * y, 3) + 25 * (0.012 - np.clip(deep, 0, 0.012)), 2.1, 2.6)
    brick = ramp(deep, -0.0008, 0.002)
    pores = ramp(noise(150 * x, 150 * y, 2), 1.5, 2.4)
    grain = noise(70 * x, 70 * y, 4, 0.7)
    rim = ramp(deep, 0.0, 0.009)
    height = brick * (0.012 + 0.006 * rim + 0.004 * (out - 0.5))
    height += brick * (0.0007 * grain - 0.0016 * pores - 0.005 * flake)
    sand = noise(130 * x, 130 * y, 4, 0.75)
    height += (1 - brick) * (0.0012 * sand + 0.002 * noise(9 * x, 9 * y, 3))

    clay = colours(
        own,
        (0.0, (0.070, 0.030, 0.024)),
        (0.12, (0.130, 0.042, 0.028)),
        (0.45, (0.245, 0.076, 0.042)),
        (0.75, (0.315, 0.110, 0.058)),
        (1.0, (0.385, 0.180, 0.100)),
    )
    clay = clay * (1 + 0.16 * grain + 0.13 * noise(11 * x + 9 * own, 11 * y, 4))[..., None]
    clay = mix(clay, (0.42, 0.19, 0.10), 0.75 * flake)
    clay = mix(clay, (0.030, 0.020, 0.018), 0.6 * pores)
    core = ramp(noise(5 * x + 20 * own, 12 * y, 3), 0.9, 2.2) * (tint > 0.55)
    clay = mix(clay, (0.060, 0.036, 0.034), 0.7 * core)
    mortar = colours(
        sand, (-2, (0.19, 0.165, 0.135)), (0, (0.34, 0.31, 0.265)), (2, (0.50, 0.47, 0.41))
    )
    colour = mix(mortar, clay, brick)
    smear = ramp(noise(6 * x, 15 * y, 4), 1.3, 2.3) * brick * 0.55
    colour = mix(colour, (0.38, 0.345, 0.30), smear * ramp(noise(60 * x, 60 * y, 3), -0.5, 1.2))
    salt = ramp(noise(2.3 * x, 3 * y, 5) + 0.5 * noise(50 * x, 50 * y, 3), 1.4, 2.6)
    colour = mix(colour, (0.62, 0.59, 0.55), 0.5 * salt)
    soot = ramp(noise(8 * x, 1.6 * y, 4), 0.2, 2.2) * 0.5 + 25 * np.clip(
        hollows(height, 10), 0, 0.02
    )
    colour = mix(colour, (0.035, 0.032, 0.027), np.clip(soot, 0, 0.8) * 0.75)
    roughness = np.clip(0.84 + 0.06 * grain * brick - 0.1 * core + 0.05 * (1 - brick), 0.45, 1)
    return Surface(np.clip(colour, 0.004, 0.9), roughness, height)
