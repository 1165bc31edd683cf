"""What is measured of a finished texture: grain, clipped colours, and how fast its loss fell."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.float64]


def read(path: Path) -> Pixels:
    """Read a picture: shape (height, width, 3), 0...255."""
    return np.asarray(Image.open(path).convert("RGB"), np.float64)


def measure_grain(pixels: Pixels) -> float:
    """Give the mean strength of the finest octave, in levels of 255.

    It is what a picture has less itself blurred by (1, 2, 1)/4 down and across; its own border,
    where a blur lacks neighbours, is left out.
    """
    blurred = pixels
    for axis in (0, 1):
        blurred = (np.roll(blurred, 1, axis) + 2 * blurred + np.roll(blurred, -1, axis)) / 4
    return float(np.abs(pixels - blurred)[1:-1, 1:-1].mean())


def measure_clipped(pixels: Pixels) -> float:
    """Give the share of all numbers that are as dark or as bright as can be."""
    return float(((pixels <= 0) | (pixels >= 255)).mean())


def read_losses(folder: Path) -> list[float]:
    """Read the losses of a run, one for each evaluation."""
    with (folder / "loss.csv").open(encoding="utf-8", newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def count_to(losses: list[float], level: float) -> int | None:
    """Count the evaluations until a loss is no higher than a level; None if it never is."""
    return next((n for n, loss in enumerate(losses, 1) if loss <= level), None)
