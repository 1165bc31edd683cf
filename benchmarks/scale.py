"""Say how long a batch takes on many workers: by a formula, and by playing it through.

    python3 benchmarks/scale.py    # the table of benchmarks/batches.md
    python3 benchmarks/scale.py --rows 10000 --workers 64 --seconds 20 --deaths 0.1
    python3 benchmarks/scale.py --report out/report.jsonl --workers 2    # of a batch that was made

A row takes a time that is spread as a lognormal distribution is, a worker takes some seconds to
begin, it dies now and then, and begins anew; its row, which goes on from its last checkpoint, is
given to the next worker that is free. Rows are handed out one after the other, each of which takes
the scheduler a moment, or in parts: every N-th row to a worker, whatever the others do.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Farm:
    """What decides how long a batch takes; times in seconds.

    Attributes:
        workers: How many there are.
        start: What a worker takes until its first row begins.
        handing: What the scheduler takes to hand out a row and to take what came of it.
        deaths: Of a worker, an hour.
        checkpoint: Between two checkpoints of a row.
        parts: Whether each worker has its own rows from the beginning.
    """

    workers: int
    start: float = 5.0
    handing: float = 0.002
    deaths: float = 0.0
    checkpoint: float = 60.0
    parts: bool = False


def predict(farm: Farm, rows: int, mean: float, spread: float) -> float:
    """Say by a formula how long a batch takes, in seconds.

    The work is shared out, and each worker begins once. A worker that dies costs the time to begin
    and, on average, half a row or half the time between two checkpoints. A scheduler cannot hand
    out rows faster than it can. In the end the others wait for the last row; in parts, for the part
    that has the longest rows: a sum of so many rows, and the greatest of so many such sums.

    Args:
        farm: The workers.
        rows: How many.
        mean: Seconds of a row.
        spread: Standard deviation of these, over their mean.
    """
    lost = farm.deaths / 3600 * (farm.start + min(mean, farm.checkpoint) / 2)
    each = rows / farm.workers
    work = each * (mean + (0 if farm.parts else farm.handing)) * (1 + lost)
    if farm.parts:
        tail = spread * mean * math.sqrt(max(each, 1)) * math.sqrt(2 * math.log(farm.workers + 1))
    else:
        tail = mean / 2 * (1 + spread) if each > 1 else mean * spread
        work = max(work, rows * farm.handing)
    return farm.start + work + tail


def simulate(farm: Farm, seconds: Sequence[float], seed: int = 0) -> float:
    """Play a batch through, row by row; returns how long it takes, in seconds.

    Args:
        farm: The workers.
        seconds: Of each row, in the order of handing out.
        seed: Of the deaths.
    """
    chance = random.Random(seed)
    if farm.parts:
        own = [list(seconds[number :: farm.workers]) for number in range(farm.workers)]
        return max(_work_off(replace(farm, workers=1), rows, chance) for rows in own)
    return _work_off(farm, list(seconds), chance)


def _work_off(farm: Farm, rows: list[float], chance: random.Random) -> float:
    """Give the next row to the worker that is free first, until all have been made."""
    free = [farm.start] * farm.workers
    waiting = rows[::-1]
    scheduler, end = 0.0, 0.0
    while waiting:
        left = waiting.pop()
        now = heapq.heappop(free)
        if not farm.parts:
            scheduler = max(scheduler, now) + farm.handing
            now = scheduler
        lives = chance.expovariate(farm.deaths / 3600) if farm.deaths else math.inf
        if lives < left:
            kept = math.floor(lives / farm.checkpoint) * farm.checkpoint
            waiting.append(left - kept)
            heapq.heappush(free, now + lives + farm.start)
            continue
        end = max(end, now + left)
        heapq.heappush(free, now + left)
    return end


def draw(rows: int, mean: float, spread: float, seed: int = 0) -> list[float]:
    """Draw the seconds of rows, of a lognormal distribution."""
    chance = random.Random(seed)
    variance = math.log(1 + spread**2)
    middle = math.log(mean) - variance / 2
    return [chance.lognormvariate(middle, math.sqrt(variance)) for _ in range(rows)]


def main() -> None:
    """Compare formula and simulation, for one batch or for a table of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="of a row")
    parser.add_argument("--spread", type=float, default=0.3, help="deviation over mean")
    parser.add_argument("--deaths", type=float, default=0.0, help="of a worker, an hour")
    parser.add_argument("--start", type=float, default=5.0)
    parser.add_argument("--handing", type=float, default=0.002)
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--report", type=Path, help="of a batch that was made")
    given = parser.parse_args()
    farm = Farm(given.workers, given.start, given.handing, given.deaths, parts=given.parts)
    if given.report:
        seconds = read_seconds(given.report)
        mean = sum(seconds) / len(seconds)
        spread = math.sqrt(sum((s - mean) ** 2 for s in seconds) / len(seconds)) / mean
        say(farm, len(seconds), mean, spread, simulate(farm, seconds))
        return
    print("| rows | s a row | workers | | deaths / h | formula | played through | off |")
    print("|---|---|---|---|---|---|---|---|")
    if given.rows:
        play(farm, given.rows, given.seconds, given.spread)
        return
    for rows, mean, workers in ((200, 2, 2), (10_000, 20, 64), (1_000_000, 20, 2000)):
        for parts in (False, True):
            for deaths in (0.0, 1.0):
                play(Farm(workers, deaths=deaths, parts=parts), rows, mean, given.spread)


def play(farm: Farm, rows: int, mean: float, spread: float) -> None:
    """Compare for rows that are drawn."""
    say(farm, rows, mean, spread, simulate(farm, draw(rows, mean, spread)))


def say(farm: Farm, rows: int, mean: float, spread: float, played: float) -> None:
    """Print a line of the table."""
    how = "parts" if farm.parts else "Dask"
    formula = predict(farm, rows, mean, spread)
    print(
        f"| {rows} | {mean:.3g} | {farm.workers} | {how} | {farm.deaths:g} | {formula:.0f} s "
        f"| {played:.0f} s | {formula / played - 1:+.1%} |"
    )


def read_seconds(report: Path) -> list[float]:
    """The seconds of the rows that a batch has made, by its report."""
    lines = map(json.loads, report.read_text(encoding="utf-8").splitlines())
    return [line["seconds"] for line in lines if line["state"] == "made"]


if __name__ == "__main__":
    main()
