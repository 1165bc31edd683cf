"""Compare what a texture costs in two versions of the engine: processor time of one thread.

    python3 benchmarks/seconds.py BEFORE AFTER PICTURE... [--size 512] [--quality standard] [-o DIR]

BEFORE and AFTER are clones of this repository, each with its `.venv` (`python3 build.py setup`).
Both make a texture of every picture by their command line, one after the other, in turn, so that
whatever else the machine does meets both; the whole process counts, from Python's start to the
written file. Of AFTER the median of ``--repeats`` runs is taken; BEFORE, which takes minutes, runs
once unless ``--repeats-before`` says otherwise. The textures stay in DIR, to be looked at.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path


def main() -> None:
    """Compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+", help="or a folder of maps each")
    parser.add_argument("--size", default="512")
    parser.add_argument("--quality", default="standard", help="of AFTER")
    parser.add_argument("--quality-before", default="standard", help="of BEFORE")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--repeats-before", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=Path("seconds"), metavar="DIR")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    print("| Picture | Before, s | After, s | Before / after |\n|---|---|---|---|")
    ratios = []
    for picture in given.pictures:
        name = picture.stem if picture.stem != "A" else picture.parent.name
        words = [str(picture.resolve()), "--size", given.size, "--seed", "1", "--quiet"]
        times: dict[Path, list[float]] = {given.before: [], given.after: []}
        for k in range(max(given.repeats, given.repeats_before)):
            for clone, quality, repeats in (
                (given.before, given.quality_before, given.repeats_before),
                (given.after, given.quality, given.repeats),
            ):
                if k < repeats:
                    version = "before" if clone == given.before else "after"
                    ending = "" if picture.is_dir() else ".png"
                    output = (given.output / f"{name}-{version}{ending}").resolve()
                    times[clone].append(
                        run(clone, [*words, "--quality", quality, "-o", str(output)])
                    )
        before, after = (statistics.median(times[clone]) for clone in (given.before, given.after))
        ratios.append(before / after)
        print(f"| {name} | {before:.0f} | {after:.1f} | {ratios[-1]:.1f} |", flush=True)
    print(f"| median | | | {statistics.median(ratios):.1f} |")


def run(clone: Path, words: Sequence[str]) -> float:
    """Run ``texcore synthesize`` in a clone on one thread; returns its user time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(
        [clone.resolve() / ".venv" / "bin" / "python", "-m", "texcore", "synthesize", *words],
        cwd=clone,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


if __name__ == "__main__":
    main()
