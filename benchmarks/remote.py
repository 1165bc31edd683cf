"""What ssh costs: the same textures by the engine here, and by one behind sshd and a slow line.

    python benchmarks/remote.py [--rounds 3] [--size 256]

Both engines are on this machine, so that what differs is the way. The line takes 25 ms each way and
10 MB/s. The client is a program that speaks as Blender does, with a preview.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.running import Engine  # noqa: E402
from tests.sshd import Sshd  # noqa: E402
from texcore.contract.jobs import Job  # noqa: E402
from texcore.contract.recipe import Recipe  # noqa: E402


def measure(engine: Engine, folder: Path, size: int, rounds: int) -> tuple[float, list[float], int]:
    """Return seconds to the greeting, of each texture, and how often a preview came."""
    begun = time.monotonic()
    engine.greet()
    greeted = time.monotonic() - begun
    seconds, previews = [], 0
    for number in range(rounds + 1):
        recipe = Recipe(size=(size, size), quality="draft", seed=number)
        exemplar, output = ROOT / "demo" / "exemplar.png", folder / f"{number}.png"
        preview = folder / "preview.npy"
        job = Job.of_picture(exemplar, output, recipe, preview=preview, weights="random")
        begun = time.monotonic()
        answer, before = engine.until_answer(engine.ask("synthesize", job))
        assert "result" in answer, answer
        seconds.append(time.monotonic() - begun)
        previews += sum(message["params"].get("previewed", False) for message in before)
    return greeted, seconds[1:], previews


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=256)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sshd").mkdir()
        sshd = Sshd(folder / "sshd")
        try:
            for way in ("here", "by ssh"):
                (folder / way).mkdir()
                home = folder / f"home {way}"
                start = Engine(home) if way == "here" else sshd.reach(home)
                with start as engine:
                    greeted, seconds, previews = measure(
                        engine, folder / way, given.size, given.rounds
                    )
                    engine.end_of_input()
                print(
                    f"| {way} | {greeted:.1f} | {statistics.median(seconds):.2f} "
                    f"| {min(seconds):.2f}–{max(seconds):.2f} | {previews} |",
                    flush=True,
                )
            print(f"{sshd.line.carried / 1e6:.1f} MB went over the line.")
        finally:
            sshd.close()


if __name__ == "__main__":
    main()
