"""Run every campaign with a seed, and write what came of it into docs/reliability.md."""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "reliability.md"
BEGINNING = "<!-- Written by `python3 build.py faults`. -->\n"
END = "<!-- The end of what is written by it. -->\n"
#: How many faults of each kind a whole run has.
COUNTS = {
    "kills": 200,
    "engine_kills": 200,
    "messages": 100_000,
    "pictures": 20_000,
    "recipes": 5_000,
    "checkpoints": 5_000,
    "networks": 5_000,
    "disks": 200,
    "full_disks": 200,
    "soak": 1_000,
    "blender_kills": 100,
    "blender_marks": 5_000,
    "blender_queues": 5_000,
    "network": 20,
}


def main():
    """Run; the exit status says whether something fell."""
    given = _parser().parse_args()
    outcomes = []
    folder = Path(tempfile.mkdtemp(prefix="texcore-faults-"))
    begun = time.monotonic()
    try:
        for name, count in given.only or COUNTS.items():
            outcome = run(name, count, given.seed, folder / name)
            print(outcome.row(), *outcome.fallen[:20], sep="\n    ", flush=True)
            outcomes.append(outcome)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if given.write:
        write(outcomes, given, time.monotonic() - begun)
    return 1 if any(outcome.fallen for outcome in outcomes) else 0


def run(name, count, seed, folder):
    """Run one campaign; of the same seed and count it has the same faults."""
    from tests.making import bricks, save_png

    from . import (
        blender_fuzz,
        blender_kills,
        damaged,
        disks,
        engine_kills,
        full_disks,
        kills,
        messages,
        network,
        soak,
    )

    campaigns = {
        "kills": kills,
        "engine_kills": engine_kills,
        "blender_kills": blender_kills,
        "messages": messages,
        "disks": disks,
        "full_disks": full_disks,
        "soak": soak,
        "network": network,
    }
    rng = random.Random(f"{name} {seed}")
    if name in ("blender_marks", "blender_queues"):
        return getattr(blender_fuzz, name.removeprefix("blender_"))(rng, count, folder)
    if name not in campaigns:
        return getattr(damaged, name)(rng, count, folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    exemplar = save_png(folder.parent / f"{name}.png", bricks(48, 56))
    return campaigns[name].campaign(rng, count, folder, exemplar)


def write(outcomes, given, seconds):
    """Put the table of a run into the page, and beside it pictures of what was measured."""
    from . import plots

    fallen = [line for outcome in outcomes for line in outcome.fallen]
    only = "".join(f" {name}={count}" for name, count in given.only)
    lines = [
        "",
        f"`python3 build.py faults --seed {given.seed}{only}`, {date.today()}, {_machine()}: "
        f"{sum(outcome.tried for outcome in outcomes):,} faults in {seconds / 60:.0f} minutes.",
        "",
        "| What was done | Faults | What came of them | Failed | Seconds |",
        "|---|---|---|---|---|",
        *(outcome.row() for outcome in outcomes),
        "",
        *(f"- {line[:300]}" for line in fallen[:50]),
        *([""] if fallen else []),
    ]
    text = DOCUMENT.read_text(encoding="utf-8")
    pattern = re.compile(f"(?<={re.escape(BEGINNING)}).*(?={re.escape(END)})", re.DOTALL)
    table = "\n".join(lines) + "\n"
    DOCUMENT.write_text(pattern.sub(lambda _: table, text), encoding="utf-8", newline="\n")
    for outcome in outcomes:
        if outcome.series:
            plots.draw_series(
                DOCUMENT.with_name("reliability-soak.png"), outcome.series, "textures"
            )
    moments = {outcome.title: outcome.moments for outcome in outcomes if outcome.moments}
    if moments:
        plots.draw_moments(DOCUMENT.with_name("reliability-kills.png"), moments)


def _machine():
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python " + ".".join(
        map(str, sys.version_info[:2])
    )


def _named(word):
    """A campaign and how many faults it has."""
    name, _, number = word.partition("=")
    if name not in COUNTS or not (number or "1").isdecimal() or number == "0":
        raise argparse.ArgumentTypeError(f"{word} is none of {', '.join(COUNTS)}, or has no number")
    return name, int(number or COUNTS[name])


def _parser():
    parser = argparse.ArgumentParser(prog="build.py faults", description=__doc__)
    add = parser.add_argument
    add(
        "only",
        nargs="*",
        type=_named,
        metavar="CAMPAIGN[=N]",
        help=f"of {', '.join(COUNTS)}, and how many faults; default: all",
    )
    add("--seed", type=int, default=0, help="draws the faults")
    add("--write", action="store_true", help="write the table into docs/reliability.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
