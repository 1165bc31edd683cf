"""Fallen leaves on a forest floor: beech and maple of one autumn, curled, eaten, on each other."""

from __future__ import annotations

import numpy as np

from .fields import CELLS, Field, Noise, Surface, axes, colours, hollows, mix, ramp

#: What falls, in order: how many, and the leaves' lengths in widths of the picture.
FALLS = ((120, 0.20, 0.30), (170, 0.15, 0.27), (60, 0.10, 0.17))

#: Autumn colours from brown to yellow, with how often each is.
HUES = (
    (0.26, (0.115, 0.052, 0.024)),
    (0.24, (0.225, 0.098, 0.036)),
    (0.18, (0.340, 0.175, 0.058)),
    (0.12, (0.440, 0.275, 0.072)),
    (0.10, (0.265, 0.065, 0.028)),
    (0.10, (0.160, 0.092, 0.050)),
)


def make(rng: np.random.Generator) -> Surface:
    """Let them fall one after the other onto damp soil; each lies on what is under it."""
    noise = Noise(rng)
    x, y = axes()
    crumb, clod = noise(80 * x, 80 * y, 4, 0.7), noise(9 * x, 9 * y, 4)
    colour = colours(crumb + 0.5 * clod, (-2, (0.014, 0.010, 0.007)), (2, (0.070, 0.046, 0.030)))
    height = 0.006 * clod + 0.003 * crumb
    roughness = np.full_like(x, 0.9)
    shares = np.array([share for share, _ in HUES])
    vein_noise, spot_noise = noise(30 * x, 30 * y, 3), noise(55 * x, 55 * y, 3)
    for count, smallest, largest in FALLS:
        for _ in range(count):
            hue = np.asarray(HUES[rng.choice(len(HUES), p=shares / shares.sum())][1])
            size = smallest * (largest / smallest) ** rng.random()
            _drop(rng, (colour, height, roughness), hue, size, vein_noise, spot_noise)
    colour = mix(colour, (0.012, 0.009, 0.006), np.clip(9 * hollows(height, 12), 0, 0.55))
    dust = ramp(noise(3 * x, 3 * y, 4), 0.6, 2.2) * ramp(crumb, 0.2, 1.8)
    colour = mix(colour, (0.085, 0.060, 0.042), 0.5 * dust)
    return Surface(np.clip(colour, 0.003, 0.9), np.clip(roughness, 0.3, 1), height)


def _drop(
    rng: np.random.Generator,
    floor: tuple[Field, Field, Field],
    hue: Field,
    size: float,
    grain: Field,
    spots: Field,
) -> None:
    """Let one leaf come to rest on the floor, whose fields are changed in place."""
    colour, height, roughness = floor
    cx, cy, turn = rng.uniform(-0.1, 1.1), rng.uniform(-0.1, 1.1), rng.uniform(0, 2 * np.pi)
    reach = int(size * 0.62 * CELLS)
    column, row = int(cx * CELLS), int(cy * CELLS)
    rows = slice(max(0, row - reach), min(CELLS, row + reach))
    columns = slice(max(0, column - reach), min(CELLS, column + reach))
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return
    gx, gy = np.meshgrid(np.arange(columns.start, columns.stop), np.arange(rows.start, rows.stop))
    px, py = (gx / CELLS - cx) / size, (gy / CELLS - cy) / size
    u, v = px * np.cos(turn) + py * np.sin(turn), py * np.cos(turn) - px * np.sin(turn)
    v = v + rng.normal(0, 0.35) * (u**2 - 0.08)
    here, spot = grain[rows, columns], spots[rows, columns]
    # Beech: pointed at both ends; its rim is wavy, its side veins leave the middle slantwise.
    broad = rng.uniform(0.22, 0.33)
    t = np.clip(u + 0.5, 0, 1)
    half = broad * (4 * t * (1 - t)) ** 0.75 * (1.12 - 0.35 * t)
    half = half * (1 + 0.05 * np.sin(46 * u + 3 * rng.random())) + 0.006 * here
    blade = half - np.abs(v)
    stalk = 0.012 - np.abs(v) + 0 * u
    leaf = (blade > 0) & (np.abs(u) < 0.5)
    leaf |= (stalk > 0) & (u > -0.62) & (u < -0.45)
    eaten = rng.random() < 0.3
    if eaten:
        bite_u, bite_v = rng.uniform(-0.3, 0.4), rng.choice([-1, 1]) * broad * rng.uniform(0.4, 1)
        leaf &= np.hypot(u - bite_u, v - bite_v) > rng.uniform(0.03, 0.11) * (1 + 0.2 * here)
    if not leaf.any():
        return
    side = np.abs(((np.abs(v) * 0.75 - u) * 13) % 1 - 0.5)
    vein = np.maximum(ramp(side, 0.10, 0.02) * 0.75, ramp(np.abs(v), 0.016, 0.006))
    fold, curl = rng.uniform(0.0, 0.35), rng.uniform(-0.15, 0.55)
    shape = size * (fold * np.abs(v) + curl * (v**2 + 0.35 * u**2) * 1.3)
    shape += size * (0.010 * np.sin(26 * u + 9 * np.abs(v)) * np.abs(v) / broad * 2)
    shape += size * rng.normal(0, 0.05) * u + size * (0.008 * (1 - side * 2) - 0.010 * vein)
    ground = height[rows, columns]
    rest = float(np.quantile((ground - shape)[leaf], 0.82))
    top = shape + rest * 0.55 + 0.45 * (ground.mean()) + 0.004
    leaf &= top > ground - 0.012
    top = np.maximum(top, ground + 0.0015)
    tone = rng.normal(1, 0.16) * (1 + 0.13 * here + 0.20 * (0.5 - np.abs(v) / broad))
    pigment = hue[None, None] * tone[..., None]
    edge = ramp(0.06 - blade + 0.02 * here, 0.0, 0.06)
    pigment = mix(pigment, (0.090, 0.042, 0.020), edge * rng.uniform(0.1, 0.8))
    pigment = mix(pigment, hue * 1.55 + 0.05, vein * 0.55)
    pigment = mix(pigment, (0.034, 0.020, 0.013), ramp(spot, 1.5, 2.1) * rng.uniform(0.2, 0.9))
    if rng.random() < 0.25:  # its pale underside
        pigment = mix(pigment, (0.300, 0.225, 0.150), 0.5)
    colour[rows, columns] = np.where(leaf[..., None], pigment, colour[rows, columns])
    height[rows, columns] = np.where(leaf, top, ground)
    shine = rng.uniform(0.42, 0.75) + 0.05 * here
    roughness[rows, columns] = np.where(leaf, shine, roughness[rows, columns])
