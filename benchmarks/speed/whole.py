"""A whole run in a process of its own: time by phase, and the most memory it held.

``python -m benchmarks.speed.whole`` prints one line of JSON; see `arguments`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tools.project import ROOT


def measure(given: argparse.Namespace, side: int, quality: str) -> dict[str, Any]:
    """Run it in a child; times in seconds, memory in bytes, or why it failed."""
    words = ["--side", str(side), "--quality", quality, "--weights", given.weights]
    words += ["--device", given.device, "--precision", given.precision]
    words += ["--exemplar", str(given.exemplar[0])]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed.whole", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return {"side": side, "quality": quality, "failed": last}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def main() -> None:
    """The child."""
    given = arguments()
    begun = time.perf_counter()
    import torch

    from texcore.contract.recipe import Recipe
    from texcore.exemplars.exemplar import Exemplar
    from texcore.runtime import devices
    from texcore.runtime.context import Context
    from texcore.synthesis.run import Synthesis

    from . import machine, subject

    device = devices.choose(given.device)
    image = subject.exemplar(given.exemplar, min(given.side, 512))
    network = subject.network(given.weights)
    recipe = Recipe(size=(given.side, given.side), quality=given.quality)
    dtype = devices.precision(given.precision, device)
    imported = time.perf_counter()
    synthesis = Synthesis(Exemplar.of(image), recipe, network, Context(device, dtype))
    levels: dict[str, float] = {}
    loss, last = float("nan"), time.perf_counter()
    for step in synthesis.steps():
        now = time.perf_counter()
        name = f"{synthesis.levels[step.level].width}²"
        levels[name] = levels.get(name, 0.0) + now - last
        loss, last = step.loss, now
    result = synthesis.result().cpu()
    assert bool(torch.isfinite(result).all())
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "side": given.side,
                "quality": given.quality,
                "seconds": ended - imported,
                "start-up s": imported - begun,
                "evaluations": synthesis.evaluations,
                "µs a texel": (ended - imported) / given.side**2 * 1e6,
                "by level s": levels,
                "loss": loss,
                "memory": machine.peak_memory(),
                "device memory": machine.peak_device_memory(device),
            }
        )
    )


def arguments() -> argparse.Namespace:
    """What to run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, required=True)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--weights", default="auto")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--exemplar", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
