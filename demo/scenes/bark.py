"""The bark of an old pine: plates between deep furrows, in layers, with lichen and some moss."""

from __future__ import annotations

import numpy as np

from .fields import Noise, Surface, axes, colours, hollows, mix, ramp


def make(rng: np.random.Generator) -> Surface:
    """Split plates by two sets of ridged noise, one upright, one across, and let them flake."""
    noise = Noise(rng)
    x, y = axes()
    ragged = noise(26 * x, 17 * y, 4, 0.65)
    wx = x + 0.016 * noise(3 * x, 2 * y, 3) + 0.0035 * ragged + 0.06 * (y - 0.5)
    wy = y + 0.03 * noise(3 * x, 3 * y, 3) + 0.008 * noise(30 * x, 20 * y, 3, 0.65)
    furrow = np.abs(noise(6.5 * wx, 1.5 * wy, 3, 0.4)) + 0.06 * ragged
    cross = np.abs(noise(5.0 * wx, 5.5 * wy, 3, 0.5)) + 0.16 + 0.08 * ragged
    gap = np.minimum(furrow, cross)
    plate = ramp(gap, 0.10, 0.50)
    # Layers: the plate's height goes in steps, whose edges wander.
    rise = 2.6 * plate + 0.8 * noise(4 * wx, 3 * wy, 4) + 0.25 * noise(22 * x, 12 * y, 3)
    layer = np.floor(rise)
    within = rise - layer
    stepped = (layer + ramp(within, 0.0, 0.22)) / 3
    fibre = noise(70 * wx, 12 * wy, 4, 0.7)
    crumb = noise(60 * x, 45 * y, 4, 0.7)
    height = 0.032 * plate + 0.017 * stepped * plate + 0.0022 * fibre * plate
    height += 0.0021 * crumb + 0.004 * (1 - plate) * noise(16 * x, 9 * y, 3)

    tone = 0.5 + 0.22 * noise(3 * wx + 0.8 * layer, 2.5 * wy, 4) + 0.10 * crumb + 0.08 * fibre
    bark = colours(
        tone,
        (0.0, (0.062, 0.038, 0.026)),
        (0.35, (0.150, 0.092, 0.062)),
        (0.65, (0.240, 0.165, 0.120)),
        (1.0, (0.340, 0.275, 0.220)),
    )
    fresh = ramp(0.22 - within, 0.0, 0.14) * plate
    bark = mix(bark, (0.310, 0.135, 0.066), 0.5 * fresh)
    inner = colours(crumb, (-2, (0.050, 0.024, 0.015)), (2, (0.150, 0.075, 0.045)))
    colour = mix(inner, bark, ramp(plate, 0.12, 0.6))
    grey = ramp(noise(2 * x, 1.5 * y, 4), 0.0, 1.8) * ramp(plate, 0.5, 0.95)
    colour = mix(colour, (0.265, 0.245, 0.220), 0.45 * grey)
    lichen = noise(7 * x, 7 * y, 5, 0.62) + 0.7 * noise(1.6 * x, 1.6 * y, 2) + 0.8 * plate
    lichen = ramp(lichen, 1.75, 2.5)
    pale = colours(crumb, (-2, (0.220, 0.275, 0.190)), (2, (0.430, 0.480, 0.370)))
    colour = mix(colour, pale, 0.8 * lichen)
    height += 0.0022 * lichen * (1 + 0.5 * crumb)
    moss = noise(4 * x, 3 * y, 5) + 1.1 * (1 - plate) + 0.9 * (y - 0.55)
    moss = ramp(moss, 1.15, 2.0) * ramp(noise(40 * x, 40 * y, 3), -1.4, 0.6)
    tuft = noise(110 * x, 110 * y, 3, 0.7)
    green = colours(tuft, (-2, (0.022, 0.036, 0.009)), (2, (0.125, 0.155, 0.040)))
    colour = mix(colour, green, 0.85 * moss)
    height += moss * (0.005 + 0.002 * tuft)
    shade = np.clip(9 * hollows(height, 14), 0, 0.6)
    colour = mix(colour, (0.018, 0.012, 0.009), shade)
    roughness = np.clip(0.86 + 0.05 * crumb - 0.12 * fresh + 0.1 * moss, 0.5, 1)
    return Surface(np.clip(colour, 0.003, 0.9), roughness, height)
