"""``surface``: make a texture over the surface of an object."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from ..contract.jobs import Companions, Job
from ..contract.map_kinds import PICTURE
from ..contract.options import add_options, read_options
from ..contract.recipe import SETTINGS
from ..contract.udim import measure_canvas, name_files
from . import tiles
from .bar import Bar, announce, follow
from .running import add_running_options, make_recipe, note_given
from .synthesize import tell

_NAMES = ("size", "quality", "seed", "up", "scale", "bit_depth", "iterations")


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser(
        "surface",
        help="make a texture over the surface of an object",
        description="Write a texture in the object's own unwrapping, without a seam where this is "
        "cut: the photo's things have one size everywhere, and go on across every border.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("object", type=Path, help="OBJ, glTF or PLY, unwrapped without overlaps")
    parser.add_argument("exemplar", type=Path, help="a picture of the texture")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="of a texture made before")
    parser.add_argument(
        "--mix", type=Path, metavar="FILE", help="a second picture, where the blend map is white"
    )
    parser.add_argument(
        "--blend", type=Path, metavar="MASK", help="in the object's UV map, as painted or baked"
    )
    parser.add_argument(
        "--flow",
        type=Path,
        metavar="MAP",
        help="in the object's UV map: red to the right and green upwards is where the photo's top "
        "points; mid-grey: as --up says",
    )
    parser.add_argument(
        "--scale-map",
        type=Path,
        metavar="MAP",
        help="in the object's UV map: black where the photo's things are half as large as --scale "
        "says, white where twice as large; mid-grey: as --scale says",
    )
    tiles.add(parser)
    add_options(parser, [SETTINGS[name] for name in _NAMES])
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Make the texture; returns the exit status."""
    from ..service import pipeline

    settings = read_options(options, [SETTINGS[name] for name in _NAMES])
    if options.tiles and settings.get("size"):
        width, height = settings["size"]
        settings["size"] = measure_canvas(width, height, options.tiles)
    recipe = make_recipe(options, "object", settings)
    job = replace(
        Job.of_picture(options.exemplar, options.output.absolute(), recipe),
        device=options.device,
        weights=options.weights,
        object=options.object.absolute(),
        resume=options.resume,
        checkpoint=name_files(options.output.absolute(), options.tiles)[0],
        udim=options.tiles,
        companions=Companions(
            mix=[{PICTURE: options.mix}] if options.mix else [],
            blend=options.blend,
            flow=options.flow,
            scale_map=options.scale_map,
        ),
    )
    bar = Bar(quiet=options.quiet)
    made = pipeline.run(job, bar.show, bar.tick, announce=lambda outlook: announce(outlook, bar))
    done = follow(made, bar)
    return tell(done, note_given(options, done), len(options.tiles))
