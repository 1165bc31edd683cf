"""Many textures in a row: all materials of a file, or a queue written as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import bpy

from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..bundled.texcore.contract.files import write_whole
from ..engine import choices, jobs
from ..images import marks
from ..nodes import deriving, maps, targets
from .material_task import MaterialSynthesis
from .task import Options, Synthesis

OnProgress = Callable[[jobs.Job], None]
ALLOWED = tuple(f.name for f in fields(Options) if f.name not in ("live", "scale"))


@dataclass(frozen=True)
class Outcome:
    """What became of one texture of many.

    Attributes:
        item: Its place in the row, from 1.
        material: Name of the material asked for, or nothing.
        ok: Whether the texture is in the file.
        image: Name of the new image, of several that of the base color; or nothing.
        maps: Of all maps of a material, the names of the new images by kind.
        message: What was done or what went wrong, in one sentence.
        seconds: How long it took.
    """

    item: int
    material: str
    ok: bool
    image: str
    message: str
    seconds: float
    maps: dict[str, str] = field(default_factory=dict)


def every_material(common: Options) -> list[Options]:
    """The same for each material of the file whose image can be found.

    Raises:
        BadInput: There is none.
    """
    names = []
    for material in bpy.data.materials:
        try:
            if common.maps:
                maps.find(material)
            else:
                targets.find(bpy.context, material.name)
        except BadInput:
            continue  # without an image, or linked from another file: nothing to do here
        names.append(material.name)
    if not names:
        raise BadInput("No material of this file has an image of its own to learn from.")
    return [replace(common, material=name) for name in names]


def read_queue(path: Path, common: Options) -> list[Options]:
    """A queue: a JSON list of objects, whose names are those of `ALLOWED`.

    Args:
        path: Of the file.
        common: For what an object leaves out.

    Raises:
        BadInput: It cannot be read, or an object has a name or a value that is not known.
    """
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise BadInput(f"The queue {path} cannot be read ({e.strerror}).") from None
    except ValueError as e:
        raise BadInput(f"The queue {path} is not JSON: {e}.") from None
    if not isinstance(items, list) or not items:
        raise BadInput(f"The queue {path} is not a list of textures to make.")
    return [_options(number, item, common) for number, item in enumerate(items, 1)]


def _options(number: int, item: Any, common: Options) -> Options:
    if not isinstance(item, dict):
        raise BadInput(f"Item {number} of the queue is not an object with names and values.")
    kinds = {name: type(value) for name, value in asdict(common).items()}
    for name, value in item.items():
        if name not in ALLOWED:
            allowed = ", ".join(ALLOWED)
            raise BadInput(f"Item {number} of the queue has “{name}”, which is none of {allowed}.")
        if type(value) is not kinds[name]:
            raise BadInput(f"Item {number} of the queue has {value!r} as {name}.")
    deriving.chosen(item.get("derive", ""))  # for what it raises, before any work
    if item.get("derive"):
        item = {"maps": True, **item}
    return replace(common, **item)


def run(
    context: bpy.types.Context,
    row: Iterable[Options],
    on_progress: OnProgress | None = None,
) -> Iterator[Outcome]:
    """Make one texture after another; each comes with its outcome, and none stops the row.

    Materials that share an image, asked for with the same settings, share the texture.

    Raises:
        Unavailable: There is no engine.
    """
    python = choices.engine_python(context)
    made: dict[tuple[int, Options], str] = {}
    for number, options in enumerate(row, 1):
        started = time.monotonic()
        ok, image = True, ""
        maps: dict[str, str] = {}
        try:
            if options.maps:
                message, maps = _maps(context, options, python, on_progress)
                image = next(iter(maps.values()))
            else:
                message, image = _image(context, options, python, on_progress, made)
        except TexcoreError as e:
            ok, message = False, str(e)
        seconds = time.monotonic() - started
        yield Outcome(number, options.material, ok, image, message, seconds, maps)


def _image(
    context: bpy.types.Context,
    options: Options,
    python: Path,
    on_progress: OnProgress | None,
    made: dict[tuple[int, Options], str],
) -> tuple[str, str]:
    """Make one texture, or take one made before; returns what was done, and the image's name."""
    target = targets.find(context, options.material, options.image)
    source = marks.original(target.image) if target.image else None
    key = (source.session_uid if source else 0, replace(options, material="", image=""))
    there = bpy.data.images.get(made.get(key, ""))
    if there is not None and target.put_in(there, options.keep_density):
        return f"“{there.name}”, made before of the same image, was put in.", there.name
    task = Synthesis(context, options)
    job = jobs.Job(task, python)
    jobs.run(job, on_progress)
    made[key] = task.image_name
    return job.message, task.image_name


def _maps(
    context: bpy.types.Context, options: Options, python: Path, on_progress: OnProgress | None
) -> tuple[str, dict[str, str]]:
    """Make all maps of a material; returns what was done, and the images' names by kind."""
    task = MaterialSynthesis(context, options)
    job = jobs.Job(task, python)
    jobs.run(job, on_progress)
    return job.message, task.image_names


def write_report(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write what became of a row as JSON, whole or not at all.

    Raises:
        BadInput: The file cannot be written.
    """
    report = json.dumps([asdict(o) for o in outcomes], indent=1)
    try:
        write_whole(path, report.encode())
    except OSError as e:
        raise BadInput(f"The report {path} cannot be written ({e.strerror}).") from None
