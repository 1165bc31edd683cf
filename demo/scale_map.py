"""A scale map for a ring's unwrapping: things grow and shrink again, twice round.

.venv/bin/python demo/scale_map.py OUT.png [SIDE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

WAVES = 2


def main() -> None:
    """Write the map: black is half as large, white twice as large."""
    out, side = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 512
    round_ = np.broadcast_to(np.arange(side) / side, (side, side))
    grey = 0.5 + 0.5 * np.sin(2 * np.pi * WAVES * round_)
    Image.fromarray(np.round(grey * 255).astype(np.uint8)).save(out)


if __name__ == "__main__":
    main()
