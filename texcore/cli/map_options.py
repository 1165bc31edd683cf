"""Options that say that all maps of a material are meant, and the job that they ask for."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..contract import map_names
from ..contract.errors import BadInput
from ..contract.files import explain, safely
from ..contract.jobs import Job, MapFiles
from ..contract.map_kinds import KINDS, get_kind
from ..contract.recipe import Recipe


def add(parser: argparse.ArgumentParser) -> None:
    """Add them."""
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
        "roughness, ao, curvature; of a picture, too",
    )
    parser.add_argument(
        "--derive-first",
        action="store_true",
        help="guess them from the exemplar and synthesise them too (default: from the result)",
    )


def ask_for_maps(options: argparse.Namespace) -> bool:
    """Return whether the options are about a material rather than one picture.

    Raises:
        BadInput: They are about neither.
    """
    if options.derive_first and not options.derive:
        raise BadInput("There is nothing to derive first: give --derive with --derive-first.")
    folder = options.exemplar is not None and safely(options.exemplar.is_dir)
    return bool(options.map) or options.derive is not None or folder


def read(options: argparse.Namespace) -> tuple[dict[str, Path], list[str]]:
    """Return the maps' files by kind, and what was passed over.

    Raises:
        BadInput: A text is not of its option's form, or a map is given twice.
    """
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
        kind, equals, path = word.partition("=")
        if not equals or not path:
            raise BadInput(f"“{word}” is no map: use KIND=FILE, such as normal=wall_n.png.")
        get_kind(kind)
        if kind in maps and options.exemplar is None:
            raise BadInput(f"The map {kind} is given twice.")
        maps[kind] = Path(path)
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
                f"The folder “{path}” cannot be made ({explain(e)}): choose another."
            ) from None
    try:
        yield path
    except BaseException:
        if made:
            with contextlib.suppress(OSError):  # there is something in it, or it is gone already
                path.rmdir()
        raise


def make_job(
    options: argparse.Namespace, maps: Mapping[str, Path], folder: Path, recipe: Recipe
) -> Job:
    """Return the job of all maps, whose results go into a folder."""
    from ..service.material import name_output, name_outputs

    outputs = name_outputs(folder, maps, options.tiles)
    # One of before, of a map that is no colour, tells nothing of those that are.
    encoding = "auto" if recipe.encoding == "data" else recipe.encoding
    files = {
        kind: MapFiles(
            path,
            outputs[kind],
            encoding=options.encoding or recipe.tell_encoding(kind) or encoding,
            bit_depth=recipe.bit_depth,
        )
        for kind, path in maps.items()
    }
    derive = options.derive.split(",") if options.derive else []
    return Job(
        files,
        recipe,
        derive={kind: name_output(folder, kind, ".png", options.tiles) for kind in derive},
        derive_first=options.derive_first,
        checkpoint=folder / "maps",
    )
