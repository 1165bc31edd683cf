"""``synthesize --map …``: all maps of a material, made as one."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import map_names
from ..contract.errors import BadInput
from ..contract.files import safely
from ..contract.map_kinds import KINDS, get_kind
from ..contract.recipe import Recipe
from .bar import Bar, follow

if TYPE_CHECKING:
    from ..service.material_pipeline import MaterialMade


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what says that a whole material is meant."""
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="KIND=FILE",
        help="a map of a material, made as one with all others; for each map once. "
        f"KIND is {', '.join(KINDS)}. A folder as EXEMPLAR gives all its maps by their names",
    )

    parser.add_argument(
        "--derive",
        metavar="KIND,KIND…",
        help="maps to guess from the base color where they are not given: height, normal, "
        "roughness, ao",
    )
    parser.add_argument(
        "--derive-first",
        action="store_true",
        help="guess them from the exemplar and synthesise them too; default: from the result",
    )


def wanted(options: argparse.Namespace) -> bool:
    """Whether the options are about a material rather than one picture."""
    folder = options.exemplar is not None and safely(options.exemplar.is_dir)
    return bool(options.map) or options.derive is not None or folder


def run(options: argparse.Namespace, recipe: Recipe) -> int:
    """Make the maps; returns the exit status."""
    maps, notes = _maps(options)
    with output_folder(options.output.absolute()) as folder:
        made = _make(options, recipe, maps, folder)
    from ..runtime import processes

    if processes.rank():
        return 0  # the leader tells it
    for note in [*notes, *made.notes]:
        print(f"texcore: {note}", file=sys.stderr)
    for path in made.outputs.values():
        print(path)
    print(
        f"{len(made.outputs)} maps, {made.width} × {made.height}, {made.evaluations} evaluations, "
        f"{made.seconds:.1f} s, {made.network}"
    )
    return 0


def _maps(options: argparse.Namespace) -> tuple[dict[str, Path], list[str]]:
    """File by kind, and what was passed over."""
    maps: dict[str, Path] = {}
    notes = []
    if options.exemplar is not None and not safely(options.exemplar.is_dir):
        if options.map:
            raise BadInput(
                f"“{options.exemplar}” is a picture: with --map, name it too, as in "
                f"--map base_color={options.exemplar}."
            )
        maps = {"base_color": options.exemplar}
    elif options.exemplar is not None:
        found = map_names.find(options.exemplar)
        maps = dict(found.maps)
        if found.passed_over:
            notes.append(f"Passed over: {', '.join(p.name for p in found.passed_over)}.")
    for word in options.map:
        id, equals, path = word.partition("=")
        if not equals or not path:
            raise BadInput(f"“{word}” is no map: use KIND=FILE, such as normal=wall_n.png.")
        get_kind(id)
        if id in maps and options.exemplar is None:
            raise BadInput(f"The map {id} is given twice.")
        maps[id] = Path(path)
    return maps, notes


@contextlib.contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """The output folder, made if need be, and taken away again if nothing gets into it."""
    if safely(path.exists) and not safely(path.is_dir):
        raise BadInput(f"“{path}” is a file: give a folder for the maps.")
    made = not safely(path.is_dir)
    if made:
        try:
            path.mkdir(exist_ok=True)  # another process of the job may have been quicker
        except OSError as e:
            raise BadInput(
                f"The folder “{path}” cannot be made ({e.strerror}): choose another."
            ) from None
    try:
        yield path
    except BaseException:
        if made:
            with contextlib.suppress(OSError):  # there is something in it, or it is gone already
                path.rmdir()
        raise


def _make(
    options: argparse.Namespace, recipe: Recipe, maps: dict[str, Path], folder: Path
) -> MaterialMade:
    from ..runtime import processes
    from ..service import material_pipeline

    bar = Bar(quiet=options.quiet or processes.rank() > 0)
    derive = options.derive.split(",") if options.derive else []
    job = material_pipeline.MaterialJob(
        maps,
        material_pipeline.outputs_in(folder, maps, derive),
        recipe,
        encodings={id: options.encoding for id in maps if options.encoding},
        derive=derive,
        derive_first=options.derive_first,
        device=options.device,
        weights=options.weights,
        tile_side=options.tile_side,
        checkpoint=folder / "maps",
        resume=options.resume,
        together=True,
    )
    return follow(material_pipeline.run(job, bar.show), bar)
