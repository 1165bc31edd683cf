"""Put parts of a photograph side by side and save it: SHOT.npy ... PICTURE.jpg."""

from __future__ import annotations

import sys

import numpy as np
from frames import GAP
from PIL import Image

QUALITY = 88


def main(shots: list[str], picture: str) -> None:
    """Develop a photograph.

    Args:
        shots: Files of pixels, uint8 of shape (height, width, 3), all of one height.
        picture: The file to write.
    """
    parts = [np.load(shot) for shot in shots]
    gap = np.full((parts[0].shape[0], GAP, 3), 255, np.uint8)
    rows = [piece for part in parts for piece in (gap, part)][1:]
    Image.fromarray(np.concatenate(rows, axis=1)).save(picture, quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:-1], sys.argv[-1])
