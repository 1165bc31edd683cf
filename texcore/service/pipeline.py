"""From a picture's file to a texture's file: what the command line and the service both run."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from .. import pictures
from ..contract.recipe import Recipe
from ..features.fetching import Report
from ..maps.companions import Companions, gathered
from ..maps.picture_codec import Codec
from ..runtime import devices, processes
from ..runtime.processes import Group
from ..synthesis.run import Synthesis
from ..synthesis.state import State
from .checkpoint import Checkpoint, resumable
from .preparation import DEPTH_WORDS, memory_errors, set_up
from .progress import Moment, moments


@dataclass(frozen=True)
class Job:
    """What to make from which file into which; see `texcore.contract.messages.Synthesize`.

    Attributes:
        tile_side: See `texcore.synthesis.run.Synthesis`.
        checkpoint: Whether a long run leaves its state beside the output now and then.
        resume: Whether to go on from that state if there is one.
        together: Whether processes that a launcher such as torchrun has started do it together.
    """

    exemplar: Path
    output: Path
    recipe: Recipe
    device: str = "auto"
    weights: str = "auto"
    preview: Path | None = None
    online: bool = True
    companions: Companions = field(default_factory=Companions)
    tile_side: int | None = None
    checkpoint: bool = False
    resume: bool = False
    together: bool = False


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

    Nothing is written but preview and checkpoint until the texture is whole. Closing the generator
    cancels; so does an exception of ``check``, which is called within a step too, where steps take
    long. Of several processes only the leader writes.

    Raises:
        BadInput: The exemplar, the output or the recipe cannot be used.
        Unavailable: The device or the weights asked for are not there.
        OutOfMemory: The device's memory does not hold the run.
        Cancelled: It was interrupted, and there is a checkpoint to go on from.
    """
    device = devices.choose(job.device)
    with processes.joined(device, job.together) as group:
        return (yield from _run(job, device, group, report, check))


def _run(
    job: Job,
    device: torch.device,
    group: Group | None,
    report: Report | None,
    check: Callable[[], object] | None,
) -> Generator[Moment, None, Made]:
    started = time.monotonic()
    leads = group is None or group.leads
    pictures.check_output(job.output, job.exemplar)
    exemplar = pictures.read(job.exemplar)
    depth = pictures.output_depth(job.output, job.recipe.bit_depth, exemplar.depth)
    codec = Codec(exemplar, job.recipe.encoding)
    whole, recipe, notes = gathered(job.companions, codec, job.recipe)
    bench = set_up(recipe, exemplar.digest(), job, report, group)
    recipe = replace(bench.recipe, bit_depth=DEPTH_WORDS[depth], maps="")
    with memory_errors(bench.device):
        synthesis = bench.synthesis(whole, recipe, check, job.tile_side, group)
        notes = [*bench.notes, *notes, *synthesis.notes]
        checkpoint = Checkpoint(job.output, synthesis.recipe) if job.checkpoint else None
        if checkpoint and job.resume:
            notes = [*notes, *resumed(synthesis, checkpoint, device, group)]
        with resumable(checkpoint):
            show = _shower(job.preview, codec) if job.preview and leads else None
            yield from moments(synthesis, show, checkpoint if leads else None)
        result = codec.picture(synthesis.result(), alike=whole.plain)
    if recipe.encoding == "auto":
        result = pictures.as_stored(job.output, result)
    if leads:
        pictures.write(job.output, replace(result, depth=depth), synthesis.recipe)
        if checkpoint:
            checkpoint.remove()
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


def resumed(
    synthesis: Synthesis, checkpoint: Checkpoint, device: torch.device, group: Group | None
) -> list[str]:
    """Go on where the checkpoint is, all processes alike; returns what the user should know."""
    state = checkpoint.load() if group is None or group.leads else None
    if group:
        place = (state.level, state.evaluations, state.in_level) if state else (-1, 0, 0)
        level, evaluations, in_level = group.from_leader(
            torch.tensor(place, device=device)
        ).tolist()
        if not group.leads and level >= 0:
            state = State(level, evaluations, in_level, {})
    if state is None:
        return ["There is no checkpoint: the run begins anew."]
    synthesis.restore(state)
    return [f"Gone on after {state.evaluations} evaluations."]


def _shower(path: Path, codec: Codec) -> Callable[[Tensor], None]:
    """Writes the canvas into the preview's file."""
    return lambda image: pictures.write_preview(path, codec.preview(image))
