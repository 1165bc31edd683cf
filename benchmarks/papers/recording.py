"""Make one texture and keep its losses: a program of its own, so that each run starts afresh.

    python -m benchmarks.papers.recording FOLDER CHANGES synthesize PICTURE -o OUT.png [OPTIONS]

CHANGES is JSON: fields of the model's preset that are other ones in this run, for a paper compares
with what no option of the command line turns off. Into FOLDER go ``loss.csv`` and ``run.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from texcore.cli import companion_options, synthesize
from texcore.contract.jobs import Job
from texcore.contract.options import read_options
from texcore.contract.recipe import Recipe
from texcore.models import presets
from texcore.service.pipeline import run


def main() -> None:
    """Make it, and write down how it went."""
    folder, changes = Path(sys.argv[1]), json.loads(sys.argv[2])
    parser = argparse.ArgumentParser()
    synthesize.add(parser.add_subparsers())
    options = parser.parse_args(sys.argv[3:])
    companions, settings = companion_options.read(options)
    recipe = Recipe(**settings | read_options(options, synthesize.OPTIONS))
    job = Job.of_picture(options.exemplar, options.output.absolute(), recipe)
    job = replace(job, companions=companions, weights=options.weights)
    preset = replace(presets._PRESETS[recipe.model], **changes)
    begun, losses = time.process_time(), []
    with patch.dict(presets._PRESETS, {recipe.model: preset}):
        moments = run(job)
        while True:
            try:
                step = next(moments).step
            except StopIteration as stop:
                made = stop.value
                break
            if step.loss is not None:
                losses.append(f"{step.evaluations},{step.level},{step.loss:.8g}")
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
