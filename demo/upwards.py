"""A blend map for an object: white where its surface faces upwards; with the engine's Python.

python demo/upwards.py OBJECT.obj OUT.png [SIDE]    the side of the texture, 1024 if left out
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from texcore import pictures
from texcore.objects.atlas import rasterise
from texcore.objects.mesh import read_mesh

#: Cosine of the angle between a surface that faces just enough upwards, and the upright.
LEAST = 0.3


def main() -> None:
    """Read the words, and write the map."""
    object_, out, *rest = sys.argv[1:]
    side = int(rest[0]) if rest else 1024
    atlas = rasterise(read_mesh(Path(object_)), side, side, object_).look_up()
    image = np.zeros(side * side, np.float32)
    image[atlas.texels] = atlas.normals[:, 1] > LEAST
    pictures.write(Path(out), pictures.Picture(image.reshape(1, side, side), "uint8"))


if __name__ == "__main__":
    main()
