"""``train``: a feature network of one's own, from a folder of photos."""

from __future__ import annotations

import argparse
import math
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from ..contract.choices import DEVICES
from ..contract.errors import Cancelled
from ..contract.estimates import format_duration
from .bar import Bar

if TYPE_CHECKING:
    from ..training.run import Trained, TrainingJob


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser(
        "train",
        help="train a network on your photos, for synthesize --features",
        description="Train an autoencoder on patches of your photos. Beside the network go a "
        "contact sheet, the loss curve, and what --resume goes on from.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("photos", type=Path, help="a folder with photos, and folders below it")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="NET.safetensors", help="the network"
    )
    parser.add_argument("--patch", type=int, metavar="N", help="pixels a side (default: 512)")
    parser.add_argument(
        "--batch", type=int, metavar="N", help="patches in a step (default: what suits the device)"
    )
    parser.add_argument(
        "--steps", type=int, metavar="N", help="when to end (default: what suits the device)"
    )
    parser.add_argument(
        "--minutes", type=float, metavar="M", help="when to end at the latest (default: no limit)"
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="of the filters and the patches (default: 0)"
    )
    parser.add_argument(
        "--device", choices=DEVICES, default="auto", help="what computes (default: auto)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the training of NET")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Train and say what came of it; returns the exit status."""
    from ..training.run import TrainingJob

    output: Path = options.output
    job = TrainingJob(
        photos=options.photos,
        output=output if output.suffix else output.with_suffix(".safetensors"),
        patch=options.patch,
        batch=options.batch,
        steps=options.steps,
        minutes=options.minutes,
        seed=options.seed,
        device=options.device,
        resume=options.resume,
    )
    trained = _train(job, Bar(quiet=options.quiet))
    for note in trained.notes:
        print(f"texcore: {note}", file=sys.stderr)
    if trained.stopped:
        raise Cancelled(
            f"stopped after {trained.steps} steps; “{trained.output}” has the best network so far, "
            "and --resume goes on."
        )
    print(
        f"{trained.output}: {trained.steps} steps, {format_duration(trained.seconds)}, "
        f"{trained.psnr:.1f} dB on held-out patches"
    )
    return 0


def _train(job: TrainingJob, bar: Bar) -> Trained:
    from ..service.progress import Clock
    from ..training.run import run

    with _Interrupt() as interrupt:
        training = run(job, stop=lambda: interrupt.asked)
        clock = Clock()
        try:
            while True:
                moment = next(training)
                interrupt.something_to_keep = True
                held = "" if moment.held_out == math.inf else f", held out {moment.held_out:.5f}"
                words = f"Step {moment.step}, error {moment.loss:.5f}{held}"
                bar.show(words, moment.fraction, clock.remaining(moment.fraction))
        except StopIteration as end:
            trained: Trained = end.value
            return trained
        finally:
            bar.close()


class _Interrupt:
    """Turns the first Ctrl-C, or polite kill, into a wish; the second ends at once.

    Attributes:
        asked: Whether to end after this step, and keep what has been learnt.
        something_to_keep: Set after the first step; before it, the first one ends at once too.
    """

    def __init__(self) -> None:
        self.asked = self.something_to_keep = False

    def __enter__(self) -> _Interrupt:
        numbers = (signal.SIGINT, signal.SIGTERM)
        self._before = {number: signal.signal(number, self._handle) for number in numbers}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if not self.something_to_keep:
            raise Cancelled("stopped; nothing was written.")
        if self.asked:
            raise Cancelled("stopped at once; the last checkpoint is there, --resume goes on.")
        self.asked = True
