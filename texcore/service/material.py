"""Read the maps of a job, and write those that were made; a picture by itself is one map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import Tensor

from .. import pictures
from ..contract.errors import BadInput
from ..contract.jobs import Job, MadeMap, MapFiles
from ..contract.map_kinds import FINE, PICTURE, check_derivable, get_kind
from ..contract.recipe import FLAT_LEVELS, OBJECT, Recipe, default_size
from ..contract.udim import TOKEN, measure_canvas, name_files
from ..exemplars.exemplar import Exemplar
from ..maps.companions import gather
from ..maps.deriving import derived
from ..maps.evening import SHOWN, even_out
from ..maps.lighting import LIT, even_light
from ..maps.renewing import hide, read_places, renew
from ..maps.stack import Stack
from ..pictures import Picture
from ..pictures.tiles import cut_files
from ..pictures.together import clear_before, write_all
from ..solids.run import ONE_PICTURE
from ..surfaces.torus import Torus

#: The recipe's word for each depth of a file.
DEPTH_WORDS = {"uint8": "8", "uint16": "16", "half": "16", "float": "float"}
# Beyond 0...1 a value counts as lost from here on; and what share of them is worth a word.
_ROOM, _LOST = 0.01, 0.01
# Maps whose sides are in other proportions than the largest's by more than this are stretched.
_STRETCHED = 0.02
_NO_EVENING = (
    "What stands out is evened out all over a texture that repeats: leave the evening out where a "
    "part of the picture is kept, on objects and in solid textures."
)
_NO_TILES = (
    "UDIM tiles are cut from one texture that is all new: leave the tiles out, or the repairing "
    "and the border."
)


@dataclass(frozen=True)
class Material:
    """What a job is made from.

    Attributes:
        maps: Picture by kind, those that were derived first among them.
        kept: The same, with even light if the recipe says so.
        stack: They all on one canvas.
        exemplar: Of the stack, with what goes beside it.
        recipe: The job's, with what was found in the files.
        depths: Of the files to write, by kind.
        notes: What the user should know, a sentence each.
        place: What is made anew, see `texcore.maps.renewing`; None for everything.
    """

    maps: dict[str, Picture]
    kept: dict[str, Picture]
    stack: Stack
    exemplar: Exemplar
    recipe: Recipe
    depths: dict[str, str]
    notes: list[str]
    place: Tensor | None = None


def read_material(job: Job, object_digest: str | None = None) -> Material:
    """Read all pictures that a job names, after a look at where its results shall go.

    Args:
        job: The job.
        object_digest: Of the object that it is for, for the recipe; None for a plane.

    Raises:
        BadInput: A picture, an output or the recipe cannot be used.
    """
    _check_outputs(job)
    previews = [files.preview for files in job.maps.values() if files.preview]
    files = [file for path in _outputs(job).values() for file in name_files(path, job.udim)]
    clear_before(files, [*previews, *filter(None, [job.checkpoint])])
    check_derivable(job.derive)
    read = {id: _read(id, files.exemplar) for id, files in job.maps.items()}
    place, damage, found = read_places(job.companions, job.recipe, read)
    lit = _even_light(read, job, damage)
    first = derived(lit, list(job.derive), surface=Torus(False, False)) if job.derive_first else {}
    maps, kept = {**read, **first}, {**lit, **first}
    _check_structure(maps, job)
    depths = _depths(maps, job)
    shown = kept if damage is None else hide(kept, damage)
    stack = Stack(shown, {id: _encoding(id, job) for id in maps})
    if object_digest is not None:
        found = {**found, OBJECT: object_digest}
    exemplar, recipe, notes = gather(job.companions, stack, job.recipe, found)
    if place is not None and damage is not None:
        exemplar = renew(exemplar, place, damage)
    several = [] if set(maps) == {PICTURE} else list(maps)
    encodings = ",".join(_encoding(id, job) for id in several)
    recipe = replace(recipe, maps=",".join(several), encodings=encodings, form=job.form)
    if job.udim and recipe.size is None:
        side = default_size(stack.width, stack.height)
        recipe = replace(recipe, size=measure_canvas(*side, job.udim))
    notes = [*_tell_stretched(maps), *notes]
    return Material(maps, kept, stack, exemplar, recipe, depths, notes, place)


def even_out_shown(made: Mapping[str, Picture], job: Job) -> dict[str, Picture]:
    """Return the maps that were made, with what stands out drawn in as the recipe says."""
    surface = Torus.from_tile(job.recipe.tile)
    return {
        id: even_out(picture, job.recipe.even, surface)
        if id in SHOWN and _encoding(id, job) != "data"
        else picture
        for id, picture in made.items()
    }


def write_material(
    job: Job, made: Mapping[str, Picture], known_depths: Mapping[str, str], recipe: Recipe
) -> dict[str, MadeMap]:
    """Write all maps that were made, or none; returns what each is.

    Args:
        job: Says where they go.
        made: Picture by kind.
        known_depths: Of those that were read; the others' follow from what they are.
        recipe: Complete; each map's own says its encoding and depth.

    Raises:
        BadInput: One cannot be written.
    """
    new = {id: picture for id, picture in made.items() if id not in known_depths}
    depths = {**known_depths, **_depths(new, job)}
    result = describe_material(job, made, depths, recipe)
    write_all(
        [
            (path, part, result[id].recipe)
            for id, picture in made.items()
            for path, part in cut_files(
                result[id].output, _stored(id, picture, depths[id], job), job.udim
            )
        ]
    )
    return result


def tell_clipped(made: Mapping[str, Picture], known_depths: Mapping[str, str]) -> list[str]:
    """Say which maps have values that files of whole numbers do not hold.

    Args:
        made: Picture by kind, as they were made.
        known_depths: What they are written in, by kind.
    """
    notes = []
    for id, depth in known_depths.items():
        pixels = made[id].pixels
        if depth not in ("uint8", "uint16") or made[id].depth in ("uint8", "uint16"):
            continue
        lost = float(np.mean((pixels < -_ROOM) | (pixels > 1 + _ROOM)))
        if lost > _LOST:
            what = "the picture" if id == PICTURE else f"the map {id}"
            notes.append(
                f"{lost:.0%} of {what} is darker than black or brighter than white and was cut "
                "off: write an OpenEXR file, which holds it."
            )
    return notes


def describe_material(
    job: Job, made: Mapping[str, Picture], known_depths: Mapping[str, str], recipe: Recipe
) -> dict[str, MadeMap]:
    """Return what `write_material` writes, without writing it."""
    new = {id: picture for id, picture in made.items() if id not in known_depths}
    depths = {**known_depths, **_depths(new, job)}
    return {
        id: MadeMap(
            _output(id, job),
            replace(recipe, bit_depth=DEPTH_WORDS[depths[id]], encoding=_encoding(id, job)),
        )
        for id in made
    }


def derive_all(
    source: Path,
    outputs: Mapping[str, Path],
    surface: Torus,
    bit_depth: str = "auto",
    radius: float | None = None,
) -> None:
    """Guess maps from a picture as it is and write them, all or none.

    Args:
        source: The base color.
        outputs: File to write by kind, of `map_kinds.DERIVABLE`.
        surface: Says where the picture wraps.
        bit_depth: The recipe's word for it.
        radius: Of the curvature, see `texcore.maps.curvature`.

    Raises:
        BadInput: The picture or an output cannot be used.
    """
    files = {id: MapFiles(source, path, bit_depth=bit_depth) for id, path in outputs.items()}
    job = Job(files)
    _check_outputs(job)
    made = derived({"base_color": pictures.read(source)}, list(outputs), surface, radius)
    depths = _depths(made, job)
    # No recipe: nothing was synthesised.
    write_all([(outputs[id], _stored(id, made[id], depths[id], job), None) for id in made])


def name_outputs(
    folder: Path, maps: Mapping[str, Path], udim: Sequence[int] = ()
) -> dict[str, Path]:
    """Return where the results of maps go in a folder: ``base_color.png``, in their format."""
    return {id: name_output(folder, id, _suffix(path), udim) for id, path in maps.items()}


def name_output(folder: Path, id: str, suffix: str, udim: Sequence[int] = ()) -> Path:
    """Return where the result of a map goes; of tiles, ``base_color.<UDIM>.png``."""
    return folder / f"{id}{f'.{TOKEN}' if udim else ''}{suffix}"


def choose_depth(id: str, output: Path, wanted: str, exemplar_depth: str) -> str:
    """Return the depth of a map's file: the one wanted, else 16 bits where 8 would show.

    Raises:
        BadInput: The format does not have the depth wanted.
    """
    fine = get_kind(id).id in FINE and exemplar_depth == "uint8"
    return pictures.output_depth(output, wanted, "uint16" if fine else exemplar_depth)


def _even_light(
    maps: Mapping[str, Picture], job: Job, damage: Tensor | None
) -> Mapping[str, Picture]:
    """Take uneven light out of those maps that it falls on, as the recipe says."""
    share = job.recipe.even_light
    if not share:
        return maps
    return {
        id: even_light(picture, share, damage)
        if id in LIT and _encoding(id, job) != "data"
        else picture
        for id, picture in maps.items()
    }


def _read(id: str, path: Path) -> Picture:
    get_kind(id)
    return pictures.read(path)


def _check_structure(maps: Mapping[str, Picture], job: Job) -> None:
    """Check that the picture shows more than one colour, else minutes would go into nothing.

    One of 8 bits may come with the traces of compressing or dithering. Maps of a material and what
    is mixed with other pictures are for `Stack` to judge.

    Raises:
        BadInput: It does not.
    """
    beside = job.companions.mix or job.companions.regions
    if set(maps) != {PICTURE} or beside:
        return
    picture = maps[PICTURE]
    most = FLAT_LEVELS / 255 if picture.depth == "uint8" else 0.0
    if all(float(np.ptp(channel)) <= most for channel in picture.pixels):
        name = job.maps[PICTURE].exemplar.name
        raise BadInput(f"“{name}” is of one colour all over: choose a picture of a texture.")


def _check_outputs(job: Job) -> None:
    kept = job.companions.repair or job.companions.keep or job.recipe.renew != "all"
    if job.udim and kept:
        raise BadInput(_NO_TILES)
    if job.recipe.even and (job.object or job.solid or kept):
        raise BadInput(_NO_EVENING)
    if job.solid and (set(job.maps) != {PICTURE} or job.derive or job.udim):
        raise BadInput(ONE_PICTURE)
    outputs = [
        (id, file) for id, path in _outputs(job).items() for file in name_files(path, job.udim)
    ]
    targets: dict[Path, str] = {}
    for id, path in outputs:
        pictures.check_output(path)
        for files in job.maps.values():
            pictures.check_output(path, files.exemplar)
        _check_not_read(path, job)
        other = targets.setdefault(path.resolve(), id)
        if other != id:
            raise BadInput(f"The maps {other} and {id} would both go into “{path}”.")


def _check_not_read(output: Path, job: Job) -> None:
    """Check that a result takes the place of nothing that it is made from.

    Raises:
        BadInput: It does.
    """
    read = [*job.companions.list_files(), *([job.object] if job.object else [])]
    if any(output.resolve() == path.resolve() for path in read):
        raise BadInput(f"“{output.name}” is what the texture is made from: choose another output.")


def _outputs(job: Job) -> dict[str, Path]:
    return {**job.derive, **{id: files.output for id, files in job.maps.items()}}


def _output(id: str, job: Job) -> Path:
    return _outputs(job)[id]


def _depths(maps: Mapping[str, Picture], job: Job) -> dict[str, str]:
    wanted = {id: files.bit_depth for id, files in job.maps.items()}
    return {
        id: choose_depth(id, _output(id, job), wanted.get(id, job.recipe.bit_depth), picture.depth)
        for id, picture in maps.items()
    }


def _encoding(id: str, job: Job) -> str:
    if get_kind(id).meaning != "colour":
        return "data"
    return job.maps[id].encoding if id in job.maps else "auto"


def _stored(id: str, picture: Picture, depth: str, job: Job) -> Picture:
    """A map as its file keeps it: colours of an EXR as light, data just as they are."""
    if _encoding(id, job) == "auto":
        picture = pictures.as_stored(_output(id, job), picture)
    return replace(picture, depth=depth)


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return {".exr": ".exr", ".hdr": ".exr", ".tif": ".tif", ".tiff": ".tif"}.get(suffix, ".png")


def _tell_stretched(maps: Mapping[str, Picture]) -> Sequence[str]:
    """What an artist may not expect."""
    shapes = {id: picture.pixels.shape[1:] for id, picture in maps.items()}
    height, width = max(shapes.values(), key=lambda s: s[0] * s[1])
    stretched = [
        id for id, (h, w) in shapes.items() if abs((w / h) / (width / height) - 1) > _STRETCHED
    ]
    return [f"The map {id} is of other proportions and was stretched." for id in stretched]
