"""From the files of a material's maps to those of a new one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from .. import pictures
from ..contract.errors import BadInput
from ..contract.map_kinds import FINE, check_derivable, get_kind
from ..contract.recipe import Recipe
from ..features.fetching import Report
from ..maps.deriving import derived
from ..maps.stack import Stack
from ..pictures import Picture
from ..pictures.together import write_all
from ..runtime import devices, processes
from ..runtime.processes import Group
from .checkpoint import Checkpoint, resumable
from .pipeline import resumed
from .preparation import DEPTH_WORDS, memory_errors, set_up
from .progress import Moment, moments

# Maps whose sides are in other proportions than the largest's by more than this are stretched.
_STRETCHED = 0.02


@dataclass(frozen=True)
class MaterialJob:
    """What to make from which maps into which files.

    Attributes:
        maps: Picture by kind of map; see `kinds.kind`.
        outputs: File to write, by kind.
        recipe: Everything else that decides the result. Its size is that of the largest map's
            result, its bit depth ``auto`` or that of all.
        encodings: By kind, what the numbers of a colour map mean, where the file does not tell.
        depths: By kind, the recipe's word for its depth, where that is not the recipe's.
        derive: Maps to guess from the base color, `kinds.DERIVABLE`, where they are not given.
        derive_first: Guess them from the exemplar and synthesise them with it, instead of from the
            result.
        device, weights, online: See `texcore.contract.messages.Synthesize`.
        preview: Folder in which ``KIND.npy`` is refreshed for each map, see `Stack.previews`.
        checkpoint: File beside which a long run leaves its state now and then; None for no state.
        tile_side, resume, together: See `texcore.service.pipeline.Job`.
    """

    maps: Mapping[str, Path]
    outputs: Mapping[str, Path]
    recipe: Recipe
    encodings: Mapping[str, str] = field(default_factory=dict)
    depths: Mapping[str, str] = field(default_factory=dict)
    derive: Sequence[str] = ()
    derive_first: bool = False
    device: str = "auto"
    weights: str = "auto"
    preview: Path | None = None
    online: bool = True
    tile_side: int | None = None
    checkpoint: Path | None = None
    resume: bool = False
    together: bool = False


@dataclass(frozen=True)
class MaterialMade:
    """What was made, each map with its own complete recipe; time in seconds."""

    outputs: dict[str, Path]
    recipes: dict[str, Recipe]
    width: int
    height: int
    evaluations: int
    seconds: float
    network: str
    notes: list[str]


def run(
    job: MaterialJob, report: Report | None = None, check: Callable[[], object] | None = None
) -> Generator[Moment, None, MaterialMade]:
    """Do the job, a moment for each step; the generator's return value is what was made.

    All maps are written at the end, or none; see `texcore.pipeline.run` for the rest.

    Raises:
        BadInput: A map, an output or the recipe cannot be used.
        Unavailable: The device or the weights asked for are not there.
        OutOfMemory: The device's memory does not hold the run.
        Cancelled: It was interrupted, and there is a checkpoint to go on from.
    """
    device = devices.choose(job.device)
    with processes.joined(device, job.together) as group:
        return (yield from _run(job, device, group, report, check))


def _run(
    job: MaterialJob,
    device: torch.device,
    group: Group | None,
    report: Report | None,
    check: Callable[[], object] | None,
) -> Generator[Moment, None, MaterialMade]:
    started = time.monotonic()
    leads = group is None or group.leads
    _check_outputs(job)
    check_derivable(job.derive)
    maps = {id: _read(id, path) for id, path in job.maps.items()}
    if job.derive_first:
        maps |= derived(maps, job.derive, wraps=False)
    depths = _depths(maps, job)
    stack = Stack(maps, job.encodings)
    bench = set_up(job.recipe, digest(maps), job, report, group)
    recipe = replace(bench.recipe, maps=",".join(maps))
    with memory_errors(bench.device):
        synthesis = bench.synthesis(stack.exemplar, recipe, check, job.tile_side, group)
        notes = [*_notes(maps), *bench.notes, *synthesis.notes]
        checkpoint = Checkpoint(job.checkpoint, synthesis.recipe) if job.checkpoint else None
        if checkpoint and job.resume:
            notes += resumed(synthesis, checkpoint, device, group)
        show = _shower(job.preview, stack) if job.preview and leads else None
        with resumable(checkpoint):
            yield from moments(synthesis, show, checkpoint if leads else None)
        made = stack.pictures(synthesis.result(), recipe.tile == "xy")
        made |= derived(made, job.derive, wraps=recipe.tile == "xy")
    depths |= _depths({id: made[id] for id in made if id not in depths}, job)
    recipes = {
        id: replace(
            synthesis.recipe, bit_depth=DEPTH_WORDS[depths[id]], encoding=_encoding(id, job)
        )
        for id in made
    }
    if leads:
        files = [(job.outputs[id], _stored(id, made[id], depths, job), recipes[id]) for id in made]
        write_all(files)
        if checkpoint:
            checkpoint.remove()
    return MaterialMade(
        outputs={id: job.outputs[id] for id in made},
        recipes=recipes,
        width=synthesis.width,
        height=synthesis.height,
        evaluations=synthesis.evaluations,
        seconds=time.monotonic() - started,
        network=bench.network.name,
        notes=notes,
    )


def _shower(folder: Path, stack: Stack) -> Callable[[Tensor], None]:
    """Writes the maps of the canvas into the previews' folder."""

    def show(image: Tensor) -> None:
        for id, picture in stack.previews(image):
            pictures.write_preview(folder / f"{id}.npy", picture)

    return show


