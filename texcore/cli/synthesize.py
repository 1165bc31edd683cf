"""``synthesize``: make a new texture like an exemplar, or all maps of a new material."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract.choices import DEVICES
from ..contract.errors import BadInput
from ..contract.jobs import Job
from ..contract.map_kinds import PICTURE
from ..contract.options import Groups, add_options, read_options
from ..contract.recipe import MIN_SIZE, OBJECT, SETTINGS, SOLID
from ..contract.udim import measure_canvas, name_files
from . import companion_options, map_options, tiles
from .bar import Bar, announce, follow
from .hints import add_hint
from .running import make_recipe, note_given

if TYPE_CHECKING:
    from ..contract.jobs import Made

# Those of the recipe's settings that are options.
OPTIONS = [s for s in SETTINGS.values() if s.option and s.group not in (OBJECT, SOLID)]


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
    map_options.add(parser)
    tiles.add(parser)
    groups: Groups = {}
    add_options(parser, OPTIONS, groups)
    parser.add_argument(
        "--recipe", type=Path, metavar="OUT.png", help="settings of a texture made before"
    )
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
    companion_options.add(parser, groups)
    parser.add_argument(
        "--tile-side",
        type=_tile_side,
        metavar="N",
        help="texels of the part that is worked on at a time (default: as memory allows)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint of a run cut short"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


def run(options: argparse.Namespace) -> int:
    """Make the texture, or the maps; returns the exit status."""
    maps, notes = map_options.read(options) if map_options.ask_for_maps(options) else ({}, [])
    if options.mask == Path("auto"):
        options.mask, more = _make_mask(options, maps.get("base_color") or options.exemplar)
        notes += more
    companions, settings = companion_options.read(options)
    settings |= read_options(options, OPTIONS)
    if options.tiles and settings.get("size"):
        width, height = settings["size"]
        settings["size"] = measure_canvas(width, height, options.tiles)
    if maps:
        with map_options.output_folder(options.output.absolute()) as folder:
            recipe = make_recipe(options, "flat", settings, several=True)
            job = map_options.make_job(options, maps, folder, recipe)
            made = _make(options, replace(job, companions=companions))
    else:
        if options.exemplar is None:
            raise BadInput("Give a picture to learn from, a folder of maps, or maps with --map.")
        output = options.output.absolute()
        recipe = make_recipe(options, "flat", settings)
        kept = name_files(output, options.tiles)[0]
        job = Job.of_picture(options.exemplar, output, recipe, checkpoint=kept)
        made = _make(options, replace(job, companions=companions))
    return tell(made, [*notes, *note_given(options, made)], len(options.tiles))


def _make(options: argparse.Namespace, job: Job) -> Made:
    """Do a job with what the options say of how."""
    from ..runtime import processes
    from ..service import pipeline

    bar = Bar(quiet=options.quiet or processes.rank() > 0)
    job = replace(
        job,
        device=options.device,
        weights=options.weights,
        tile_side=options.tile_side,
        resume=options.resume,
        udim=options.tiles,
    )
    made = pipeline.run(
        job, bar.show, bar.tick, together=True, announce=lambda outlook: announce(outlook, bar)
    )
    return follow(made, bar)


def tell(made: Made, notes: Sequence[str] = (), cut: int = 0) -> int:
    """Print what was made, and what the user should know; returns the exit status.

    Args:
        made: What was made.
        notes: What the user should know besides.
        cut: How many UDIM tiles it was cut into; 0 for none.
    """
    from ..runtime.processes import rank

    if rank():
        return 0  # the leader tells it
    for note in (*notes, *made.notes):
        print(f"texcore: {add_hint(note)}", file=sys.stderr)
    alone = set(made.maps) == {PICTURE}
    for map in () if alone else made.maps.values():
        print(map.output)
    what = f"{made.first.output}:" if alone else f"{len(made.maps)} maps,"
    pieces = f" in {cut} tiles" if cut else ""
    print(
        f"{what} {made.width} × {made.height}{pieces}, {made.evaluations} evaluations, "
        f"{made.seconds:.1f} s, {made.network}"
    )
    return 0


def _make_mask(options: argparse.Namespace, picture: Path | None) -> tuple[Path, list[str]]:
    from .. import pictures
    from ..segmentation.automatic import mask_beside

    if picture is None:
        raise BadInput("Give a picture to learn from, a folder of maps, or maps with --map.")
    if not map_options.ask_for_maps(options):
        pictures.check_output(options.output.absolute(), picture)
    bar = Bar(quiet=options.quiet)
    try:
        return mask_beside(picture, options.output, bar.show, options.weights, options.device)
    finally:
        bar.close()


def _tile_side(text: str) -> int:
    with contextlib.suppress(ValueError):
        if (side := int(text)) >= MIN_SIZE:
            return side
    raise argparse.ArgumentTypeError(f"“{text}” is no number of texels from {MIN_SIZE} on")
