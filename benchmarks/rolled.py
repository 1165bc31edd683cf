"""Judge how textures look, wherever they begin: by the mean over places that each is rolled to.

    .venv/bin/python benchmarks/rolled.py EXEMPLAR TEXTURE... --judge PROGRAM [--steps 4]

A texture on a torus begins anywhere, but a judge that compares it with its exemplar sees where
things lie as well. Each texture is rolled by multiples of a part of its side, along both axes, and
the judge, a program that is called with the exemplar and a texture and prints a JSON object with
its ``look``, is asked about each.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from look import judged
from PIL import Image, ImageChops


def main() -> None:
    """Judge them, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exemplar", type=Path)
    parser.add_argument("textures", type=Path, nargs="+")
    parser.add_argument("--judge", required=True, metavar="PROGRAM")
    parser.add_argument("--steps", type=int, default=4, help="places along each axis")
    given = parser.parse_args()
    print("| Texture | Look, mean | Deviation |\n|---|---|---|")
    for texture in given.textures:
        with tempfile.TemporaryDirectory() as folder:
            looks = [
                float(str(judged(given.judge, given.exemplar, path)["look"]))
                for path in roll(texture, given.steps, Path(folder))
            ]
        spread = statistics.stdev(looks) if len(looks) > 1 else 0.0
        print(f"| {texture} | {statistics.mean(looks):.3f} | {spread:.3f} |", flush=True)


def roll(texture: Path, steps: int, folder: Path) -> Iterator[Path]:
    """Write the texture rolled to each place into a folder."""
    with Image.open(texture) as opened:
        picture = opened.convert("RGB")
    for down in range(steps):
        for across in range(steps):
            path = folder / f"{down}-{across}.png"
            x, y = (n * by // steps for n, by in zip(picture.size, (across, down), strict=True))
            ImageChops.offset(picture, x, y).save(path)
            yield path


if __name__ == "__main__":
    main()
