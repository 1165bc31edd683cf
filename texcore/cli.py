"""The command line: ``python -m texcore``."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__
from .errors import BadInput, Cancelled, TexcoreError, Unavailable
from .recipe import (
    BIT_DEPTHS,
    DEVICES,
    ENCODINGS,
    MODELS,
    QUALITIES,
    TILINGS,
    Choice,
    Recipe,
    check_size,
)

if TYPE_CHECKING:
    from .pipeline import Made

# 128 + SIGINT, as shells expect of an interrupted program.
_INTERRUPTED = 130
# 128 + SIGPIPE
_PIPE_CLOSED = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit status: 0 done, 1 failed, 2 wrong use, 130 stopped."""
    # A terminal or file that knows no “×” gets a question mark, not the end of the program.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    if options.run is not _serve:
        # A polite kill cleans up as Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = int(options.run(options))
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Who read the output has seen enough; nothing more shall be written to it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except TexcoreError as e:
        print(f"texcore: {e}", file=sys.stderr)
        return _INTERRUPTED if isinstance(e, Cancelled) else 1
    except KeyboardInterrupt:
        print("\ntexcore: stopped; nothing was written.", file=sys.stderr)
        return _INTERRUPTED
    except ModuleNotFoundError as e:
        if (e.name or "").split(".")[0] == "texcore":
            raise
        print(
            f"texcore: the Python package {e.name} is missing. "
            "Run “python3 build.py setup” and use .venv/bin/python.",
            file=sys.stderr,
        )
        return 1


def parse_size(text: str) -> tuple[int, int]:
    """``512`` or ``1024x512`` as (width, height).

    Raises:
        BadInput: It is neither, or out of bounds.
    """
    parts = text.lower().replace("×", "x").split("x")
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise BadInput(f"“{text}” is no size: use pixels such as 512 or 1024x512.")
    check_size(numbers[0], numbers[-1])
    return numbers[0], numbers[-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="texcore", description="New, tileable textures out of your own."
    )
    parser.add_argument("--version", action="version", version=f"texcore {__version__}")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    synthesize = verbs.add_parser("synthesize", help="make a new texture like an exemplar")
    synthesize.set_defaults(run=_synthesize)
    synthesize.add_argument("exemplar", type=Path, help="a picture of the texture")
    synthesize.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    synthesize.add_argument("--size", metavar="N|WxH", help="pixels; default: the exemplar's")
    _choice(synthesize, "model", MODELS)
    _choice(synthesize, "quality", QUALITIES)
    _choice(synthesize, "tile", TILINGS)
    _choice(synthesize, "encoding", ENCODINGS)
    synthesize.add_argument("--bit-depth", choices=BIT_DEPTHS, help="default: the exemplar's")
    synthesize.add_argument("--seed", type=int, metavar="N", help="another seed, another texture")
    synthesize.add_argument(
        "--recipe", type=Path, metavar="OUT.png", help="settings of a texture made before"
    )
    synthesize.add_argument("--device", choices=DEVICES, default="auto")
    synthesize.add_argument(
        "--weights", default="auto", metavar="auto|vgg19|vgg16|random|FILE", help="default: auto"
    )
    synthesize.add_argument("-q", "--quiet", action="store_true", help="no progress bar")

    doctor = verbs.add_parser("doctor", help="what is here, what is missing, what mends it")
    doctor.set_defaults(run=_doctor)

    weights = verbs.add_parser("weights", help="fetch the network's weights now")
    weights.set_defaults(run=_weights)
    weights.add_argument("choice", nargs="?", default="auto", metavar="auto|vgg19|vgg16|FILE")

    serve = verbs.add_parser("serve", help="serve the Blender extension on stdin and stdout")
    serve.set_defaults(run=_serve)
    return parser


def _choice(parser: argparse.ArgumentParser, name: str, choices: Sequence[Choice]) -> None:
    # No default here: what is not given comes from --recipe, or else from Recipe itself.
    parser.add_argument(
        f"--{name}",
        choices=[c.id for c in choices],
        help="; ".join(f"{c.id}: {c.description}" for c in choices),
    )


