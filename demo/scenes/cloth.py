"""A woollen tweed: herringbone of two yarns, uneven, hairy, with flecks and a few soft folds."""

from __future__ import annotations

import numpy as np

from .fields import Noise, Surface, axes, colours, hollows, mix, pick, ramp

YARNS = 42.0  #: in the picture, each way
RIB = 10  #: yarns after which the twill turns round


def make(rng: np.random.Generator) -> Surface:
    """Weave warp over two and under two, each row a yarn further."""
    noise = Noise(rng)
    x, y = axes()
    fold = noise(1.1 * x + 0.5 * y, 0.8 * y, 2)
    x = x + 0.006 * noise(2.5 * x, 2.5 * y, 3) + 0.010 * (y - 0.5)
    y = y + 0.006 * noise(2.5 * x, 2.5 * y, 3)
    warp, weft = np.floor(x * YARNS).astype(np.int64), np.floor(y * YARNS).astype(np.int64)
    u, v = x * YARNS - warp - 0.5, y * YARNS - weft - 0.5
    step = np.abs((warp + RIB // 2) % (2 * RIB) - RIB)
    warp_up = (step + weft) % 4 < 2
    # How far along its float a yarn is, so that it rises in the middle and dives at the ends.
    along_warp = (((step + weft) % 4) % 2 + v + 0.5) / 2
    along_weft = (((weft + step) % 4) % 2 + u + 0.5) / 2
    own_warp, own_weft = pick(rng, warp), pick(rng, weft)
    thick = 1 + 0.25 * noise(60 * x, 8 * y, 2) * 0.4 + 0.15 * (own_warp - 0.5)
    across = np.where(warp_up, u, v) / np.clip(thick, 0.7, 1.3)
    along = np.where(warp_up, along_warp, along_weft)
    bulge = np.sqrt(np.clip(1 - (across / 0.56) ** 2, 0, 1)) * (0.35 + 0.65 * np.sin(np.pi * along))
    # Wool is spun: its fibres lie aslant in the yarn.
    slant = np.where(warp_up, 1.7 * u + v, 1.7 * v - u)
    twist = np.sin(2 * np.pi * 1.6 * slant + 5 * own_weft)
    fuzz = noise(190 * x + 30 * np.asarray(warp_up, float), 190 * y, 3, 0.75)
    height = 0.0085 * bulge + 0.0006 * twist * bulge + 0.0012 * fuzz + 0.009 * fold
    hair = sum(
        ramp(-np.abs(noise(24 * x + s, 24 * y, 3)), -0.035, -0.010)
        * ramp(noise(6 * x, 6 * y, 2), 0.8, 1.4)
        for s in (0.0, 7.0)
    )
    height += 0.003 * hair
    light = colours(
        own_warp,
        (0.0, (0.300, 0.255, 0.190)),
        (0.6, (0.410, 0.360, 0.280)),
        (1.0, (0.480, 0.440, 0.360)),
    )
    dark = colours(
        own_weft,
        (0.0, (0.028, 0.034, 0.045)),
        (0.6, (0.052, 0.060, 0.072)),
        (1.0, (0.105, 0.105, 0.105)),
    )
    colour = np.where(warp_up[..., None], light, dark)
    colour = colour * (1 + 0.10 * twist + 0.14 * fuzz + 0.08 * noise(14 * x, 14 * y, 3))[..., None]
    # Flecks: tufts of dyed wool that were spun in.
    for hue, level in (
        ((0.36, 0.105, 0.030), 1.75),
        ((0.075, 0.150, 0.060), 1.85),
        ((0.40, 0.30, 0.06), 1.95),
    ):
        fleck = ramp(noise(20 * x, 20 * y, 2) + 0.15 * fuzz, level, level + 0.25)
        colour = mix(colour, hue, 0.85 * fleck * ramp(bulge, 0.1, 0.5))
    colour = mix(colour, (0.42, 0.38, 0.32), 0.35 * np.clip(hair, 0, 1))
    colour = mix(colour, (0.012, 0.011, 0.011), np.clip(75 * hollows(height, 6), 0, 0.65))
    worn = ramp(noise(2.2 * x, 2.2 * y, 4), 0.3, 2.2)
    colour = mix(colour, (0.25, 0.22, 0.18), 0.22 * worn)
    roughness = np.clip(0.93 + 0.04 * fuzz - 0.06 * worn, 0.7, 1)
    return Surface(np.clip(colour, 0.003, 0.9), roughness, height)
