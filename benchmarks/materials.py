"""Compare ways to synthesise the maps of a material, with figures for each map and between them.

    .venv/bin/python benchmarks/materials.py FOLDER -o RESULTS [--size N]
        [--exemplar-size N] [--quality Q] [--methods M,M] [--judge PROGRAM]

FOLDER holds the maps of one material, named as usual; they are scaled to N × N,
or to that of the exemplar where the result is to be larger. The methods:

    separate    each map by itself, with a seed of its own
    noise       all maps on one canvas that starts as noise
    joint       all maps on one canvas that starts as a patchwork of the exemplar, the same for all
                maps, as ``texcore synthesize --map`` does

RESULTS gets the maps, ``sheet.png`` (a row of maps for the exemplar and for each method) and
``table.md``. ``time`` is the processor's over that of the base color alone, ``length`` the mean of
||n| − 1| of the normals as written, ``blue`` their least, ``range`` the share of texels of
quantities outside the exemplar's range.

A ``--judge`` is a program that is called with exemplar and texture and prints a line of JSON with
“look”, told of each map, and “seam”, “edge” and “copy”, told of the worst. It also sees what is
between the maps: brightness, x and y of the normals as red, green and blue (``lum-nx-ny``);
brightness, the first quantity and x (``lum-q-nx``).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from texcore.contract import map_names  # noqa: E402
from texcore.contract.jobs import Job  # noqa: E402
from texcore.contract.map_kinds import get_kind  # noqa: E402
from texcore.contract.recipe import Recipe  # noqa: E402
from texcore.maps.stack import Stack  # noqa: E402
from texcore.pictures import Picture, read, write  # noqa: E402
from texcore.service import preparation  # noqa: E402
from texcore.service.material import choose_depth  # noqa: E402
from texcore.surfaces import resizing  # noqa: E402

Maps = dict[str, Picture]


class Workshop:
    """The network and the settings that all methods share."""

    def __init__(self, size: int, quality: str) -> None:
        self.size = size
        self.recipe = Recipe(size=(size, size), quality=quality)
        self.prepared = preparation.prepare(self.recipe, "", Job({}, self.recipe), None)
        self._alone: dict[str, tuple[float, Maps]] = {}

    def joint(self, maps: Maps, seed: int = 0, init: str = "auto") -> Maps:
        """All maps on one canvas."""
        stack = Stack(maps)
        recipe = replace(self.recipe, seed=seed, init=init)
        synthesis = replace(self.prepared, recipe=recipe).synthesis(stack.exemplar, None)
        for _ in synthesis.steps():
            pass
        return stack.decode(synthesis.result(), wraps=True)

    def separate(self, maps: Maps) -> Maps:
        """Each map by itself."""
        made: Maps = {}
        for seed, id in enumerate(maps):
            made |= self.alone(maps, id, seed)[1]
        return made

    def alone(self, maps: Maps, id: str, seed: int = 0) -> tuple[float, Maps]:
        """One map by itself, and the seconds that it took; made only once."""
        if id not in self._alone:
            self._alone[id] = timed(lambda: self.joint({id: maps[id]}, seed))
        return self._alone[id]

    def noise(self, maps: Maps) -> Maps:
        """All maps on one canvas, from noise."""
        return self.joint(maps, init="noise")


def main() -> None:
    """Do it all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="RESULTS")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--exemplar-size", type=int)
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--methods", default="separate,noise,joint")
    parser.add_argument("--judge", metavar="PROGRAM")
    given = parser.parse_args()
    maps = {
        id: Picture(scaled(read(path).pixels, given.exemplar_size or given.size), "uint8")
        for id, path in map_names.find(given.folder).maps.items()
    }
    workshop = Workshop(given.size, given.quality)
    save(given.output / "exemplar", maps)
    first = next(iter(maps))
    alone, _ = workshop.alone(maps, first)
    table: list[dict[str, object]] = []
    rows = [row(maps)]
    for method in given.methods.split(","):
        seconds, made = timed(lambda m=method: getattr(workshop, m)(maps))  # type: ignore[misc]
        if method == "separate":
            seconds = sum(workshop.alone(maps, id)[0] for id in maps)
        save(given.output / method, made)
        figures = {"method": method, "time": round(seconds / alone, 2), **sense(maps, made)}
        if given.judge:
            figures |= looks(given.judge, given.output / "exemplar", given.output / method)
        print(figures, flush=True)
        table.append(figures)
        rows.append(row(made))
    widest = max(pixels.shape[1] for pixels in rows)
    wide = [np.pad(r, ((0, 0), (0, widest - r.shape[1]), (0, 0))) for r in rows]
    Image.fromarray(np.concatenate(wide)).save(given.output / "sheet.png")
    keys = list(table[0])
    lines = [keys, ["---"] * len(keys), *([str(figures[k]) for k in keys] for figures in table)]
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    (given.output / "table.md").write_text(text, encoding="utf-8")


