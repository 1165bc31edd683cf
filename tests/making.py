"""Pictures and networks that the tests make for themselves, the same for the same seed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from texcore.features import Vgg
from texcore.models.presets import make_preset
from texcore.runtime.context import Context
from texcore.synthesis.tiling import Tiling, limit_tiles


def bricks(height=64, width=64, seed=0):
    """A wall of bricks in a running bond, its courses cut anywhere: it does not tile."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] + rng.integers(1, 7, 2)[:, None, None]
    course = y // 9
    brick = (x + 8 * (course % 2)) // 16
    mortar = (y % 9 < 2) | ((x + 8 * (course % 2)) % 16 < 2)
    shade = rng.random((course.max() + 1, brick.max() + 1))[course, brick]
    colour = np.stack([0.45 + 0.3 * shade, 0.25 + 0.15 * shade, 0.2 + 0.1 * shade])
    picture = np.where(mortar, 0.8, colour) + 0.02 * rng.standard_normal((3, height, width))
    return picture.clip(0, 1).astype(np.float32)


def blobs(height=64, width=64, seed=0, channels=3):
    """Discs of all sizes over one another."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    picture = np.full((channels, height, width), 0.3)
    for _ in range(height * width // 40):
        cy, cx = rng.random(2) * (height, width)
        inside = np.hypot(y - cy, x - cx) < rng.uniform(2, 7)
        picture[:, inside] = rng.uniform(0.1, 0.9, (channels, 1))
    return picture.astype(np.float32)


def waves(height, width, seed=0, channels=3, highest=6):
    """A few plane waves with whole periods: it tiles."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    picture = np.full((channels, height, width), 0.5)
    for _ in range(12):
        fy, fx = rng.integers(-highest, highest + 1, 2)
        phase = 2 * math.pi * (fy * y / height + fx * x / width + rng.random())
        picture += rng.uniform(-0.1, 0.1, (channels, 1, 1)) * np.cos(phase)
    return picture.astype(np.float32)


def filters(convolutions=13, seed=0, widths=(8, 8, 12, 12, 12), dtype=torch.float32):
    """Seeded filters in the shape of a thin VGG, scaled to keep activations alive."""
    blocks = {13: (2, 2, 3, 3, 3), 16: (2, 2, 4, 4, 4)}[convolutions]
    generator = torch.Generator().manual_seed(seed)
    made, before = [], 3
    for width, count in zip(widths, blocks, strict=True):
        for _ in range(count):
            w = torch.randn(width, before, 3, 3, generator=generator, dtype=torch.float64)
            b = 0.1 * torch.randn(width, generator=generator, dtype=torch.float64)
            made.append(((w * math.sqrt(2 / (9 * before))).to(dtype), b.to(dtype)))
            before = width
    return made


def vgg(convolutions=13, seed=0, dtype=torch.float32):
    """A thin VGG of seeded filters."""
    return Vgg(filters(convolutions, seed, dtype=dtype), "vgg-thin", dtype)


def tiling(network, model="default", octaves=1, **context):
    """The tiles of a run on the CPU with a model of that name."""
    here = Context(torch.device("cpu"), **context)
    layers = make_preset(model, network).layer_names
    limits = limit_tiles(network.describe(), layers, here.describe_machine(), octaves=octaves)
    return Tiling(limits, here)


def state_dict(convolutions=13, seed=0):
    """Thin filters under the names that torchvision gives to a VGG's."""
    numbers = {
        13: (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28),
        16: (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34),
    }[convolutions]
    state = {}
    made = filters(convolutions, seed, widths=(64, 8, 8, 8, 8))
    for number, (w, b) in zip(numbers, made, strict=True):
        state[f"features.{number}.weight"], state[f"features.{number}.bias"] = w, b
    state["classifier.0.weight"] = torch.zeros(4, 8)
    state["classifier.0.bias"] = torch.zeros(4)
    return state


def save_png(path: Path, pixels: np.ndarray) -> Path:
    """An 8-bit PNG of (channels, height, width) in 0...1, not written by the code under test."""
    rows = np.round(pixels * 255).astype(np.uint8).transpose(1, 2, 0)
    Image.fromarray(rows[..., 0] if rows.shape[2] == 1 else rows).save(path)
    return path


def load_png(path: Path) -> np.ndarray:
    """Rows of a picture as Pillow reads it."""
    with Image.open(path) as picture:
        return np.asarray(picture).copy()


def relief(height=48, width=48, seed=0):
    """A wall's base colour, normals, roughness and height, (channels, height, width) by kind.

    Joints are light, deep, rough, and bend the normals at their rims.
    """
    colour = bricks(height, width, seed)
    joint = (colour.mean(0) > 0.7).astype(np.float32)
    level = 1 - joint
    for _ in range(2):
        level = (level + np.roll(level, 1, 0) + np.roll(level, 1, 1)) / 3
    slope_y, slope_x = np.gradient(level)
    n = np.stack([-slope_x, slope_y, np.full_like(level, 0.6)])
    n = n / np.linalg.norm(n, axis=0)
    rng = np.random.default_rng(seed)
    roughness = 0.45 + 0.4 * joint + 0.02 * rng.random((height, width))
    maps = {
        "base_color": colour,
        "normal": n * 0.5 + 0.5,
        "roughness": roughness[None],
        "height": level[None],
    }
    return {kind: pixels.astype(np.float32) for kind, pixels in maps.items()}