def _synthesize(options: argparse.Namespace) -> int:
    from . import pictures

    recipe = pictures.read_recipe(options.recipe) if options.recipe else Recipe()
    given = {
        name: value
        for name in ("model", "quality", "tile", "encoding", "bit_depth", "seed")
        if (value := getattr(options, name)) is not None
    }
    if options.size is not None:
        given["size"] = parse_size(options.size)
    # The recipe of a PNG goes into an EXR too, and into another network if one is asked for.
    if options.bit_depth is None and not pictures.holds(options.output, recipe.bit_depth):
        given["bit_depth"] = "auto"
    if options.weights != "auto":
        given["network"] = ""
    made = _run(options, replace(recipe, **given))
    if recipe.network not in ("", made.network):
        made.notes.append(f"The recipe was made with the network {recipe.network}.")
    for note in made.notes:
        print(f"texcore: {note}", file=sys.stderr)
    print(
        f"{made.output}: {made.width} × {made.height}, {made.evaluations} evaluations, "
        f"{made.seconds:.1f} s, {made.network}"
    )
    return 0


def _run(options: argparse.Namespace, recipe: Recipe) -> Made:
    from . import pipeline

    bar = Bar(quiet=options.quiet)
    job = pipeline.Job(
        options.exemplar, options.output.absolute(), recipe, options.device, options.weights
    )
    run = pipeline.run(job, bar.show)
    clock = pipeline.Clock()
    try:
        while True:
            step = next(run).step
            bar.show(step.stage, step.fraction, clock.remaining(step.fraction))
    except StopIteration as stop:
        made: Made = stop.value
        return made
    finally:
        bar.close()


def _doctor(options: argparse.Namespace) -> int:
    from .doctor import examine

    report = examine()
    print("\n".join(report.lines))
    print("ready" if report.ready else "not ready")
    return 0 if report.ready else 1


def _weights(options: argparse.Namespace) -> int:
    from .features import weights

    bar = Bar()
    try:
        network, notes = weights.load(options.choice, bar.show)
    finally:
        bar.close()
    print(network.name)
    if weights.RANDOM_NOTE in notes:
        reasons = "; ".join(f"{name}: {why}" for name, why in weights.why_failed().items())
        raise Unavailable(f"No network's weights could be fetched ({reasons}). {notes[0]}")
    if notes and options.choice != "random":
        raise Unavailable(notes[0])
    return 0


def _serve(options: argparse.Namespace) -> int:
    from .service import serve

    return serve()


class Bar:
    """A progress bar on one line of standard error; a line now and then where that is no terminal.

    Args:
        quiet: Show nothing.
    """

    _WIDTH = 30
    _INTERVAL = 0.1
    _LOG_INTERVAL = 10.0

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet or sys.stderr is None
        self._terminal = not self._quiet and sys.stderr.isatty()
        self._shown = float("-inf")
        self._open = False

    def show(self, stage: str, fraction: float, remaining: float | None = None) -> None:
        """Draw it: what is happening, the share done, seconds left or None."""
        now = time.monotonic()
        interval = self._INTERVAL if self._terminal else self._LOG_INTERVAL
        if self._quiet or now - self._shown < interval:
            return
        self._shown = now
        left = "" if remaining is None else f", {duration(remaining)} left"
        if self._terminal:
            full = round(fraction * self._WIDTH)
            bar = "█" * full + "░" * (self._WIDTH - full)
            text = f"\r{bar} {fraction:4.0%}  {stage}{left}\x1b[K"
            self._open = True
        else:
            text = f"{fraction:4.0%}  {stage}{left}\n"
        sys.stderr.write(text)
        sys.stderr.flush()

    def close(self) -> None:
        """Take the bar away."""
        if self._open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._open = False


def duration(seconds: float) -> str:
    """As a person says it: ``8 s``, ``2 min 05 s``, ``1 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
