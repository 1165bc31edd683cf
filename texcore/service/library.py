"""Make textures from Python: what ``import texcore`` offers.

A function here makes a `texcore.contract.jobs.Job`, as the command line and the service do, and
follows it to its end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import pictures
from ..contract.errors import BadInput
from ..contract.jobs import Companions, Job, Made, MapFiles
from ..contract.leftovers import clear_leftovers, mark
from ..contract.map_kinds import PICTURE
from ..contract.recipe import SETTINGS, Recipe
from ..runtime.threads import wait_politely
from .material import name_outputs
from .pipeline import run

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Progress:
    """How far a texture is.

    Attributes:
        fraction: Share of the work done, 0...1.
        stage: What is happening, in a few plain words.
        remaining: Estimated seconds to go; None while it is too early to say.
    """

    fraction: float
    stage: str
    remaining: float | None = None


@dataclass(frozen=True)
class Texture:
    """A picture that was made.

    Attributes:
        pixels: Shape (height, width, channels), float32, top row first; colours as encoded in the
            file, 0...1, but light in an EXR, which has no upper limit. Alpha is straight.
        recipe: All that decided it: `synthesize` makes it again from it.
        path: Its file; None where none was asked for.
    """

    pixels: NDArray[np.float32]
    recipe: Recipe
    path: Path | None


@dataclass(frozen=True)
class Result:
    """What `synthesize` returns.

    Attributes:
        maps: Texture by kind of map; of a picture by itself one, ``picture``.
        width, height: Of the largest, in pixels.
        evaluations: Of the objective.
        seconds: That it took, by the clock.
        network: Fingerprint of the feature network.
        notes: What the user should know, a sentence each.
    """

    maps: dict[str, Texture]
    width: int
    height: int
    evaluations: int
    seconds: float
    network: str
    notes: list[str]

    @property
    def texture(self) -> Texture:
        """The only texture, or the first of several."""
        return next(iter(self.maps.values()))


def synthesize(
    exemplar: PathLike | Mapping[str, PathLike],
    output: PathLike | None = None,
    *,
    recipe: Recipe | None = None,
    size: int | tuple[int, int] | None = None,
    derive: tuple[str, ...] = (),
    companions: Companions | None = None,
    device: str = "auto",
    weights: str = "auto",
    online: bool = True,
    on_progress: Callable[[Progress], object] | None = None,
    **settings: Any,
) -> Result:
    """Make a new texture like an exemplar, or new maps like those of a material.

    From a clone of the repository, with random filters, which need no download::

        >>> import texcore
        >>> words = {"size": 48, "seed": 3, "iterations": 2, "weights": "random"}
        >>> made = texcore.synthesize("demo/exemplar.png", **words)
        >>> made.texture.pixels.shape, made.texture.recipe.seed
        ((48, 48, 3), 3)

    Args:
        exemplar: A picture's file; or files by kind of map (``base_color``, ``normal``, …, see
            `texcore.contract.map_kinds.KINDS`), which are made as one.
        output: File to write, its suffix says the format; of maps, a folder that is there. All is
            written at the end, or nothing. None writes nothing.
        recipe: Of a texture made before, or of your own; None for the defaults.
        size: Width and height in pixels, or both as one number; None for the exemplar's.
        derive: Kinds of maps to guess from the new base color, or picture:
            `texcore.contract.map_kinds.DERIVABLE`.
        companions: Pictures to mix in, to start from, or that tell regions apart.
        device: ``auto``, ``cuda``, ``mps`` or ``cpu``.
        weights: ``auto``, ``vgg19``, ``vgg16``, ``random``, ``random-vgg`` or a file.
        online: Whether weights that are not there may be fetched.
        on_progress: Called after each step; what it raises ends the work, and nothing is written.
        **settings: Any of `Recipe`'s, such as ``seed``, ``quality``, ``tile``.

    Returns:
        The pixels, with the recipe that makes them again.

    Raises:
        BadInput: A picture, an output or a setting cannot be used.
        Unavailable: The device or the weights asked for are not there.
        OutOfMemory: The device's memory does not hold the run.
    """
    wait_politely()
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise BadInput(f"There is no setting “{unknown[0]}”: use one of {', '.join(SETTINGS)}.")
    if size is not None:
        settings["size"] = (size, size) if isinstance(size, int) else size
    recipe = replace(recipe or Recipe(), **settings)
    maps = {PICTURE: exemplar} if isinstance(exemplar, (str, os.PathLike)) else dict(exemplar)
    clear_leftovers(Path(gettempdir()))
    with TemporaryDirectory(prefix=f"{mark()}-") as spare:
        files = _name_files({kind: Path(path) for kind, path in maps.items()}, output, spare)
        folder = next(iter(files.values())).output.parent if files else Path(spare)
        suffix = ".tif" if output is None else ".png"
        job = Job(
            {kind: _in_recipes_terms(entry, kind, recipe) for kind, entry in files.items()},
            recipe,
            derive={kind: folder / f"{kind}{suffix}" for kind in derive},
            companions=companions or Companions(),
            device=device,
            weights=weights,
            online=online,
        )
        made = _follow(job, on_progress)
        return _read_result(made, keeps_files=output is not None)


def _name_files(
    maps: Mapping[str, Path], output: PathLike | None, spare: str
) -> dict[str, MapFiles]:
    """Where the results go; where none is asked for, to TIFF, which holds every depth."""
    if output is None:
        outputs = {kind: Path(spare) / f"{kind}.tif" for kind in maps}
    elif set(maps) == {PICTURE}:
        outputs = {PICTURE: Path(output).absolute()}
    else:
        outputs = name_outputs(Path(output).absolute(), maps)
    return {kind: MapFiles(path.absolute(), outputs[kind]) for kind, path in maps.items()}


def _in_recipes_terms(files: MapFiles, kind: str, recipe: Recipe) -> MapFiles:
    """A picture by itself is of the recipe's encoding; the maps of a material are of their own."""
    encoding = recipe.encoding if kind == PICTURE else recipe.tell_encoding(kind) or "auto"
    return replace(files, encoding=encoding, bit_depth=recipe.bit_depth)


def _follow(job: Job, on_progress: Callable[[Progress], object] | None) -> Made:
    """Do a job to its end."""
    moments = run(job)
    while True:
        try:
            moment = next(moments)
        except StopIteration as stop:
            made: Made = stop.value
            return made
        if on_progress:
            step = moment.step
            on_progress(Progress(step.fraction, step.stage, moment.remaining))


def _read_result(made: Made, keeps_files: bool) -> Result:
    """The pixels of what was made."""
    maps = {}
    for kind, entry in made.maps.items():
        picture = pictures.read(entry.output, copies=2)  # as it is read, and as it is given
        pixels = np.ascontiguousarray(picture.pixels.transpose(1, 2, 0))
        maps[kind] = Texture(pixels, entry.recipe, entry.output if keeps_files else None)
    return Result(
        maps, made.width, made.height, made.evaluations, made.seconds, made.network, made.notes
    )
