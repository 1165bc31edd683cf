"""A flow map for a ring's unwrapping: the texture's top leans to and fro, three times round.

.venv/bin/python demo/flow.py OUT.png [SIDE]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

WAVES, MOST_DEGREES = 3, 60


def main() -> None:
    """Write the map: red is to the right, green is up, mid-grey is nowhere."""
    out, side = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 512
    round_ = np.broadcast_to(np.arange(side) / side, (side, side))
    lean = np.radians(MOST_DEGREES) * np.sin(2 * np.pi * WAVES * round_)
    flow = np.stack([np.sin(lean), np.cos(lean), -np.ones_like(lean)], axis=-1)
    Image.fromarray(np.round((flow / 2 + 0.5) * 255).astype(np.uint8)).save(out)


if __name__ == "__main__":
    main()
