"""Make one texture and keep its losses: a program of its own, so that each run starts afresh.

    python -m benchmarks.papers.recording FOLDER HOW synthesize PICTURE -o OUT.png [OPTIONS]

HOW is JSON. ``changes``: fields of the model's preset that are other ones in this run, for a paper
compares with what no option of the command line turns off. ``kept_at``: the picture after so many
evaluations goes into FOLDER as ``result-N.png``; null for none. ``loss.csv`` and ``run.json`` go
there too.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from PIL import Image

from texcore.cli import companion_options, synthesize
from texcore.contract.jobs import Job
from texcore.contract.options import read_options
from texcore.contract.recipe import Recipe
from texcore.models import presets
from texcore.service import progress
from texcore.service.pipeline import run


def main() -> None:
    """Make it, and write down how it went."""
    folder, how = Path(sys.argv[1]), json.loads(sys.argv[2])
    parser = argparse.ArgumentParser()
    synthesize.add(parser.add_subparsers())
    options = parser.parse_args(sys.argv[3:])
    companions, settings = companion_options.read(options)
    recipe = Recipe(**settings | read_options(options, synthesize.OPTIONS))
    job = Job.of_picture(options.exemplar, options.output.absolute(), recipe)
    job = replace(job, companions=companions, weights=options.weights)
    kept_at, preview = how["kept_at"], folder / "preview.png"
    kept = folder / f"result-{kept_at}.png"
    if kept_at:
        maps = {id: replace(files, preview=preview.absolute()) for id, files in job.maps.items()}
        job = replace(job, maps=maps)
    preset = replace(presets._PRESETS[recipe.model], **how["changes"])
    begun, losses = time.process_time(), []
    with (
        patch.dict(presets._PRESETS, {recipe.model: preset}),
        # Shown at every step, if it is to be kept at one.
        patch.multiple(progress, _PREVIEW_INTERVAL=0.0, _PREVIEW_SHARE=math.inf),
    ):
        moments = run(job)
        while True:
            try:
                moment = next(moments)
            except StopIteration as stop:
                made = stop.value
                break
            step = moment.step
            if step.evaluations == kept_at and not kept.exists():
                shutil.copyfile(preview, kept)
                progress._PREVIEW_INTERVAL = math.inf  # that was the one
            if step.loss is not None:
                losses.append(f"{step.evaluations},{step.level},{step.loss:.8g}")
    if kept_at:
        preview.unlink()
        # It shows all of a canvas that is larger where it does not wrap, at the far side.
        with Image.open(kept) as picture:
            picture.crop((0, 0, made.width, made.height)).save(kept)
    rows = "\n".join(["evaluations,level,loss", *losses])
    (folder / "loss.csv").write_text(rows + "\n", encoding="utf-8")
    found = {
        "seconds": round(time.process_time() - begun, 1),
        "evaluations": made.evaluations,
        "network": made.network,
        "precision": made.first.recipe.precision,
        "notes": made.notes,
    }
    (folder / "run.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
