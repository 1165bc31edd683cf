"""Many textures in a row: all materials of a file, or those of a queue."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import bpy

from ..bundled.texcore.contract import queues
from ..bundled.texcore.contract.errors import BadInput, TexcoreError
from ..bundled.texcore.contract.files import write_whole
from ..engine import choices, jobs
from ..engine.job import EngineJob
from ..engine.program import Host
from ..nodes import maps, putting, targets
from . import named_images, solid_task
from .making import make_task
from .settings import Options, change_options, list_task_settings
from .sources import Subject, find_subject

OnProgress = Callable[[EngineJob], None]
#: Names that an item of a queue can have.
ALLOWED = tuple(list_task_settings())
# Pictures made before: by the image they were made of and what was asked for, each one's name.
_Made = dict[tuple[int, Options], str]


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


def list_materials(common: Options) -> list[Options]:
    """Return the same options for each material of the file whose image can be found.

    Raises:
        BadInput: There is none.
    """
    names = []
    for material in bpy.data.materials:
        try:
            if common.maps:
                maps.find_maps(material)
            else:
                targets.find_target(bpy.context, material.name)
        except BadInput:
            continue  # without an image, or linked from another file: nothing to do here
        names.append(material.name)
    if not names:
        raise BadInput("No material of this file has an image of its own to learn from.")
    return [replace(common, material=name) for name in names]


def read_queue(path: Path, common: Options) -> list[Options]:
    """Read a queue, whose rows have the names of `ALLOWED`.

    What names an image is one of Blender's file, or the path of a picture, from the queue's folder.

    Args:
        path: Of the file, see `texcore.contract.queues`.
        common: For what a row leaves out.

    Raises:
        BadInput: It cannot be read, or a row has a name or a value that is not known.
    """
    folder = path.absolute().parent
    items = queues.read_queue(path, list_task_settings())
    return [_read_item(item, common, folder) for item in items]


def _read_item(item: queues.Item, common: Options, folder: Path) -> Options:
    """Return what a row asks for; its pictures are looked for in a folder.

    Raises:
        BadInput: Something is wrong with it.
    """
    if item.wrong:
        raise BadInput(item.wrong)
    values = dict(item.values)
    for name in values.keys() & set(named_images.NAMES):
        values[name] = named_images.find_file(values[name], folder)
    if values.get("derive"):
        values = {"maps": True, **values}
    return change_options(common, values)


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
    python = choices.find_engine(context)
    made: _Made = {}
    for number, options in enumerate(row, 1):
        started = time.monotonic()
        ok, names = True, dict[str, str]()
        try:
            message, names = _make(context, options, python, on_progress, made)
        except TexcoreError as e:
            ok, message = False, str(e)
        seconds = time.monotonic() - started
        image = next(iter(names.values()), "")
        of_set = names if options.maps else {}
        yield Outcome(number, options.material, ok, image, message, seconds, of_set)


def _make(
    context: bpy.types.Context,
    options: Options,
    python: Path | Host,
    on_progress: OnProgress | None,
    made: _Made,
) -> tuple[str, dict[str, str]]:
    """Make one, or take a picture made before; returns what was done, and names by kind."""
    options = named_images.load_files(options)
    subject = find_subject(context, options)
    key = (subject.maps[0].source_uid, replace(options, material="", image=""))
    alone = not options.maps and not subject.guessed
    if alone and (there := _put_again(context, subject, options, made.get(key, ""))):
        kind = subject.maps[0].kind
        return f"“{there.name}”, made before of the same image, was put in.", {kind: there.name}
    task = make_task(context, options)
    job = EngineJob(task, python)
    jobs.run(job, on_progress)
    if alone:
        made[key] = task.image_name
    return job.message, task.image_names


def _put_again(
    context: bpy.types.Context, subject: Subject, options: Options, name: str
) -> bpy.types.Image | None:
    """Put a picture that was made before into the nodes that are meant, if there are any."""
    image = bpy.data.images.get(name)
    nodes = subject.maps[0].find_nodes() if image else []
    if not nodes:
        return None
    if options.solid:
        size = solid_task.measure_size(context, subject)
        solid_task.put_in(nodes, image, int(options.recipe.voxels), size)
        return image
    putting.put_images([(node, image) for node in nodes], options.keep_density)
    return image


def write_report(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write what became of a row as JSON, whole or not at all.

    Raises:
        BadInput: The file cannot be written.
    """
    text = json.dumps([asdict(o) for o in outcomes], indent=1)
    try:
        write_whole(path, text.encode())
    except OSError as e:
        raise BadInput(f"The report {path} cannot be written ({e.strerror}).") from None
