"""Compare what a texture costs in two versions of the engine: processor time of one thread.

    python3 benchmarks/seconds.py BEFORE AFTER PICTURE... [--size 512] [--quality standard draft]

BEFORE and AFTER are clones of this repository, each with its `.venv` (`python3 build.py setup`).
Both make a texture of every picture by their command line, one after the other, in turn, so that
whatever else the machine does meets both; the whole process counts, from Python's start to the
written file, and the most memory that it held. Of AFTER the median of ``--repeats`` runs is taken,
at each of its qualities; BEFORE, which takes minutes, runs once unless ``--repeats-before`` says
otherwise. The textures stay in DIR, to be looked at.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


def main() -> None:
    """Compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+", help="or a folder of maps each")
    parser.add_argument("--size", default="512")
    parser.add_argument("--quality", nargs="+", default=["standard"], help="of AFTER")
    parser.add_argument("--quality-before", default="standard", help="of BEFORE")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--repeats-before", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=Path("seconds"), metavar="DIR")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    versions = [
        ("before", given.before, given.quality_before, given.repeats_before),
        *((quality, given.after, quality, given.repeats) for quality in given.quality),
    ]
    print("| Picture |" + "".join(f" {name}, s (GB) |" for name, *_ in versions))
    print("|---|" + "---|" * len(versions), flush=True)
    ratios: dict[str, list[float]] = {name: [] for name, *_ in versions}
    for picture in given.pictures:
        of = picture.stem if picture.stem != "A" else picture.parent.name
        runs: dict[str, list[Cost]] = {name: [] for name, *_ in versions}
        for k in range(max(given.repeats, given.repeats_before)):
            for name, clone, quality, repeats in versions:
                if k < repeats:
                    ending = "" if picture.is_dir() else ".png"
                    output = (given.output / f"{of}-{name}{ending}").resolve()
                    words = [str(picture.resolve()), "--size", given.size, "--seed", "1"]
                    words += ["--quiet", "--quality", quality, "-o", str(output)]
                    runs[name].append(run(clone, words))
        row = f"| {of} |"
        before = statistics.median(cost.seconds for cost in runs["before"])
        for name, costs in runs.items():
            seconds = statistics.median(cost.seconds for cost in costs)
            ratios[name].append(before / seconds)
            most = max(cost.gigabytes for cost in costs)
            row += f" {seconds:.1f}, {before / seconds:.1f}× ({most:.2f}) |"
        print(row, flush=True)
    print("| median |" + "".join(f" {statistics.median(r):.1f}× |" for r in ratios.values()))


class Cost(NamedTuple):
    """What a process took: its user time, and the most memory that it held."""

    seconds: float
    gigabytes: float


def run(clone: Path, words: Sequence[str]) -> Cost:
    """Run ``texcore synthesize`` in a clone, on one thread."""
    program = clone.resolve() / ".venv" / "bin" / "python"
    # Modules are compiled once, as they are for whoever has installed the engine.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [program, "-m", "texcore", "synthesize", *words],
        cwd=clone,
        env=env | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{clone} ended with {os.waitstatus_to_exitcode(status)}.")
    return Cost(used.ru_utime, used.ru_maxrss * 1024 / 1e9)


if __name__ == "__main__":
    main()
