"""One texture of each model, labelled, and the seconds that each took.

    .venv/bin/python benchmarks/models.py -o docs/models.jpg [--exemplar PICTURE] [--other PICTURE]
        [--size N] [--iterations N] [--work FOLDER] [--regions docs/regions.jpg] [-- OPTIONS]

Each is made by the command line, with what stands behind ``--``; the regions are a disc and what
is around it; ``--regions`` writes a picture of that model alone, with the mask and the parts. A
texture that is in the work folder already is not made again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.papers.figures import Tile, compress, lay_out  # noqa: E402
from benchmarks.papers.running import fit  # noqa: E402

EXEMPLAR = ROOT / "demo" / "exemplar.png"
OTHER = ROOT / "demo" / "exemplars" / "leaves" / "photo.jpg"
LONGEST_ROW = 6  #: pictures; more are laid out in several rows, of one less
# Label → options; OTHER, RAMP and DISC stand for the pictures made here.
MADE = {
    "default": (),
    "gatys": ("--model", "gatys"),
    "multiscale": ("--model", "multiscale"),
    "smooth": ("--model", "smooth"),
    "gap": ("--model", "gap"),
    "mix 1 : 1": ("--mix", "OTHER"),
    "blend": ("--mix", "OTHER", "--blend", "RAMP"),
    "regions": ("--model", "regions", "--mask", "DISC", "--region", "1=OTHER", "--parts", "PARTS"),
}


def main() -> None:
    """Make them all."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="behind --: options for texcore synthesize"
    )
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--exemplar", type=Path, default=EXEMPLAR)
    parser.add_argument("--other", type=Path, default=OTHER, help="that is mixed with it")
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--iterations", type=int, help="default: as many as each model has")
    parser.add_argument("--work", type=Path, help="folder to keep the textures in")
    parser.add_argument("--regions", type=Path, metavar="PICTURE")
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    given, options = parser.parse_args(sys.argv[1:split]), sys.argv[split + 1 :]
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        files = prepared(given.exemplar, given.other, given.size, work)
        if given.iterations:
            options += ["--iterations", str(given.iterations)]
        shown = {"exemplar": files["EXEMPLAR"]}
        for label, words in MADE.items():
            shown[label] = work / f"{label.replace(' ', '').replace(':', '')}.png"
            if not shown[label].exists():
                begun = time.monotonic()
                synthesise(files["EXEMPLAR"], shown[label], [*filled(words, files), *options])
                print(f"{label}: {time.monotonic() - begun:.0f} s", flush=True)
        save(given.output, {"exemplar": shown.pop("exemplar"), "other": files["OTHER"], **shown})
        if given.regions:
            parts = {f"part {k}": path for k, path in enumerate(sorted(files["PARTS"].iterdir()))}
            mask = {"exemplar": files["EXEMPLAR"], "mask": files["DISC"]}
            other = {"texture of part 1": files["OTHER"]}
            save(given.regions, mask | parts | other | {"regions": shown["regions"]})


def save(output: Path, shown: dict[str, Path]) -> None:
    """Pictures in rows, each above its label."""
    tiles = [Tile(label, on_white(path), label) for label, path in shown.items()]
    columns = len(tiles) if len(tiles) <= LONGEST_ROW else LONGEST_ROW - 1
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    output.write_bytes(compress(lay_out(rows)[0]))


def on_white(path: Path) -> Image.Image:
    """Read a picture; what is transparent is white."""
    picture = Image.open(path).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def prepared(exemplar: Path, other: Path, size: int, work: Path) -> dict[str, Path]:
    """The pictures that the options name."""
    y, x = np.mgrid[:size, :size]
    disc = np.hypot(y - size / 2, x - size / 2) < size / 3
    made = {
        "EXEMPLAR": fit(exemplar, size),
        "OTHER": fit(other, size),
        "RAMP": Image.fromarray((x * 255 / (size - 1)).astype(np.uint8)),
        "DISC": Image.fromarray(disc.astype(np.uint8) * 255),
    }
    files = {name: work / f"{name.lower()}.png" for name in made}
    for name, picture in made.items():
        picture.save(files[name])
    return files | {"PARTS": work / "parts"}


def filled(words: tuple[str, ...], files: dict[str, Path]) -> list[str]:
    """Options with the names of the files in them."""
    replaced = []
    for word in words:
        role, equals, name = word.rpartition("=")
        replaced.append(f"{role}{equals}{files[name]}" if name in files else word)
    return replaced


def synthesise(exemplar: Path, texture: Path, options: list[str]) -> None:
    """Run the command line."""
    command = [sys.executable, "-m", "texcore", "synthesize", str(exemplar), "-o", str(texture)]
    subprocess.run([*command, "-q", *options], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
