"""Make the exemplars anew: their pictures and their maps, into demo/exemplars.

    python demo/render_scenes.py [NAME …] [--samples N] [--output DIR]     with the bpy wheel
    blender -b --python demo/render_scenes.py -- [NAME …]                  with Blender

``python3 build.py exemplars`` runs this. The same Blender renders the same pictures.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from importlib import import_module
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # Blender does not

from scenes import still_life, studio  # noqa: E402

#: By name: how high the sun stands, and from where it shines.
SCENES = {
    "wall": (38.0, 140.0),
    "weave": (42.0, 125.0),
    "timber": (30.0, 160.0),
    "tiles": (40.0, 130.0),
    "bark": (34.0, 150.0),
    "leaves": (40.0, 120.0),
    "cloth": (32.0, 135.0),
}
#: No texture: a picture of a thing, and the mask of it.
STILL_LIFE = "still_life"
KNOWN = (*SCENES, STILL_LIFE)


def main() -> int:
    """Read the words, make what they name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(KNOWN)}")
    parser.add_argument("--samples", type=int, default=48)
    parser.add_argument("--output", type=Path, default=HERE / "exemplars", metavar="DIR")
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    given = parser.parse_args(words)
    unknown = [name for name in given.names if name not in KNOWN]
    if unknown:
        print(f"There is no scene “{unknown[0]}”: use {', '.join(KNOWN)}.", file=sys.stderr)
        return 2
    for name in given.names or KNOWN:
        folder = given.output.absolute() / name
        folder.mkdir(parents=True, exist_ok=True)
        if name == STILL_LIFE:
            still_life.shoot(folder, given.samples)
            continue
        scene = import_module(f"scenes.{name}")
        surface = scene.make(np.random.default_rng(zlib.crc32(name.encode())))
        studio.shoot(surface, folder / "photo.jpg", SCENES[name], given.samples)
        studio.write_maps(surface, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
