"""Put a map beside the first views of an object: ``map_beside.py MAP SIDES OUT.jpg [VIEWS]``.

SIDES is what ``demo/objects.py sides`` has rendered; without VIEWS two of it are taken.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

#: Of the picture's rows the share that is shown, in their middle.
SHOWN = 0.6
GAP, QUALITY = 10, 85


def main() -> None:
    """Read the words, and write the picture."""
    map_, sides = (Image.open(Path(word)).convert("RGB") for word in sys.argv[1:3])
    out, views = Path(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 2
    side, height = sides.height, round(SHOWN * sides.height)
    top = (side - height) // 2
    picture = Image.new("RGB", (height + GAP + views * side, height), "white")
    picture.paste(map_.resize((height, height), Image.Resampling.LANCZOS), (0, 0))
    picture.paste(sides.crop((0, top, views * side, top + height)), (height + GAP, 0))
    picture.save(out, quality=QUALITY, subsampling=0)


if __name__ == "__main__":
    main()
