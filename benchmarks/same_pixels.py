"""Show that two versions of the engine make the same pixels, recipe by recipe.

    python3 benchmarks/same_pixels.py BEFORE AFTER [-o table.md]

Each is a clone of this repository. Every recipe of `RECIPES` is run through the command line of
both, with the same Python and the same pictures, and the files that come out are compared by the
digests of their decoded pixels. The second is given the recipe that the first has written into its
texture: textures of old have to come out as they were, whatever is the default today.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenImageIO
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
SMALL = ("--size", "96", "--iterations", "12")


@dataclass(frozen=True)
class Made:
    """What a clone made of a recipe.

    Attributes:
        digest: SHA-256 of the pixels of all files, beginning.
        seconds: That it took, by the clock.
    """

    digest: str
    seconds: float


#: Name → words of the command line. PHOTO, CUTOUT, FINE and DISC stand for pictures made here.
RECIPES: dict[str, tuple[str, ...]] = {
    "default": ("PHOTO", *SMALL),
    "default, draft quality, twice as large": (
        "PHOTO",
        "--size",
        "160",
        "--quality",
        "draft",
        "--iterations",
        "20",
    ),
    "default, high quality": ("PHOTO", "--size", "64", "--quality", "high", "--iterations", "20"),
    "default, new arrangement": ("PHOTO", *SMALL, "--arrangement", "new", "--seed", "4"),
    "gatys": ("PHOTO", *SMALL, "--model", "gatys"),
    "gatys, components": ("PHOTO", *SMALL, "--model", "gatys", "--components", "16"),
    "multiscale": ("PHOTO", *SMALL, "--model", "multiscale"),
    "smooth (Adam)": ("PHOTO", *SMALL, "--model", "smooth"),
    "gap": ("PHOTO", *SMALL, "--model", "gap"),
    "tiling sideways": ("PHOTO", *SMALL, "--tile", "x"),
    "no tiling": ("PHOTO", *SMALL, "--tile", "none"),
    "random filters": ("PHOTO", *SMALL, "--weights", "random"),
    "alpha": ("CUTOUT", *SMALL),
    "16 bits": ("FINE", *SMALL),
    "mixture": ("PHOTO", *SMALL, "--mix", "FINE:2"),
    "regions": ("PHOTO", *SMALL, "--model", "regions", "--mask", "DISC"),
    "in tiles": ("PHOTO", "--size", "192", "--iterations", "8", "--tile-side", "64"),
    "stopped and resumed": ("PHOTO", "--size", "128", "--iterations", "60"),
    "a material": (*SMALL,),
}
RESUMED, MATERIAL = "stopped and resumed", "a material"
# The command line, with a checkpoint at every step.
_KEEPING = """
import sys
try:
    from texcore.service.checkpoint import Checkpoint
except ImportError:
    from texcore.checkpoint import Checkpoint
Checkpoint.INTERVAL = 0.0
from texcore.cli import main
sys.exit(main(sys.argv[1:]))
"""


def main() -> int:
    """Compare; returns the exit status, 1 where pixels differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("-o", "--output", type=Path, metavar="TABLE.md")
    parser.add_argument("-k", "--only", default="", metavar="WORD", help="recipes with this word")
    given = parser.parse_args()
    clones = [given.before.resolve(), given.after.resolve()]
    lines = ["| Recipe | Before | After | Same | Seconds |", "|---|---|---|---|---|"]
    differ = 0
    with tempfile.TemporaryDirectory(prefix="texcore-pixels-") as name:
        folder = Path(name)
        pictures = make_pictures(folder)
        for recipe, words in RECIPES.items():
            if given.only not in recipe:
                continue
            first, second = make_both(clones, folder, recipe, words, pictures)
            same = first.digest == second.digest
            differ += not same
            times = f"{first.seconds:.1f} → {second.seconds:.1f}"
            lines.append(
                f"| {recipe} | {first.digest} | {second.digest} | {'yes' if same else 'NO'} "
                f"| {times} |"
            )
            print(lines[-1], flush=True)
    if given.output:
        given.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if differ else 0