def scaled(pixels: np.ndarray, size: int) -> np.ndarray:
    """A map as a square of that size."""
    h, w = pixels.shape[1:]
    return resizing.scaled(torch.from_numpy(pixels), size / h, size / w).clamp(0, 1).numpy()


def timed(work: Callable[[], Maps]) -> tuple[float, Maps]:
    """Seconds of the processor, and what was made."""
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


def sense(maps: Maps, made: Maps) -> dict[str, object]:
    """Whether lengths and ranges are kept."""
    figures: dict[str, object] = {}
    outside = []
    for id, picture in made.items():
        old, new = maps[id].pixels, picture.pixels
        if get_kind(id).meaning == "normal":
            bits = 65535 if choose_depth(id, Path("a.png"), "auto", "uint8") == "uint16" else 255
            n = np.round(new[:3] * bits) / bits * 2 - 1
            figures["length"] = f"{np.abs(np.linalg.norm(n, axis=0) - 1).mean():.1e}"
            figures["blue"] = round(float(new[2].min()), 2)
        elif get_kind(id).meaning == "scalars":
            outside.append(float(((new < old.min()) | (new > old.max())).mean()))
    return figures | {"range": max(outside, default=0.0)}


def looks(judge: str, exemplar: Path, made: Path) -> dict[str, object]:
    """What the judge says of each picture that was saved."""
    figures: dict[str, object] = {}
    worst = {"seam": 0.0, "edge": 0.0, "copy": 0.0}
    for path in sorted(exemplar.iterdir()):
        said = subprocess.run(
            [sys.executable, judge, str(path), str(made / path.name)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found = json.loads(said.strip().splitlines()[-1])
        figures[path.stem] = found["look"]
        worst = {name: max(value, found[name]) for name, value in worst.items()}
    return figures | worst


def save(folder: Path, maps: Maps) -> None:
    """The maps, and the pictures of what is between them, as PNG of 8 bits."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = {id: p.pixels for id, p in maps.items()}
    quantity = next((id for id in maps if get_kind(id).meaning == "scalars"), None)
    if "base_color" in maps and "normal" in maps:
        light = np.tensordot([0.2126, 0.7152, 0.0722], maps["base_color"].pixels[:3], 1)
        n = maps["normal"].pixels
        shown["lum-nx-ny"] = np.stack([light, n[0], n[1]])
        if quantity:
            shown["lum-q-nx"] = np.stack([light, maps[quantity].pixels[0], n[0]])
    for name, pixels in shown.items():
        write(folder / f"{name}.png", Picture(np.asarray(pixels, np.float32).clip(0, 1), "uint8"))


def row(maps: Maps) -> np.ndarray:
    """Maps side by side, in 8 bits."""
    pictures = [np.broadcast_to(p.pixels[:3], (3, *p.pixels.shape[1:])) for p in maps.values()]
    side = np.concatenate(pictures, 2).clip(0, 1).transpose(1, 2, 0)
    return np.round(side * 255).astype(np.uint8)


if __name__ == "__main__":
    main()
