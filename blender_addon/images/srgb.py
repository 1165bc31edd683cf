"""The sRGB transfer function (IEC 61966-2-1), for colours as arrays of floats."""

from __future__ import annotations

import numpy as np


def encode_srgb(linear: np.ndarray) -> np.ndarray:
    """Return linear light as sRGB encodes it.

    Args:
        linear: Values of any shape; those below zero stay on the straight part of the curve.
    """
    bright = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, bright)


def decode_srgb(encoded: np.ndarray) -> np.ndarray:
    """Return the linear light of values that are encoded as sRGB.

    Args:
        encoded: Values of any shape; those below zero stay on the straight part of the curve.
    """
    bright = ((np.maximum(encoded, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(encoded <= 0.04045, encoded / 12.92, bright)
