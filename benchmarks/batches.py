"""Count what a batch keeps while its workers are killed, and what handing out rows costs.

    python3 benchmarks/batches.py kills [--rows 200] [--every 20] [--size 256] [-o FOLDER]
    python3 benchmarks/batches.py overhead [--rows 24] [--size 256] [-o FOLDER]

``kills`` makes a batch row by row in one process, and again on two workers of which one is killed
(`kill -9`) every so many seconds, or, where a machine is so busy that workers take longer to begin,
as soon as another row is done; then it compares: every result there, none half, none made twice,
the same pixels, the report complete. ``overhead`` makes the same rows by two processes that share
nothing (``--part 1/2`` and ``2/2``) and by two of Dask's workers, in turn, and compares the time
that a row takes while both have rows; what processes take to begin, and what one waits for the
other at the end, is not in it.

All processes have one thread, so that pixels can be compared. Linux; the engine's environment with
the extra ``cluster``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXEMPLAR = ROOT / "demo" / "exemplar.png"
WORKERS = 2


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("kills", "overhead"))
    parser.add_argument("--rows", type=int, default=0, help="default: 200; 24 for overhead")
    parser.add_argument("--every", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--weights", default="auto")
    parser.add_argument("--iterations", type=int, help="default: as the quality has it")
    parser.add_argument("--repeats", type=int, default=2, help="of overhead")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of who is killed")
    parser.add_argument("-o", "--output", type=Path, default=Path("batches"), metavar="FOLDER")
    given = parser.parse_args()
    folder = given.output.absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = given.rows or (200 if given.what == "kills" else 24)
    queue = write_queue(folder, rows)
    words = [str(queue), "--size", str(given.size), "--quality", given.quality]
    words += ["--weights", given.weights, "--device", "cpu"]
    words += ["--iterations", str(given.iterations)] if given.iterations else []
    if given.what == "kills":
        count_kills(folder, words, rows, given.every, given.seed)
    else:
        measure_overhead(folder, words, given.repeats)


def write_queue(folder: Path, rows: int) -> Path:
    """Write a queue of one exemplar with many seeds."""
    queue = folder / "queue.jsonl"
    lines = ({"image": str(EXEMPLAR), "name": f"{n:04}", "seed": n} for n in range(1, rows + 1))
    queue.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return queue


def start(words: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a batch; what it says goes to a file."""
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "texcore", "batch", *words],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )


def count_kills(folder: Path, words: list[str], rows: int, every: float, seed: int) -> None:
    """Make a batch while workers are killed, and look at what there is."""
    alone, farm = folder / "alone", folder / "farm"
    begun = time.monotonic()
    process = start([*words, "-o", str(farm), "--workers", str(WORKERS)], folder / "farm.log")
    chance, kills, seen, twice = random.Random(seed), 0, dict[str, int](), set[str]()
    due, known = time.monotonic() + every, 0
    while process.poll() is None:
        time.sleep(0.2)
        for path in farm.glob("*.png"):
            file = path.stat().st_ino
            if seen.setdefault(path.name, file) != file:
                twice.add(path.name)
        workers = list_workers(process.pid)
        if time.monotonic() >= due and len(seen) > known and workers:
            due, known = time.monotonic() + every, len(seen)
            os.kill(chance.choice(workers), signal.SIGKILL)
            kills += 1
    seconds = time.monotonic() - begun
    begun = time.monotonic()
    start([*words, "-o", str(alone), "-q"], folder / "alone.log").wait()
    one_by_one = time.monotonic() - begun
    report = read_report(farm)
    results = {path.name: path.read_bytes() for path in farm.glob("*.png")}
    same = {path.name: path.read_bytes() for path in alone.glob("*.png")}
    print(f"{rows} rows, {kills} kills in {seconds:.0f} s; one by one {one_by_one:.0f} s")
    print(f"exit status {process.returncode}")
    print(f"results there: {len(results)}; equal to one by one: {count_equal(results, same)}")
    print(f"put in place twice: {len(twice)}")
    print(f"lines of the report: {len(report)}; rows in it: {len({r['row'] for r in report})}")
    print(f"states: {count_states(report)}; gone on from a checkpoint: {count_resumed(report)}")
    print(f"left half made: {len(list((farm / '.texcore' / 'work').iterdir()))}")


def list_workers(parent: int) -> list[int]:
    """The processes in which a batch has its workers."""
    found = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        try:
            children = (task / "children").read_text().split()
            found += [c for c in children if b"spawn_main" in read_command(c)]
        except OSError:
            continue  # it has ended meanwhile
    return [int(child) for child in found]


def read_command(process: str) -> bytes:
    """The command line of a process."""
    return Path(f"/proc/{process}/cmdline").read_bytes()


def read_report(folder: Path) -> list[dict[str, Any]]:
    """The lines of a batch's report."""
    lines = (folder / "report.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def count_equal(some: dict[str, bytes], others: dict[str, bytes]) -> int:
    """How many files of a name are the same."""
    return sum(others.get(name) == content for name, content in some.items())


def count_states(report: list[dict[str, Any]]) -> dict[str, int]:
    """How many rows have come to what."""
    states = [line["state"] for line in report]
    return {state: states.count(state) for state in sorted(set(states))}


def count_resumed(report: list[dict[str, Any]]) -> int:
    """How many rows went on from a checkpoint."""
    return sum(any("Gone on after" in note for note in line["notes"]) for line in report)


def measure_overhead(folder: Path, words: list[str], repeats: int) -> None:
    """Compare Dask's workers with processes that share nothing."""
    plain, farmed = [], []
    for number in range(repeats):
        out = folder / f"parts-{number}"
        parts = [
            start([*words, "-o", str(out), "-q", "--part", f"{k}/{WORKERS}"], folder / f"{k}.log")
            for k in range(1, WORKERS + 1)
        ]
        for part in parts:
            part.wait()
        plain.append(measure_pace(out))
        out = folder / f"farm-{number}"
        start([*words, "-o", str(out), "--workers", str(WORKERS)], folder / "farm.log").wait()
        farmed.append(measure_pace(out))
        print(f"a row: {plain[-1]:.3f} s by parts, {farmed[-1]:.3f} s by Dask", flush=True)
    ratio = statistics.median(f / p for f, p in zip(farmed, plain, strict=True))
    print(f"median of the ratios: {ratio:.3f}")


def measure_pace(folder: Path) -> float:
    """Seconds that a worker takes for a row, while none of them waits for another.

    That is from the first result of the last one to begin until one has nothing left to do.
    """
    times = sorted(path.stat().st_mtime for path in folder.glob("*.png"))
    busy = times[WORKERS - 1 : len(times) - WORKERS + 1]
    return (busy[-1] - busy[0]) / (len(busy) - 1) * WORKERS


if __name__ == "__main__":
    main()
