"""From a picture's file to a texture's file: what the command line and the service both run."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

from . import devices, pictures
from .errors import BadInput, OutOfMemory
from .exemplar import Codec
from .features import weights
from .features.weights import Report
from .recipe import Recipe
from .synthesis import Step, Synthesis

# Seconds between previews: at most four a second.
_PREVIEW_INTERVAL = 0.25


@dataclass(frozen=True)
class Job:
    """What to make from which file into which; see `texcore.protocol.Synthesize`."""

    exemplar: Path
    output: Path
    recipe: Recipe
    device: str = "auto"
    weights: str = "auto"
    preview: Path | None = None
    online: bool = True


@dataclass(frozen=True)
class Made:
    """What was made: the recipe complete with all that was chosen on the way, time in seconds."""

    output: Path
    recipe: Recipe
    width: int
    height: int
    evaluations: int
    seconds: float
    network: str
    notes: list[str]


@dataclass(frozen=True)
class Moment:
    """A step, and whether the preview's file was written anew at it."""

    step: Step
    previewed: bool


def run(
    job: Job, report: Report | None = None, check: Callable[[], object] | None = None
) -> Generator[Moment, None, Made]:
    """Do the job, a moment for each step; the generator's return value is what was made.

    Nothing is written but the preview until the texture is whole. Closing the generator cancels; so
    does an exception of ``check``, which is called within a step too, where steps take long.

    Raises:
        BadInput: The exemplar, the output or the recipe cannot be used.
        Unavailable: The device or the weights asked for are not there.
        OutOfMemory: The device's memory does not hold the run.
    """
    started = time.monotonic()
    pictures.check_output(job.output, job.exemplar)
    exemplar = pictures.read(job.exemplar)
    depth = pictures.output_depth(job.output, job.recipe.bit_depth, exemplar.depth)
    device = devices.choose(job.device)
    network, notes = weights.load(_weights_for(job), report, job.online)
    if job.recipe.network not in ("", network.name):
        raise BadInput(
            f"The recipe was made with the network {job.recipe.network}, but {network.name} is "
            "here: fetch the former, or leave the network out of the recipe."
        )
    digest = exemplar.digest()
    if job.recipe.exemplar not in ("", digest):
        notes = [*notes, "The recipe was made for another picture; it was used on this one."]
    dtype = devices.precision(job.recipe.precision, device)
    recipe = replace(
        job.recipe,
        network=network.name,
        exemplar=digest,
        precision=str(dtype).removeprefix("torch."),
        bit_depth={"uint8": "8", "uint16": "16", "half": "16", "float": "float"}[depth],
    )
    try:
        codec = Codec(exemplar, recipe.encoding)
        synthesis = Synthesis(codec.exemplar, recipe, network, device, dtype, between_tiles=check)
        shown = 0.0
        for step in synthesis.steps():
            previewed = job.preview is not None and time.monotonic() - shown > _PREVIEW_INTERVAL
            if previewed and job.preview:
                pictures.write_preview(job.preview, codec.preview(synthesis.preview()))
                shown = time.monotonic()
            yield Moment(step, previewed)
        result = codec.picture(synthesis.result())
    except (MemoryError, RuntimeError) as e:
        if not devices.says_no_memory(e):
            raise
        raise OutOfMemory(
            f"The memory of {devices.describe(device)} does not hold this run: "
            "choose a smaller size, or the CPU."
        ) from e
    if recipe.encoding == "auto":
        result = pictures.as_stored(job.output, result)
    pictures.write(job.output, replace(result, depth=depth), synthesis.recipe)
    return Made(
        output=job.output,
        recipe=synthesis.recipe,
        width=synthesis.width,
        height=synthesis.height,
        evaluations=synthesis.evaluations,
        seconds=time.monotonic() - started,
        network=network.name,
        notes=notes,
    )


class Clock:
    """Estimates the time left from the fractions of work done.

    Args:
        now: A monotonic clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._first: tuple[float, float] | None = None

    def remaining(self, fraction: float) -> float | None:
        """Seconds to go at this share of the work, 0...1; None while it is too early to say."""
        now = self._now()
        if self._first is None:
            self._first = (now, fraction)
            return None
        then, begun = self._first
        if fraction - begun < 0.005 or now - then < 0.5:
            return None
        return (now - then) / (fraction - begun) * (1 - fraction)


def _weights_for(job: Job) -> str:
    """The weights to load: a recipe that names its network gets that one, unless told otherwise.

    Raises:
        BadInput: The network named is neither in the cache nor one that can be had.
    """
    named = job.recipe.network
    if job.weights != "auto" or not named:
        return job.weights
    if weights.cached(named):
        return named
    if named in weights.obtainable():
        return named.split("-")[0]
    raise BadInput(
        f"The recipe was made with the network {named}, which is not here: give its weights' file "
        "with --weights FILE."
    )
