"""``ladder``: draw what each further layer of the network brings."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from ..contract.recipe import DEVICES, QUALITIES, Recipe
from . import model_options
from .bar import Bar
from .choices import add_choice
from .synthesize import parse_size


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser("ladder", help="draw what each further layer brings, in one picture")
    parser.set_defaults(run=run)
    parser.add_argument("exemplar", type=Path, help="a picture of the texture")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    parser.add_argument("--size", metavar="N|WxH", help="of each texture; default: the exemplar's")
    add_choice(parser, "quality", QUALITIES)
    parser.add_argument("--seed", type=int, metavar="N", help="another seed, other textures")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument(
        "--weights",
        "--features",
        default="auto",
        metavar="auto|vgg19|vgg16|random|random-vgg|FILE",
        help="the network, or the file of one that you trained; default: auto",
    )
    model_options.add(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Draw it; returns the exit status."""
    from .. import pictures
    from ..features import weights
    from ..runtime import devices
    from ..service.ladder import Ladder
    from ..service.progress import Clock

    settings = {"model": "gatys", **model_options.given(options)}
    for name in ("quality", "seed"):
        if getattr(options, name) is not None:
            settings[name] = getattr(options, name)
    if options.size is not None:
        settings["size"] = parse_size(options.size)
    recipe = replace(Recipe(), **settings)
    output = options.output.absolute()
    pictures.check_output(output, options.exemplar)
    exemplar = pictures.read(options.exemplar)
    device = devices.choose(options.device)
    bar, clock = Bar(quiet=options.quiet), Clock()
    try:
        network, _ = weights.load(options.weights, bar.show)
        dtype = devices.precision(recipe.precision, device)
        ladder = Ladder(exemplar, recipe, network, device, dtype)
        for step in ladder.steps():
            bar.show(step.stage, step.fraction, clock.remaining(step.fraction))
    finally:
        bar.close()
    pictures.write(output, ladder.picture())
    print(f"{options.output}: {', '.join(ladder.words)}; {network.name}")
    return 0
