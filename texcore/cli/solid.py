"""``solid``: fill a cube whose cuts look like a photo."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from ..contract.jobs import Job
from ..contract.options import add_options, read_options
from ..contract.recipe import SETTINGS
from ..contract.solids import SliceAtlas
from .bar import Bar, announce, follow
from .running import add_running_options, make_recipe, note_given
from .synthesize import tell

_NAMES = (
    *("voxels", "cuts", "span", "quality", "seed"),
    *("learn_from", "even_light", "bit_depth", "iterations"),
)


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser(
        "solid",
        help="make a solid texture, whose cuts look like a photo",
        description="Fill a cube that repeats in all three directions, and write its level slices "
        "as one picture, from the topmost on in rows: for objects of any shape, without a UV map.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("exemplar", type=Path, help="a picture of the texture")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="of a texture made before")
    add_options(parser, [SETTINGS[name] for name in _NAMES])
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Make the texture; returns the exit status."""
    from ..service import pipeline

    settings = read_options(options, [SETTINGS[name] for name in _NAMES])
    recipe = make_recipe(options, "solid", settings)
    job = replace(
        Job.of_picture(options.exemplar, options.output.absolute(), recipe),
        device=options.device,
        weights=options.weights,
        solid=True,
        resume=options.resume,
        checkpoint=options.output.absolute(),
    )
    bar = Bar(quiet=options.quiet)
    made = pipeline.run(job, bar.show, bar.tick, announce=lambda outlook: announce(outlook, bar))
    done = follow(made, bar)
    status = tell(done, note_given(options, done))
    atlas = SliceAtlas(int(recipe.voxels))
    print(
        f"{atlas.voxels} slices of {atlas.voxels} × {atlas.voxels}, {atlas.columns} in a row, each "
        f"with {(atlas.cell - atlas.voxels) // 2} pixels about it."
    )
    return status