def outputs_in(
    folder: Path, maps: Mapping[str, Path], derive: Sequence[str] = ()
) -> dict[str, Path]:
    """Where the results of maps go in a folder: ``base_color.png``, in a format like their own."""
    guessed = {id: folder / f"{id}.png" for id in derive}
    return guessed | {id: folder / f"{id}{_suffix(path)}" for id, path in maps.items()}


def derive_all(
    source: Path, outputs: Mapping[str, Path], wraps: bool, bit_depth: str = "auto"
) -> None:
    """Guess maps from a picture as it is and write them, all or none.

    Args:
        source: The base color.
        outputs: File to write by kind, of `kinds.DERIVABLE`.
        wraps: Whether the picture tiles, both ways.
        bit_depth: The recipe's word for it.

    Raises:
        BadInput: The picture or an output cannot be used.
    """
    job = MaterialJob({"base_color": source}, outputs, Recipe(bit_depth=bit_depth))
    _check_outputs(job)
    made = derived({"base_color": pictures.read(source)}, list(outputs), wraps)
    depths = _depths(made, job)
    # No recipe: nothing was synthesised.
    write_all([(outputs[id], _stored(id, made[id], depths, job), None) for id in made])


def _depths(maps: Mapping[str, Picture], job: MaterialJob) -> dict[str, str]:
    return {
        id: depth(id, job.outputs[id], job.depths.get(id, job.recipe.bit_depth), picture.depth)
        for id, picture in maps.items()
    }


def depth(id: str, output: Path, wanted: str, exemplar_depth: str) -> str:
    """The depth of a map's file: the one wanted, else the exemplar's, 16 bits where 8 would show.

    Raises:
        BadInput: The format does not have the depth wanted.
    """
    fine = get_kind(id).id in FINE and exemplar_depth == "uint8"
    return pictures.output_depth(output, wanted, "uint16" if fine else exemplar_depth)


def digest(maps: Mapping[str, Picture]) -> str:
    """SHA-256 of all maps with their kinds, in order."""
    text = "".join(f"{id}:{picture.digest()}\n" for id, picture in maps.items())
    return hashlib.sha256(text.encode()).hexdigest()


def _read(id: str, path: Path) -> Picture:
    get_kind(id)
    return pictures.read(path)


def _check_outputs(job: MaterialJob) -> None:
    targets: dict[Path, str] = {}
    for id, path in job.outputs.items():
        pictures.check_output(path)
        for exemplar in job.maps.values():
            pictures.check_output(path, exemplar)
        other = targets.setdefault(path.resolve(), id)
        if other != id:
            raise BadInput(f"The maps {other} and {id} would both go into “{path}”.")


def _encoding(id: str, job: MaterialJob) -> str:
    return job.encodings.get(id, "auto") if get_kind(id).meaning == "colour" else "data"


def _stored(id: str, picture: Picture, depths: Mapping[str, str], job: MaterialJob) -> Picture:
    """A map as its file keeps it: colours of an EXR as light, data just as they are."""
    if _encoding(id, job) == "auto":
        picture = pictures.as_stored(job.outputs[id], picture)
    return replace(picture, depth=depths[id])


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return {".exr": ".exr", ".hdr": ".exr", ".tif": ".tif", ".tiff": ".tif"}.get(suffix, ".png")


def _notes(maps: Mapping[str, Picture]) -> list[str]:
    """What an artist may not expect."""
    shapes = {id: picture.pixels.shape[1:] for id, picture in maps.items()}
    height, width = max(shapes.values(), key=lambda s: s[0] * s[1])
    stretched = [
        id for id, (h, w) in shapes.items() if abs((w / h) / (width / height) - 1) > _STRETCHED
    ]
    return [f"The map {id} is of other proportions and was stretched." for id in stretched]
