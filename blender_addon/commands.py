"""``blender -b FILE --command texcore …``: textures from a shell."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from . import jobs, preferences
from .bundled.texcore.errors import BadInput, TexcoreError
from .bundled.texcore.recipe import MODELS, QUALITIES, TILINGS, check_size
from .preferences import DEVICE_ITEMS
from .synthesis import Options, Synthesis

_handles: list[Any] = []


def run(arguments: Sequence[str]) -> int:
    """Make one texture and save the file under another name.

    Args:
        arguments: What follows ``--command texcore``.

    Returns:
        The exit code: 0 if all went well, 1 with one sentence on stderr, 2 for wrong arguments,
        130 after Ctrl-C.
    """
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as e:  # Blender would take it for a crash of the add-on
        return int(e.code or 0)
    try:
        out = _output(given.output)
        print(_synthesize(given))
        _save(out)
    except TexcoreError as e:
        print(f"texcore: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("texcore: Cancelled; nothing was saved.", file=sys.stderr)
        return 130
    return 0


def _synthesize(given: argparse.Namespace) -> str:
    context = bpy.context
    width, height = _size(given.size)
    python = preferences.engine_python(context)
    options = Options(
        material=given.material or "",
        image=given.image or "",
        width=width,
        height=height,
        tile=given.tile,
        quality=given.quality,
        model=given.model,
        seed=given.seed,
        device=given.device or preferences.get(context).device,
        weights=preferences.weights(context, given.weights),
    )
    job = jobs.Job(Synthesis(context, options), python)
    jobs.run(job, _Stages())
    return job.message


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
        description="Make a new seamless texture from an image in FILE and save it as a new file.",
    )
    add = parser.add_argument
    add("--material", help="material whose image to learn from (default: the active one)")
    add("--image", help="image to learn from (default: the one that colours the material)")
    add("--size", metavar="N|WxH", help="in pixels (default: that of the image)")
    add("--tile", choices=[c.id for c in TILINGS], default="xy", help="where it repeats")
    add("--quality", choices=[c.id for c in QUALITIES], default="standard")
    add("--model", choices=[c.id for c in MODELS], default="default")
    add("--seed", type=int, default=0, help="another seed, another texture (default: 0)")
    add("--device", choices=[id for id, _, _ in DEVICE_ITEMS], help="default: the preferences'")
    add("--weights", help="auto, vgg19, vgg16, random or a file (default: the preferences')")
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
