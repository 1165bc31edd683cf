"""``pack``: write the maps of a material as an engine wants them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..contract.engine_sets import ENGINE_SETS
from . import map_options


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser("pack", help="pack and name a folder of maps for an engine")
    parser.set_defaults(run=run)
    parser.add_argument("folder", type=Path, help="of maps, told by their names")
    words = "; ".join(f"{id}: {each.words.description}" for id, each in ENGINE_SETS.items())
    parser.add_argument("--for", dest="engine", choices=ENGINE_SETS, required=True, help=words)
    parser.add_argument(
        "--name", help="of the material, in the files' names (default: the folder's)"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")


def run(options: argparse.Namespace) -> int:
    """Pack the maps; returns the exit status."""
    from ..contract import map_names
    from ..service.packing import write_engine_set

    maps = map_names.find(options.folder).maps
    name = options.name or options.folder.absolute().name
    with map_options.output_folder(options.output.absolute()) as folder:
        paths, left = write_engine_set(maps, options.engine, folder, name)
    if left:
        print(f"texcore: No place in this set: {', '.join(left)}.", file=sys.stderr)
    for path in paths:
        print(path)
    return 0
