"""``ladder``: draw what each further layer of the network brings."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from ..contract.choices import DEVICES
from ..contract.options import add_options, read_options
from ..contract.recipe import SETTINGS, Recipe
from .bar import Bar

# What makes one rung differ from another's, and from the paper's.
OPTIONS = [
    setting
    for setting in SETTINGS.values()
    if setting.name in ("size", "quality", "seed") or setting.group == SETTINGS["model"].group
]


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser("ladder", help="draw what each further layer brings, in one picture")
    parser.set_defaults(run=run)
    parser.add_argument("exemplar", type=Path, help="a picture of the texture")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    add_options(parser, OPTIONS)
    parser.add_argument(
        "--device", choices=DEVICES, default="auto", help="what computes (default: auto)"
    )
    parser.add_argument(
        "--weights",
        "--features",
        default="auto",
        metavar="auto|vgg19|vgg16|random|random-vgg|FILE",
        help="the network, or the file of one that you trained (default: auto)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Draw it; returns the exit status."""
    from .. import pictures
    from ..features import weights
    from ..runtime import devices
    from ..runtime.context import Context
    from ..service.ladder import Ladder
    from ..service.progress import Clock

    # From a start with the exemplar's spectrum, a rung would show what its layers do not see.
    recipe = replace(Recipe(model="gatys", canvas="pixels"), **read_options(options, OPTIONS))
    output = options.output.absolute()
    pictures.check_output(output, options.exemplar)
    exemplar = pictures.read(options.exemplar)
    device = devices.choose(options.device)
    bar, clock = Bar(quiet=options.quiet), Clock()
    try:
        network, _ = weights.load(options.weights, bar.show)
        dtype = devices.precision(recipe.precision, device)
        ladder = Ladder(exemplar, recipe, network, Context(device, dtype))
        for step in ladder.steps():
            bar.show(step.stage, step.fraction, clock.remaining(step.fraction))
    finally:
        bar.close()
    pictures.write(output, ladder.picture())
    print(f"{options.output}: {', '.join(ladder.words)}; {network.name}")
    return 0
