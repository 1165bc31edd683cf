"""``derive``: guess maps from a base color as it is, without synthesis."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from .map_options import output_folder

# Below it is the grain of the pixels; above it nothing of a texture of the largest size is left.
_LEAST_RADIUS, _MOST_RADIUS = 0.5, 1024.0


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser(
        "derive", help="guess height, normals, roughness, ao, curvature from a picture"
    )
    parser.set_defaults(run=run)
    parser.add_argument("picture", type=Path, help="a base color")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--maps",
        metavar="KIND,KIND…",
        default="height,normal,roughness,ao",
        help="which maps (default: %(default)s)",
    )
    parser.add_argument(
        "--radius",
        type=_radius,
        metavar="R",
        help="of the edges in the map curvature, in pixels (default: 1/256 of the shorter side)",
    )
    parser.add_argument(
        "--tiles", action="store_true", help="the picture repeats without a seam, so the maps shall"
    )


def run(options: argparse.Namespace) -> int:
    """Derive the maps; returns the exit status."""
    from ..contract.map_kinds import check_derivable
    from ..service.material import derive_all
    from ..surfaces.torus import Torus

    wanted = options.maps.split(",")
    check_derivable(wanted)
    with output_folder(options.output.absolute()) as folder:
        outputs = {kind: folder / f"{kind}.png" for kind in wanted}
        surface = Torus(options.tiles, options.tiles)
        derive_all(options.picture, outputs, surface, radius=options.radius)
    for path in outputs.values():
        print(path)
    return 0


def _radius(text: str) -> float:
    with contextlib.suppress(ValueError):
        if _LEAST_RADIUS <= (radius := float(text)) <= _MOST_RADIUS:
            return radius
    raise argparse.ArgumentTypeError(
        f"“{text}” is no radius: use {_LEAST_RADIUS:g} to {_MOST_RADIUS:g} pixels"
    )
