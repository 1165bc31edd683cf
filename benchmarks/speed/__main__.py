"""Measure the engine and write what was found; ``build.py bench`` runs this.

Needs nothing but PyTorch and numpy; what needs more (OpenImageIO, matplotlib, Blender) is left out
where that is missing, and said to be.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import Any

import torch

from texcore.models import presets
from texcore.runtime import devices

from . import machine, parts, report, startup, subject, versus, whole

_PICTURE = Path("demo") / "exemplar.png"


def main() -> int:
    """Measure everything, then write."""
    given = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        found = measured(given)
        for path in report.write(given.output, given.name, found):
            say(f"wrote {path}")
    except machine.NotMeasured as e:
        say(str(e))
        return 1
    except KeyboardInterrupt:
        say("Stopped; nothing was written.")
        return 130
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--quick", action="store_true", help="minutes, rough figures")
    parser.add_argument("--sizes", type=_sizes, help="sides of whole runs, such as 256,1024")
    parser.add_argument("--quality", default="draft", help="of the whole runs")
    parser.add_argument("--weights", choices=subject.WEIGHTS, default="auto")
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto")
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument(
        "--exemplar",
        type=Path,
        nargs="+",
        default=[_PICTURE],
        metavar="PICTURE",
        help="of several, each is made by both in the comparison",
    )
    parser.add_argument(
        "--judge", metavar="PROGRAM", help="is given two pictures; prints JSON with “look”"
    )
    parser.add_argument("--evaluations", type=int, help="of the baseline; default: 2000")
    parser.add_argument("--blender", default="", help=argparse.SUPPRESS)
    parser.add_argument("--command", default=shlex.join(sys.argv), help=argparse.SUPPRESS)
    parser.add_argument("--name", default="speed", help="of the files written")
    parser.add_argument("--output", type=Path, default=Path("benchmarks"), metavar="DIR")
    return parser.parse_args()


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    begun = time.perf_counter()
    if given.judge and subject.missing():
        raise machine.NotMeasured(f"A judge wants pictures: {subject.missing()} is missing.")
    device = devices.choose(given.device)
    dtype = devices.precision(given.precision, device)
    described = machine.describe(device, dtype)
    say(f"{described['device']}, {described['precision']}, torch {described['torch']}")
    network = subject.network(given.weights)
    moved = network.to(device, dtype)
    small = device.type == "cpu"
    side = (128 if given.quick else 256) if small else 1024
    image = subject.exemplar(given.exemplar[0], 256)
    deepest = presets.make_preset("default", network).layer_names[-1]
    say(f"convolutions at {side}²")
    layers = parts.layers(moved, deepest, side, device)
    evaluations = []
    for n in _evaluated(small, given.quick):
        say(f"an evaluation at {n}²")
        evaluations.append(parts.evaluation(moved, image, n, device, once=n > 2 * side))
    found: dict[str, Any] = {
        "command": _public(given.command),
        "machine": described,
        "network": network.name,
        "exemplar": _named(given.exemplar[0]),
        "layers side": side,
        "layers": layers,
        "evaluations": evaluations,
        "files": _files(image, device),
        "startup": _startup(given),
        "blender": json.loads(given.blender) if given.blender else {},
        "versus": _versus(given, network, device, dtype),
        "runs": _runs(given, small),
    }
    return found | {"seconds": time.perf_counter() - begun}


def _public(command: str) -> str:
    """A command line without where things lie on this computer."""
    words = (Path(word).name if Path(word).is_absolute() else word for word in shlex.split(command))
    return shlex.join(words)


def _named(path: Path) -> str:
    return "discs, seeded (OpenImageIO is missing)" if subject.missing() else path.name


def _files(image: torch.Tensor, device: torch.device) -> list[dict[str, Any]]:
    say("files")
    if subject.missing():
        say(f"not measured, {subject.missing()} is missing")
        return []
    large = torch.nn.functional.interpolate(image[None], scale_factor=4, mode="bicubic")[0]
    return parts.files(large.clamp(0, 1), device)


def _startup(given: argparse.Namespace) -> dict[str, Any]:
    say("start")
    if subject.missing():
        say(f"not measured, {subject.missing()} is missing")
        return {}
    return startup.measure(given.exemplar[0], given.weights, given.device)


def _versus(
    given: argparse.Namespace, network: Any, device: torch.device, dtype: torch.dtype
) -> list[dict[str, Any]]:
    side = 128 if given.quick else 256
    evaluations = given.evaluations or (100 if given.quick else 2000)
    quality = "draft" if given.quick else "standard"
    found = []
    for path in given.exemplar:
        say(f"plain Gatys and ours at {side}², {_named(path)}")
        exemplar = subject.exemplar(path, side)
        one = versus.compare(
            network, exemplar, device, dtype, evaluations, quality, given.judge, say
        )
        found.append({"exemplar": _named(path), **one})
    return found


def _runs(given: argparse.Namespace, small: bool) -> list[dict[str, Any]]:
    sizes = given.sizes
    if sizes is None and small:
        sizes = [64, 128] if given.quick else [128, 256, 512, 1024]
    elif sizes is None:
        sizes = [512, 1024] if given.quick else [1024, 2048, 4096]
    runs = []
    for side in sizes:
        say(f"a whole run, {side}², {given.quality}")
        runs.append(whole.measure(given, side, given.quality))
        say("failed" if "failed" in runs[-1] else f"{runs[-1]['seconds']:.1f} s")
    return runs


def _evaluated(small: bool, quick: bool) -> list[int]:
    if small:
        return [128, 256] if quick else [128, 256, 512, 1024]
    return [512, 1024] if quick else [512, 1024, 2048, 4096]


def _sizes(text: str) -> list[int]:
    with contextlib.suppress(ValueError):
        sizes = [int(word) for word in text.split(",")]
        if all(32 <= n <= 16384 for n in sizes):
            return sizes
    raise argparse.ArgumentTypeError(f"“{text}” is no list of sides such as 256,1024")


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
