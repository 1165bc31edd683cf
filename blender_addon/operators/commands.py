"""``blender -b FILE --command texcore …``: textures from a shell."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from ..add_on import get_preferences
from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..bundled.texcore.contract.map_kinds import DERIVABLE
from ..bundled.texcore.contract.recipe import (
    ARRANGEMENTS,
    PLAIN_MODELS,
    QUALITIES,
    TILINGS,
    check_size,
)
from ..engine import choices, jobs
from ..engine.choices import DEVICE_ITEMS
from ..nodes import deriving
from ..synthesis import batch
from ..synthesis.task import Options

_handles: list[Any] = []


def run(arguments: Sequence[str]) -> int:
    """Make one texture, or many, and save the file under another name.

    Args:
        arguments: What follows ``--command texcore``.

    Returns:
        The exit code: 0 if all went well; 1 if something did not, with a sentence on stderr for
        each; 2 for wrong arguments; 130 after Ctrl-C. The file is saved if any texture was made.
    """
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as e:  # Blender would take it for a crash of the add-on
        return int(e.code or 0)
    try:
        return _run(given)
    except TexcoreError as e:
        print(f"texcore: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("texcore: Cancelled; nothing was saved.", file=sys.stderr)
        return 130


def _run(given: argparse.Namespace) -> int:
    out = _output(given.output)
    outcomes = []
    row = _row(given)
    for outcome in batch.run(bpy.context, row, _Stages()):
        outcomes.append(outcome)
        place = f"[{outcome.item}/{len(row)}] {outcome.material}: " if len(row) > 1 else ""
        if outcome.ok:
            print(f"{place}{outcome.message}", flush=True)
        else:
            print(f"texcore: {place}{outcome.message}", file=sys.stderr, flush=True)
    if given.report:
        batch.write_report(Path(given.report), outcomes)
    if any(outcome.ok for outcome in outcomes):
        _save(out)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def _row(given: argparse.Namespace) -> list[Options]:
    """What is to be made."""
    context = bpy.context
    width, height = _size(given.size)
    deriving.chosen(given.derive)  # for what it raises, before any work
    common = Options(
        material=given.material or "",
        image=given.image or "",
        width=width,
        height=height,
        tile=given.tile,
        arrangement=given.arrangement,
        straighten=given.straighten,
        quality=given.quality,
        model=given.model,
        seed=given.seed,
        device=given.device or get_preferences(context).device,
        weights=choices.weights(context, given.weights),
        keep_density=given.keep_scale,
        maps=given.maps or bool(given.derive),
        derive=given.derive,
    )
    if given.queue:
        return batch.read_queue(Path(given.queue), common)
    return batch.every_material(common) if given.all else [common]


class _Stages:
    """Prints each new stage of a job to stderr."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, job: jobs.Job) -> None:
        if job.stage != self._last and not job.ended:
            self._last = job.stage
            print(f"texcore: {job.fraction:4.0%} {job.stage}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="blender -b FILE --command texcore",
        description="Make new seamless textures from images in FILE and save it as a new file.",
        epilog="Exit code: 0 if every texture was made, 1 if not, 2 for wrong arguments. A queue "
        "is a JSON list of objects with any of: " + ", ".join(batch.ALLOWED) + "; what an object "
        "leaves out is taken from the command line.",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--material", help="whose image to learn from (default: the active one)")
    which.add_argument("--all", action="store_true", help="one texture for every material")
    which.add_argument("--queue", metavar="FILE.json", help="the textures that a file lists")
    add = parser.add_argument
    add("--image", help="image to learn from (default: the one that colours the material)")
    add("--maps", action="store_true", help="make all maps of each material, as one")
    add(
        "--derive",
        metavar="KIND,KIND…",
        default="",
        help="with all maps, guess those that a material lacks from its new base color, as an "
        f"estimate: {', '.join(DERIVABLE)}",
    )
    add("--size", metavar="N|WxH", help="in pixels (default: that of the image)")
    add("--tile", choices=[c.id for c in TILINGS], default="xy", help="where it repeats")
    add("--arrangement", choices=[c.id for c in ARRANGEMENTS], default="auto")
    add(
        "--straighten",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="make lines that lean or converge upright first (default: yes)",
    )
    add("--quality", choices=[c.id for c in QUALITIES], default="standard")
    add("--model", choices=[c.id for c in PLAIN_MODELS], default="default")
    add("--seed", type=int, default=0, help="another seed, another texture (default: 0)")
    add("--device", choices=[id for id, _, _ in DEVICE_ITEMS], help="default: the preferences'")
    add("--weights", help="auto, vgg19, vgg16, random or a file (default: the preferences')")
    add(
        "--keep-scale",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="adjust the Mapping to a new size, so that all stays as large (default: yes)",
    )
    add("--report", metavar="FILE.json", help="write what became of each texture")
    add("-o", "--output", required=True, metavar="OUT.blend", help="file to write")
    return parser


def _size(text: str | None) -> tuple[int, int]:
    """Width and height in pixels; 0, 0 for those of the image."""
    if text is None:
        return 0, 0
    try:
        sides = [int(side) for side in text.lower().replace("×", "x").split("x")]
    except ValueError:
        sides = []
    if len(sides) not in (1, 2):
        raise BadInput(f"The size is “{text}”: use a number such as 1024, or 1024x512.")
    width, height = sides[0], sides[-1]
    check_size(width, height)
    return width, height


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
