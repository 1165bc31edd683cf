"""``segment``: a mask of a picture's regions, as the model ``regions`` takes it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..contract.errors import BadInput
from .bar import Bar
from .running import add_network_options


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser(
        "segment",
        help="make a mask of a picture's regions",
        description="Write a mask in which every region has a colour of its own, the largest "
        "black, and beside it MASK.overlay.png, which shows it over the picture.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("picture", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="MASK.png")
    parser.add_argument(
        "--method",
        choices=("auto", "voc", "clusters"),
        default="auto",
        help="voc: things such as cats and cars; clusters: textures; auto: voc where its weights "
        "are to be had, no number of regions is given and such a thing is seen, else clusters "
        "(default: auto)",
    )
    parser.add_argument("--regions", type=int, metavar="K", help="of clusters (default: 2)")
    parser.add_argument("--soft", action="store_true", help="edges as sure as they are")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the clusters' starts (default: 0)"
    )
    add_network_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write the mask and its overlay; returns the exit status."""
    from .. import pictures
    from ..segmentation import files
    from ..segmentation.automatic import find_regions

    if options.output.suffix.lower() != ".png":
        raise BadInput(f"“{options.output.name}” is no name for a mask: end it in .png.")
    overlay = options.output.with_suffix(".overlay.png")
    for path in (options.output, overlay):
        pictures.check_output(path, options.picture)
    picture = pictures.read(options.picture)
    bar = Bar()
    try:
        found, notes = find_regions(
            picture,
            bar.show,
            options.method,
            options.regions,
            options.weights,
            options.device,
            options.seed,
        )
    finally:
        bar.close()
    files.write_mask(options.output, found, options.soft)
    files.write_overlay(overlay, picture, found)
    for note in notes:
        print(f"texcore: {note}", file=sys.stderr)
    areas = ", ".join(f"{share:.0%}" for share in found.shares.mean((1, 2)))
    print(f"{options.output}: {len(found.shares)} regions of {areas} of the picture; {overlay}")
    return 0
