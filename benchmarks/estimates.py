"""Compare how long runs were said to take with how long they took.

    .venv/bin/python benchmarks/estimates.py FOLDER [-o estimates.md] [--busy]

FOLDER holds pictures, and folders with the maps of a material each. Runs of many sizes, models,
qualities, pictures and materials are made one after another by one warm engine, as in Blender, with
an empty cache: the first run of each kind calibrates, is in the table, and is not counted.
``engine`` is what the engine says once it has read the exemplar, ``panel`` what Blender's panel
says before, by sizes alone; both over the seconds that the run took by the clock. On a ``--busy``
machine one thread works, and its processor's time is the clock: nobody else disturbs that.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from texcore.runtime.threads import wait_politely  # noqa: E402

wait_politely()

import torch  # noqa: E402
from PIL import Image  # noqa: E402

from texcore.contract import calibration, estimates, map_names, user_folders  # noqa: E402
from texcore.contract.jobs import Job, Made, MapFiles  # noqa: E402
from texcore.contract.map_kinds import PICTURE  # noqa: E402
from texcore.contract.recipe import Recipe  # noqa: E402
from texcore.service import pipeline  # noqa: E402
from texcore.service.calibrating import Outlook  # noqa: E402

LOW, HIGH = 0.7, 1.4
_HEAD = """# How long it was said to take

`.venv/bin/python benchmarks/estimates.py FOLDER -o benchmarks/estimates.md`, with photos and sets
of maps from several sources. `s` is what a run took, `engine` and `panel` what they had said over
that: the engine once it has read the exemplar, Blender's panel before, by sizes alone. The first
two runs calibrate.
"""


@dataclass(frozen=True)
class Case:
    """A run: sides of exemplar and result in pixels, whether it is of a material, and a recipe."""

    exemplar: int
    result: int
    material: bool = False
    recipe: dict[str, Any] = field(default_factory=dict)


# The first two calibrate.
CASES = (
    Case(128, 128, recipe={"quality": "draft"}),
    Case(128, 256, recipe={"quality": "sketch"}),
    Case(128, 192, recipe={"quality": "draft"}),
    Case(256, 256, recipe={"quality": "draft"}),
    Case(256, 512, recipe={"quality": "draft"}),
    Case(320, 320),
    Case(256, 256),
    Case(512, 1024, recipe={"quality": "draft"}),
    Case(256, 512, recipe={"quality": "sketch"}),
    Case(512, 512, recipe={"quality": "sketch"}),
    Case(512, 2048, recipe={"quality": "sketch"}),
    Case(256, 1024, recipe={"quality": "sketch"}),
    Case(256, 384, recipe={"novelty": 1.0, "quality": "draft"}),
    Case(128, 128, recipe={"model": "gatys", "quality": "draft"}),
    Case(128, 192, recipe={"model": "multiscale", "quality": "draft"}),
    Case(96, 96, recipe={"model": "gap", "quality": "draft"}),
    Case(128, 128, recipe={"model": "smooth", "quality": "draft"}),
    Case(128, 256, True, {"quality": "draft"}),
    Case(256, 256, True, {"quality": "draft"}),
    Case(192, 192, True),
    Case(256, 512, True, {"quality": "sketch"}),
    Case(256, 256, recipe={"quality": "high"}),
)
CALIBRATING = 2


def main() -> None:
    """Do it all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE")
    parser.add_argument("--busy", action="store_true")
    given = parser.parse_args()
    if given.busy:
        torch.set_num_threads(1)
        time.monotonic = time.perf_counter = time.process_time
    pictures = sorted(p for p in given.folder.iterdir() if p.suffix in (".png", ".jpg"))
    sets = sorted(p for p in given.folder.iterdir() if p.is_dir() and map_names.find(p).maps)
    lines = ["| exemplar | recipe | s | engine | panel |", "|---|---|---|---|---|"]
    within: list[bool] = []
    weights = user_folders.cache_dir() / "weights"
    with tempfile.TemporaryDirectory() as spare:
        os.environ[user_folders.HOME_VARIABLE] = spare
        folder = user_folders.cache_dir()
        folder.mkdir(parents=True)
        if weights.is_dir():
            (folder / "weights").symlink_to(weights)
        for number, case in enumerate(CASES):
            sources = sets if case.material else pictures
            source = sources[number % len(sources)]
            job = make_job(case, source, Path(spare))
            panel = ask(case, job)
            real, engine = run(job)
            ratios = [None if told is None else told / real for told in (engine, panel)]
            if number >= CALIBRATING:
                within += [ratio is not None and LOW <= ratio <= HIGH for ratio in ratios]
            words = ", ".join(f"{key} {value}" for key, value in case.recipe.items()) or "standard"
            shown = " | ".join("–" if ratio is None else f"{ratio:.2f}" for ratio in ratios)
            what = f"{source.stem}, {case.exemplar}² | {words}, {case.result}²"
            lines.append(f"| {what} | {real:.1f} | {shown} |")
            print(lines[-1], flush=True)
    threads = torch.get_num_threads()
    said = f"{sum(within)} of {len(within)} between {LOW} and {HIGH}, {threads} threads"
    print(said)
    if given.output:
        clock = "the processor's time" if given.busy else "the clock"
        text = [_HEAD, *lines, "", f"{said}, by {clock}.", ""]
        given.output.write_text("\n".join(text), encoding="utf-8")


def make_job(case: Case, source: Path, folder: Path) -> Job:
    """Scale a picture, or the maps of a material, and say what shall become of them."""
    recipe = Recipe(size=(case.result, case.result), **case.recipe)
    maps = map_names.find(source).maps if case.material else {PICTURE: source}
    files = {}
    for kind, path in maps.items():
        small = folder / f"{source.stem}-{kind}-{case.exemplar}.png"
        side = case.exemplar, case.exemplar
        Image.open(path).convert("RGB").resize(side, Image.Resampling.LANCZOS).save(small)
        files[kind] = MapFiles(small, folder / f"new-{kind}.png")
    return Job(files, recipe)


def ask(case: Case, job: Job) -> float | None:
    """Tell the seconds that the panel would show."""
    asked = estimates.Asked(job.recipe, (case.exemplar, case.exemplar), tuple(job.maps))
    found = estimates.estimate(calibration.read_calibration(), asked)
    return None if found is None else found[0].total


def run(job: Job) -> tuple[float, float | None]:
    """Do a job: its seconds, and those that the engine has announced."""
    told: list[Outlook] = []
    work = pipeline.run(job, announce=told.append)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            made: Made = stop.value
            expected = told[0].expected
            return made.seconds, None if expected is None else expected.total


if __name__ == "__main__":
    main()