def make_pictures(folder: Path) -> dict[str, str]:
    """Write the pictures that the recipes name, all of the demo's exemplar; returns their paths."""
    photo = Image.open(ROOT / "demo" / "exemplar.png").convert("RGB")
    photo = photo.resize((128, 128), Image.Resampling.LANCZOS)
    pixels = np.asarray(photo, dtype=np.float32) / 255
    y, x = np.mgrid[:128, :128]
    disc = (np.hypot(y - 64, x - 64) < 40).astype(np.float32)
    soft = np.clip(1.5 * pixels.mean(2, keepdims=True), 0, 1)
    paths = {word: folder / f"{word.lower()}.png" for word in ("PHOTO", "CUTOUT", "FINE", "DISC")}
    photo.save(paths["PHOTO"])
    Image.fromarray((255 * disc).astype(np.uint8)).save(paths["DISC"])
    _write(paths["CUTOUT"], np.concatenate([pixels, soft], 2), "uint8")
    _write(paths["FINE"], pixels[::-1, :, ::-1] ** 1.3, "uint16")
    return {word: str(path) for word, path in paths.items()}


def make_both(
    clones: Sequence[Path],
    folder: Path,
    recipe: str,
    words: Sequence[str],
    pictures: dict[str, str],
) -> list[Made]:
    """Run one recipe in two clones, in the second by what the first has written."""
    made, old = [], folder / "old"
    for name, clone in zip(("before", "after"), clones, strict=True):
        into = folder / name
        into.mkdir()
        by_recipe = ["--recipe", str(old)] if made else []
        made.append(make(clone, into, recipe, [*words, *by_recipe], pictures))
        first = min(path for path in into.rglob("*") if path.is_file())
        if not by_recipe:
            old = first.rename(old.with_suffix(first.suffix))
        shutil.rmtree(into)
    old.unlink()
    return made


def make(
    clone: Path, folder: Path, recipe: str, words: Sequence[str], pictures: dict[str, str]
) -> Made:
    """Run one recipe in a clone; its files are left in the folder."""
    output = folder / ("maps" if recipe == MATERIAL else "out.png")
    options = [_named(word, pictures) for word in words]
    if recipe == MATERIAL:
        maps = ROOT / "demo" / "maps"
        for kind in ("base_color", "normal", "height"):
            options += ["--map", f"{kind}={maps / f'{kind}.png'}"]
    options += ["-o", str(output), "--quiet", "--device", "cpu"]
    started = time.monotonic()
    if recipe == RESUMED:
        _interrupt(clone, options, output.with_name(f"{output.name}.checkpoint"))
        options.append("--resume")
    _run(clone, options)
    seconds = time.monotonic() - started
    files = sorted(output.iterdir()) if output.is_dir() else [output]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\n".encode() + _read(file))
    return Made(digest.hexdigest()[:12], seconds)


def _named(word: str, pictures: dict[str, str]) -> str:
    name, colon, weight = word.partition(":")
    return f"{pictures[name]}{colon}{weight}" if name in pictures else word


def _interrupt(clone: Path, options: Sequence[str], checkpoint: Path) -> None:
    """Run with a checkpoint at every step, and stop on the way."""
    seconds = 8.0
    while not checkpoint.exists():
        if seconds > 60:
            raise SystemExit(f"{clone}: no checkpoint was left.")
        _run(clone, options, seconds, ("-c", _KEEPING))
        seconds *= 1.3


def _run(
    clone: Path,
    options: Sequence[str],
    seconds: float | None = None,
    program: Sequence[str] = ("-m", "texcore"),
) -> None:
    """Run ``texcore synthesize``; after so many seconds it is asked to stop."""
    command = [sys.executable, *program, "synthesize", *options]
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    process = subprocess.Popen(command, cwd=clone, env=env, stdout=subprocess.DEVNULL)
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
        return
    if code:
        raise SystemExit(f"{clone}: {' '.join(options)} ended with {code}.")


def _read(path: Path) -> bytes:
    """The pixels of a file in its own depth."""
    picture = OpenImageIO.ImageInput.open(str(path))
    spec = picture.spec()
    pixels = picture.read_image(spec.format)
    picture.close()
    return f"{pixels.shape} {pixels.dtype}\n".encode() + np.ascontiguousarray(pixels).tobytes()


def _write(path: Path, pixels: np.ndarray, depth: str) -> None:
    height, width, channels = pixels.shape
    file = OpenImageIO.ImageOutput.create(str(path))
    file.open(str(path), OpenImageIO.ImageSpec(width, height, channels, depth))
    file.write_image(np.ascontiguousarray(pixels, dtype=np.float32))
    file.close()


if __name__ == "__main__":
    sys.exit(main())
