"""Old boards: their grain bends round knots; they have shrunk, split, greyed, lost their paint."""

from __future__ import annotations

import numpy as np

from .fields import Field, Noise, Surface, Whole, axes, colours, hollows, mix, pick, ramp

BOARDS = 4.4


def make(rng: np.random.Generator) -> Surface:
    """Saw the boards each from a log of its own, then leave them outdoors."""
    noise = Noise(rng)
    x, y = axes()
    x = x + 0.0022 * noise(1.5 * x, 1.5 * y, 3) + 0.006 * (y - 0.5)
    board = np.floor(x * BOARDS + 0.55).astype(np.int64)
    own, tone, tilt = (pick(rng, board) for _ in range(3))
    u = x * BOARDS + 0.55 - board - 0.5
    knot, bend = _knots(rng, board, u, y)
    wave = noise(1.4 * u + 37 * own, 1.1 * y + 19 * own, 3)
    ring = 5.5 * np.abs(u - 0.7 * (own - 0.5)) ** 1.15 + 0.42 * wave + 0.9 * bend + 9 * own
    late = ramp(np.abs(2 * ((ring * 3.4) % 1) - 1), 0.1, 0.95)
    fibre = noise(95 * x, 4 * y + 9 * own, 4, 0.75)
    fine = noise(260 * x, 9 * y, 3, 0.7)
    split = _splits(rng, x, y, noise)
    edge = 0.5 - np.abs(u) + 0.012 * noise(4 * y + 30 * own, 3 * x, 4) - 0.004 * (tone - 0.5)
    wood = ramp(edge, 0.016, 0.03)
    nail = _nails(rng, board, u, y)
    height = wood * (0.018 + 0.005 * (own - 0.5) + 0.006 * (tilt - 0.5) * u - 0.012 * u**2)
    height += wood * (0.0013 * (late - 0.5) + 0.0008 * fibre + 0.0003 * fine - 0.010 * split)
    height -= wood * 0.005 * ramp(0.05 - edge, 0.0, 0.03)
    height -= wood * 0.003 * ramp(nail, 0.25, 0.9) - wood * 0.002 * knot
    grey = colours(
        0.5 + 0.35 * (late - 0.5) + 0.10 * fibre,
        (0.0, (0.085, 0.068, 0.054)),
        (0.5, (0.215, 0.180, 0.145)),
        (1.0, (0.370, 0.325, 0.270)),
    )
    warm = colours(late, (0.0, (0.120, 0.058, 0.028)), (1.0, (0.330, 0.190, 0.095)))
    fresh = ramp(noise(2 * x + 13 * own, 1.3 * y, 4) + 1.6 * (tone - 0.5), -0.6, 1.6)
    colour = mix(grey, warm, 0.65 * fresh)
    colour = colour * (1 + 0.10 * fine + 0.45 * (own - 0.5))[..., None]
    colour = mix(colour, (0.052, 0.030, 0.018), 0.85 * knot)
    # What is left of a green coat: in the early wood, where it is sheltered, never on the knots.
    coat = noise(2.2 * x + 17 * own, 1.0 * y, 5) + 0.55 * fibre + 1.3 * (tilt - 0.55) - 0.7 * late
    coat = ramp(coat, 0.25, 0.5) * wood * (1 - knot) * (1 - ramp(split, 0.2, 0.6))
    paint = np.asarray((0.105, 0.190, 0.165)) * (1 + 0.09 * noise(12 * x, 6 * y, 4))[..., None]
    colour = mix(colour, paint, 0.9 * coat)
    height += 0.0014 * coat
    colour = mix(colour, (0.014, 0.011, 0.009), ramp(split, 0.25, 0.9))
    rust = ramp(nail + 0.25 * noise(30 * x, 8 * y, 3), 0.28, 0.95)
    colour = mix(colour, (0.120, 0.042, 0.016), 0.8 * rust)
    colour = mix(colour, (0.045, 0.028, 0.021), ramp(nail, 0.72, 0.82))
    colour = mix((0.010 + 0 * colour), colour, wood)
    dirt = np.clip(30 * hollows(height, 8), 0, 0.6)
    colour = mix(colour, (0.040, 0.034, 0.026), dirt)
    roughness = np.clip(0.80 - 0.28 * coat + 0.07 * fibre - 0.1 * knot, 0.35, 1)
    return Surface(np.clip(colour, 0.003, 0.9), roughness, height * wood - 0.012 * (1 - wood))


def _knots(rng: np.random.Generator, board: Whole, u: Field, y: Field) -> tuple[Field, Field]:
    """Give where knots are, and by how much the rings bend round them."""
    knot, bend = np.zeros_like(u), np.zeros_like(u)
    for number in range(int(board.min()), int(board.max()) + 1):
        for _ in range(rng.integers(0, 3)):
            cu, cy, size = rng.uniform(-0.28, 0.28), rng.uniform(0.03, 0.97), rng.uniform(0.05, 0.1)
            away = np.hypot((u - cu) / size, (y - cy) * BOARDS / (1.35 * size))
            here = board == number
            knot = np.maximum(knot, here * ramp(-away, -1.0, -0.75))
            bend += here * 1.15 * np.exp(-((away / 2.1) ** 2))
    return knot, bend


def _splits(rng: np.random.Generator, x: Field, y: Field, noise: Noise) -> Field:
    """Give where long cracks run with the grain."""
    split = np.zeros_like(x)
    for _ in range(16):
        cx, cy, length = rng.random(), rng.random(), rng.uniform(0.06, 0.28)
        along = (y - cy) / length
        path = cx + 0.004 * noise(3 * y, 0 * x, 3) + 0.02 * rng.normal() * along
        wide = 0.0024 * np.clip(1 - along**2, 0, 1)
        split = np.maximum(split, (wide > 0) * ramp(wide - np.abs(x - path), -0.0009, 0.0009))
    return split


def _nails(rng: np.random.Generator, board: Whole, u: Field, y: Field) -> Field:
    """Tell how near a nail is, 1 at its middle: two in each board, in one line."""
    near = np.zeros_like(u)
    line = 0.135
    for number in range(int(board.min()), int(board.max()) + 1):
        for side in (-0.27, 0.27):
            cu, cy = side + rng.normal(0, 0.025), line + rng.normal(0, 0.008)
            away = np.hypot((u - cu) / BOARDS, y - cy) / 0.022
            here = board == number
            near = np.maximum(near, here * np.exp(-((away / 1.0) ** 2)))
    return near
