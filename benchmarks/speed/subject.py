"""What is measured: a picture and a network, had without anything installed if need be."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from texcore.features import FeatureNetwork, RandomBank, Vgg

WEIGHTS = ("auto", "vgg19", "vgg16", "random-vgg", "random")


def network(name: str) -> FeatureNetwork:
    """A network in float32 on the CPU; speed does not depend on what it has learned."""
    if name == "random-vgg":
        return Vgg.seeded()
    if name == "random":
        return RandomBank.seeded()
    from texcore.features import weights

    return weights.load(name)[0]


def exemplar(path: Path, side: int) -> Tensor:
    """The middle square of a picture at that side, (3, side, side) in 0...1.

    Where no OpenImageIO is to read it, overlapping discs of all sizes.
    """
    if missing():
        return discs(side)
    from texcore import pictures

    pixels = torch.from_numpy(pictures.read(path).pixels)[:3].float()
    h, w = pixels.shape[-2:]
    n = min(h, w)
    top, left = (h - n) // 2, (w - n) // 2
    square = pixels.expand(3, -1, -1)[None, :, top : top + n, left : left + n]
    scaled = F.interpolate(square, (side, side), mode="bicubic", antialias=True)
    return scaled[0].clamp(0, 1)


def discs(side: int, seed: int = 0) -> Tensor:
    """Discs over one another, seeded."""
    rng = np.random.default_rng(seed)
    picture = np.full((3, side, side), 0.3, np.float32)
    for _ in range(side * side // 60):
        cy, cx, r = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(2, 12)
        top, left = (max(0, int(c - r)) for c in (cy, cx))
        y, x = np.mgrid[top : min(side, int(cy + r) + 1), left : min(side, int(cx + r) + 1)]
        part = picture[:, top : top + len(y), left : left + y.shape[1]]
        inside = np.hypot(y - cy, x - cx) < r
        part[:, inside] = rng.uniform(0.1, 0.9, (3, 1))
    return torch.from_numpy(picture)


def missing() -> str:
    """Which package is not here that reads and writes pictures and weights; empty if none."""
    for name in ("OpenImageIO", "safetensors"):
        if importlib.util.find_spec(name) is None:
            return name
    return ""
