"""``synthesize``: make a new texture like an exemplar, or all maps of a new material."""

from __future__ import annotations

import argparse
import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract.errors import BadInput
from ..contract.recipe import (
    ARRANGEMENTS,
    BIT_DEPTHS,
    DEVICES,
    ENCODINGS,
    MIN_SIZE,
    QUALITIES,
    TILINGS,
    Recipe,
    check_size,
)
from . import companion_options, material, model_options
from .bar import Bar, follow
from .choices import add_choice

if TYPE_CHECKING:
    from ..maps.companions import Companions
    from ..service.pipeline import Made


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser("synthesize", help="make a new texture like an exemplar")
    parser.set_defaults(run=run)
    parser.add_argument(
        "exemplar", type=Path, nargs="?", help="a picture of the texture, or a folder of maps"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="a file; of maps, a folder"
    )
    material.add_options(parser)
    parser.add_argument("--size", metavar="N|WxH", help="pixels; default: the exemplar's")
    add_choice(parser, "quality", QUALITIES)
    add_choice(parser, "tile", TILINGS)
    add_choice(parser, "arrangement", ARRANGEMENTS)
    parser.add_argument(
        "--straighten",
        action=argparse.BooleanOptionalAction,
        help="whether lines that lean or converge are made upright first; default: yes",
    )
    add_choice(parser, "encoding", ENCODINGS)
    parser.add_argument("--bit-depth", choices=BIT_DEPTHS, help="default: the exemplar's")
    parser.add_argument("--seed", type=int, metavar="N", help="another seed, another texture")
    parser.add_argument(
        "--recipe", type=Path, metavar="OUT.png", help="settings of a texture made before"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument(
        "--weights",
        "--features",
        default="auto",
        metavar="auto|vgg19|vgg16|random|random-vgg|FILE",
        help="the network, or the file of one that you trained; default: auto",
    )
    model_options.add(parser)
    companion_options.add(parser)
    parser.add_argument(
        "--tile-side",
        type=_tile_side,
        metavar="N",
        help="texels of the part that is worked on at a time; default: as memory allows",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint of a run cut short"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


_SETTINGS = "quality", "tile", "arrangement", "straighten", "encoding", "bit_depth", "seed"


def run(options: argparse.Namespace) -> int:
    """Make the texture; returns the exit status."""
    from .. import pictures
    from ..maps.companions import Companions

    recipe = pictures.read_recipe(options.recipe) if options.recipe else Recipe()
    given = {name: value for name in _SETTINGS if (value := getattr(options, name)) is not None}
    if options.size is not None:
        given["size"] = parse_size(options.size)
    given |= model_options.given(options)
    notes: list[str] = []
    if options.mask == Path("auto") and options.exemplar is not None:
        options.mask, notes = _mask(options)
    companions, more = companion_options.given(options)
    given |= more
    if options.weights != "auto":
        given["network"] = ""
    if material.wanted(options):
        if companions != Companions():
            raise BadInput("The maps of a material are made without further pictures: leave them.")
        # Each map has a depth of its own; the recipe of one says nothing of the others.
        return material.run(options, replace(recipe, **{"bit_depth": "auto", **given}))
    if options.exemplar is None:
        raise BadInput("Give a picture to learn from, a folder of maps, or maps with --map.")
    # The recipe of a PNG goes into an EXR too, and into another network if one is asked for.
    if options.bit_depth is None and not pictures.holds(options.output, recipe.bit_depth):
        given["bit_depth"] = "auto"
    made = _make(options, replace(recipe, **given), companions)
    from ..runtime.processes import rank

    if rank():
        return 0  # the leader tells it
    if recipe.network not in ("", made.network):
        made.notes.append(f"The recipe was made with the network {recipe.network}.")
    for note in (*notes, *made.notes):
        print(f"texcore: {note}", file=sys.stderr)
    print(
        f"{made.output}: {made.width} × {made.height}, {made.evaluations} evaluations, "
        f"{made.seconds:.1f} s, {made.network}"
    )
    return 0


def _make(options: argparse.Namespace, recipe: Recipe, companions: Companions) -> Made:
    from ..runtime import processes
    from ..service import pipeline

    bar = Bar(quiet=options.quiet or processes.rank() > 0)
    job = pipeline.Job(
        options.exemplar,
        options.output.absolute(),
        recipe,
        options.device,
        options.weights,
        companions=companions,
        tile_side=options.tile_side,
        checkpoint=True,
        resume=options.resume,
        together=True,
    )
    return follow(pipeline.run(job, bar.show), bar)


def _mask(options: argparse.Namespace) -> tuple[Path, list[str]]:
    from ..segmentation.automatic import mask_beside

    bar = Bar(quiet=options.quiet)
    try:
        return mask_beside(
            options.exemplar, options.output, bar.show, options.weights, options.device
        )
    finally:
        bar.close()


def _tile_side(text: str) -> int:
    with contextlib.suppress(ValueError):
        if (side := int(text)) >= MIN_SIZE:
            return side
    raise argparse.ArgumentTypeError(f"“{text}” is no number of texels from {MIN_SIZE} on")


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
