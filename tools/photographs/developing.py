"""Save a photograph as a picture: SHOT.npy PICTURE.jpg."""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image

QUALITY = 88


def main(shot: str, picture: str) -> None:
    """Develop a photograph.

    Args:
        shot: A file of pixels, uint8 of shape (height, width, 3).
        picture: The file to write.
    """
    Image.fromarray(np.load(shot)).save(picture, quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
