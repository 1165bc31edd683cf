"""Synthesise a folder of exemplars, lay the results side by side, and put figures to them.

    .venv/bin/python benchmarks/look.py FOLDER -o RESULTS [--size N] [--judge PROGRAM]
        [--beside FOLDER] [-- OPTIONS]

Each picture is scaled to N on its short side, cropped to its middle square and synthesised by the
command line with what stands behind ``--``. RESULTS gets the crops, the textures, ``sheet.png``
(exemplar, texture, texture rolled by half its size, a column each) and ``table.md``. ``--beside``
names a folder with pictures of the same names that another program made: they are shown below,
as they are and rolled.

``border`` is the mean step across the wrap over the mean step between any neighbours, the larger
of both axes: 1 or less means that the wrap does not show. A ``--judge`` is a program that is called
with exemplar and texture and prints a line of JSON whose figures become further columns.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from texcore.surfaces import torus  # noqa: E402 – works from any folder, installed or not

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".webp"}


def main() -> None:
    """Do it all."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="behind --: options for texcore synthesize"
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="RESULTS")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--judge", metavar="PROGRAM")
    parser.add_argument("--beside", type=Path, metavar="FOLDER")
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    given, options = parser.parse_args(sys.argv[1:split]), sys.argv[split + 1 :]
    given.output.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    columns: list[Image.Image] = []
    for path in sorted(p for p in given.folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        name = "-".join(path.relative_to(given.folder).with_suffix("").parts)
        exemplar = given.output / f"{name}.exemplar.png"
        texture = given.output / f"{name}.png"
        cropped(Image.open(path).convert("RGB"), given.size).save(exemplar)
        row = {"exemplar": name, **synthesised(exemplar, texture, options)}
        if given.judge:
            row |= judged(given.judge, exemplar, texture)
        rows.append(row)
        other = given.beside / f"{name}.png" if given.beside else None
        textures = [texture, *([other] if other and other.exists() else [])]
        columns.append(column(Image.open(exemplar), [Image.open(path) for path in textures]))
        print(row, flush=True)
    sheet(columns).save(given.output / "sheet.png")
    (given.output / "table.md").write_text(table(rows), encoding="utf-8")


def cropped(picture: Image.Image, side: int) -> Image.Image:
    """The middle square, its side scaled to ``side`` pixels."""
    scale = side / min(picture.size)
    w, h = (max(side, round(n * scale)) for n in picture.size)
    left, top = (w - side) // 2, (h - side) // 2
    small = picture.resize((w, h), Image.Resampling.LANCZOS)
    return small.crop((left, top, left + side, top + side))


def synthesised(exemplar: Path, texture: Path, options: list[str]) -> dict[str, object]:
    """Run the command line; its time, evaluations, and the texture's border."""
    command = [sys.executable, "-m", "texcore", "synthesize", str(exemplar), "-o", str(texture)]
    said = subprocess.run(
        [*command, "-q", *options], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    found = re.search(r"(\d+) evaluations, ([\d.]+) s", said)
    if found is None:
        raise SystemExit(f"unexpected answer of the command line: {said}")
    pixels = np.asarray(Image.open(texture).convert("RGB"), dtype=np.float32)
    border = max(torus.border_jump(torch.from_numpy(pixels.transpose(2, 0, 1).copy())))
    return {
        "evaluations": int(found[1]),
        "seconds": float(found[2]),
        "border": round(border, 2),
    }


def judged(program: str, exemplar: Path, texture: Path) -> dict[str, object]:
    """The figures a judge prints."""
    said = subprocess.run(
        [sys.executable, program, str(exemplar), str(texture)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    figures = json.loads(said.strip().splitlines()[-1])
    return {key: value for key, value in figures.items() if isinstance(value, int | float)}


def column(exemplar: Image.Image, textures: list[Image.Image]) -> Image.Image:
    """Exemplar, each texture, and each rolled by half its size, one below the other."""
    pictures = [exemplar.convert("RGB")]
    for texture in textures:
        pixels = np.asarray(texture.convert("RGB"))
        h, w = pixels.shape[:2]
        pictures += [
            Image.fromarray(np.roll(pixels, by, (0, 1))) for by in ((0, 0), (h // 2, w // 2))
        ]
    stack = Image.new("RGB", (max(p.width for p in pictures), sum(p.height for p in pictures)))
    top = 0
    for picture in pictures:
        stack.paste(picture, (0, top))
        top += picture.height
    return stack


def sheet(columns: list[Image.Image]) -> Image.Image:
    """Columns side by side."""
    picture = Image.new("RGB", (sum(c.width for c in columns), max(c.height for c in columns)))
    left = 0
    for c in columns:
        picture.paste(c, (left, 0))
        left += c.width
    return picture


def table(rows: list[dict[str, object]]) -> str:
    """The rows in Markdown."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[n]) for n in names] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
