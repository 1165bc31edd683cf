"""From a picture's file to a texture's file: what the command line and the service both run."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import pictures
from .bench import DEPTH_WORDS, Moment, memory_errors, moments, set_up
from .companions import Companions, gathered
from .exemplar import Codec
from .features.fetching import Report
from .recipe import Recipe


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
    companions: Companions = field(default_factory=Companions)


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
    codec = Codec(exemplar, job.recipe.encoding)
    whole, recipe, notes = gathered(job.companions, codec, job.recipe)
    bench = set_up(recipe, exemplar.digest(), job, report)
    recipe = replace(bench.recipe, bit_depth=DEPTH_WORDS[depth], maps="")
    with memory_errors(bench.device):
        synthesis = bench.synthesis(whole, recipe, check)
        notes = [*bench.notes, *notes, *synthesis.notes]
        yield from moments(synthesis, job.preview, codec.preview)
        result = codec.picture(synthesis.result())
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
        network=bench.network.name,
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
