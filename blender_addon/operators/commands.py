"""``blender -b FILE --command texcore …``: textures from a shell."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from ..bundled.texcore.contract.engine_sets import ENGINE_SETS, get_engine_set
from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..bundled.texcore.contract.options import add_options, read_options
from ..bundled.texcore.contract.parts import parse_part
from ..bundled.texcore.contract.recipe import SETTINGS
from ..engine.job import EngineJob
from ..nodes import places, untiling_choosing
from ..results import engine_sets
from ..synthesis import batch, named_images
from ..synthesis.settings import (
    OPTIONS,
    Options,
    change_options,
    list_recipe_settings,
    list_task_settings,
)
from .options import read_preferences

# What can be told, as the artist has it. Those that are no option are told in a way of their own.
_SETTINGS = list_task_settings() | list_recipe_settings()
_SCALE = "adjust the Mapping to a new size, so that all stays as large (default: yes)"
_UNTILE = "hide by nodes that the new textures repeat, in every material that got one"
WRONG_ARGUMENTS = 2  #: the exit code that argparse has for them
_handles: list[Any] = []


def run(arguments: Sequence[str]) -> int:
    """Make one texture, or many, and save the file under another name.

    Args:
        arguments: What follows ``--command texcore``.

    Returns:
        The exit code: 0 if all went well, or nothing falls to the part; 1 if something did not go
        well, with a sentence on stderr for each; 2 for wrong arguments; 130 after Ctrl-C. The file
        is saved if any texture was made.
    """
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as e:  # Blender would take it for a crash of the add-on
        return int(e.code or 0)
    try:
        out, row = _output(given.output), _list_options(given)
    except BadInput as e:
        print(f"texcore: {e}", file=sys.stderr)
        return WRONG_ARGUMENTS
    try:
        return _run(given, row, out)
    except TexcoreError as e:
        print(f"texcore: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("texcore: Cancelled; nothing was saved.", file=sys.stderr)
        return 130


def _run(given: argparse.Namespace, row: list[Options], out: Path) -> int:
    if not row:
        return _tell_empty(given)
    outcomes = []
    well = True
    for outcome in batch.run(bpy.context, row, _Stages()):
        outcomes.append(outcome)
        place = f"[{outcome.item}/{len(row)}] {outcome.material}: " if len(row) > 1 else ""
        if outcome.ok:
            print(f"{place}{outcome.message}", flush=True)
            well = _save_sets(given.export, outcome, place) and well
        else:
            print(f"texcore: {place}{outcome.message}", file=sys.stderr, flush=True)
    untiled = not given.untile or _untile(outcomes)
    if given.report:
        batch.write_report(Path(given.report), outcomes)
    if any(outcome.ok for outcome in outcomes):
        _save(out)
    return 0 if well and untiled and all(outcome.ok for outcome in outcomes) else 1


def _tell_empty(given: argparse.Namespace) -> int:
    """Say that there are fewer textures than parts; returns the exit code."""
    print(f"texcore: No texture falls to part {given.part}.", file=sys.stderr)
    if given.report:
        batch.write_report(Path(given.report), [])
    return 0


def _untile(outcomes: Sequence[batch.Outcome]) -> bool:
    """Un-tile the materials that got a new texture; returns whether that could be."""
    made = {name for outcome in outcomes for name in (outcome.image, *outcome.maps.values())}
    done = True
    for material in bpy.data.materials:
        nodes = places.find_texture_nodes(material)
        node = next((n for n in nodes if n.image is not None and n.image.name in made), None)
        if node is None:
            continue
        try:
            print(untiling_choosing.untile_as_fits(material, node), flush=True)
        except TexcoreError as e:
            print(f"texcore: {material.name}: {e}", file=sys.stderr, flush=True)
            done = False
    return done


def _save_sets(exports: Sequence[tuple[str, Path]], outcome: batch.Outcome, place: str) -> bool:
    """Save a texture for engines, one that fails or not; returns whether all went well."""
    image = bpy.data.images[outcome.image]
    name = outcome.material or image.name
    well = True
    for engine, folder in exports:
        try:
            files, left = engine_sets.save_set(engine_sets.find_kinds(image), engine, folder, name)
        except TexcoreError as e:
            print(f"texcore: {place}{e}", file=sys.stderr, flush=True)
            well = False
            continue
        for file in files:
            print(f"{place}{file}", flush=True)
        if left:
            print(f"texcore: {place}No place in this set: {', '.join(left)}.", file=sys.stderr)
    return well


def _list_options(given: argparse.Namespace) -> list[Options]:
    """Return what is to be made; for all materials, what they have in common.

    Raises:
        BadInput: An argument is wrong, or the queue that it names.
    """
    values = read_options(given, _SETTINGS.values())
    values |= read_preferences(bpy.context, values)
    if given.size is not None:
        width, height = SETTINGS["size"].parse(given.size)
        values |= {"width": width, "height": height}
    if values.get("derive"):
        values["maps"] = True
    if given.all and values.get("object"):
        raise BadInput("--all and --object do not go together: give one of the two.")
    for name in values.keys() & set(named_images.NAMES):
        values[name] = named_images.find_file(values[name], Path.cwd())
    common = change_options(Options(), values)
    if given.queue:
        row = batch.read_queue(Path(given.queue), common)
    else:
        row = batch.list_materials(common) if given.all else [common]
    return parse_part(given.part).take(row)


class _Stages:
    """Prints each new stage of a job to stderr."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, job: EngineJob) -> None:
        if job.stage != self._last and not job.ended:
            self._last = job.stage
            print(f"texcore: {job.fraction:4.0%} {job.stage}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="blender -b FILE --command texcore",
        description="Make new seamless textures from images in FILE and save it as a new file.",
        epilog="Exit code: 0 if every texture was made, 1 if not, 2 for wrong arguments. A queue "
        "is a JSON list of objects, JSON Lines (.jsonl) or CSV, with any of: "
        + ", ".join(batch.ALLOWED)
        + "; what a row leaves out is taken from the command line. What names an image is the "
        "name of one in FILE, or else the path of a picture, which in a queue is meant from the "
        "queue's folder.",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--material", help="whose image to learn from (default: the active one)")
    which.add_argument("--all", action="store_true", help="one texture for every material")
    which.add_argument("--queue", metavar="FILE", help="the textures that a file lists")
    add = parser.add_argument
    add("--size", metavar="N|WxH", help="in pixels (default: that of the image)")
    add("--keep-scale", action=argparse.BooleanOptionalAction, dest="keep_density", help=_SCALE)
    add("--maps", action="store_const", const=True, help=OPTIONS["maps"].description)
    add_options(parser, [s for s in _SETTINGS.values() if s.option])
    add("--untile", action="store_true", help=_UNTILE)
    add(
        "--export",
        action="append",
        default=[],
        type=_export,
        metavar="ENGINE=FOLDER",
        help="save the maps of each texture packed and named for an engine too: "
        + ", ".join(ENGINE_SETS),
    )
    add("--part", default="1/1", metavar="I/N", help="only every N-th texture, from the I-th on")
    add("--report", metavar="FILE.json", help="write what became of each texture")
    add("-o", "--output", required=True, metavar="OUT.blend", help="file to write")
    return parser


def _export(text: str) -> tuple[str, Path]:
    """An engine, and the folder that its sets go to."""
    engine, equals, folder = text.partition("=")
    try:
        get_engine_set(engine)
    except BadInput as e:
        raise argparse.ArgumentTypeError(str(e)) from None
    if not equals or not Path(folder).is_dir():
        raise argparse.ArgumentTypeError(f"“{folder}” is no folder: use {engine}=FOLDER")
    return engine, Path(folder).absolute()


def _output(text: str) -> Path:
    """The file to write, after a look at whether that can work: the texture takes minutes."""
    path = Path(text).absolute()
    if path.suffix.lower() != ".blend":
        raise BadInput(f"The output {path} does not end in .blend.")
    if not path.parent.is_dir():
        raise BadInput(f"The output folder {path.parent} does not exist.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise BadInput(f"The output {path} cannot be written.")
    return path


def _save(path: Path) -> None:
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    except RuntimeError as e:
        raise BadInput(f"The output {path} cannot be written: {e}") from None


def register() -> None:
    """Add the command."""
    _handles.append(bpy.utils.register_cli_command("texcore", run))


def unregister() -> None:
    """Remove the command."""
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())
