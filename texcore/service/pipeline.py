"""From the files of an exemplar to those of a new texture: what command line and service both run.

A picture by itself and all maps of a material take the same road: read, put on one canvas, made,
taken apart again, written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import torch
from torch import Tensor

from .. import pictures
from ..contract.errors import BadInput
from ..contract.jobs import Job, Made
from ..contract.notes import Note
from ..features.fetching import Report
from ..maps.deriving import derived
from ..maps.renewing import put_back
from ..maps.stack import Stack, digest_maps
from ..runtime import devices, processes
from ..runtime.processes import Group
from ..surfaces.torus import Torus
from ..synthesis.state import State
from .calibrating import Estimator, Outlook
from .checkpoint import Checkpoint, pausable, resumable
from .material import (
    describe_material,
    even_out_shown,
    read_material,
    tell_clipped,
    write_material,
)
from .preparation import PlannedRun, Run, Surface, memory_errors, prepare
from .progress import Clock, Moment, Stopwatch, moments
from .stopping import Stopping


def run(
    job: Job,
    report: Report | None = None,
    check: Callable[[], object] | None = None,
    together: bool = False,
    enough: Callable[[], bool] | None = None,
    announce: Callable[[Outlook], object] | None = None,
) -> Generator[Moment, None, Made]:
    """Do a job, a moment for each step; the generator's return value is what was made.

    Nothing is written but previews and checkpoint until all maps are there. Closing the generator
    cancels, and leaves the checkpoint of a job that is pausable. So does an exception of ``check``,
    which is called within a step too, where steps take long, but it leaves none.

    Args:
        job: What to make.
        report: Told how far a download is.
        check: Called often; what it raises ends the run.
        together: Whether processes that a launcher such as torchrun has started do it together; of
            these only the leader writes.
        enough: Says whether the texture shall be kept as it is from the first step on; it is asked
            often, within a step too, and the steps that are left are not made. Several processes
            have all to be given one, or none. A sketch is always made to its end.
        announce: Told once, before the first step, what the run will take.

    Raises:
        BadInput: A picture, an output or the recipe cannot be used.
        Unavailable: The device or the weights asked for are not there.
        OutOfMemory: The device's memory does not hold the run.
        Cancelled: It was interrupted, and there is a checkpoint to go on from.
    """
    device = devices.choose(job.device)
    with processes.joined(device, together) as group:
        return (yield from _run(job, device, group, report, check, enough, announce))


def _run(
    job: Job,
    device: torch.device,
    group: Group | None,
    report: Report | None,
    check: Callable[[], object] | None,
    enough: Callable[[], bool] | None,
    announce: Callable[[Outlook], object] | None,
) -> Generator[Moment, None, Made]:
    watch = Stopwatch()
    leads = group is None or group.leads
    surface = Surface.read(job.object, job.udim) if job.object else None
    source = read_material(job, surface.digest if surface else None)
    with watch.stopped():
        prepared = prepare(source.recipe, digest_maps(source.maps), job, report, group)
    stopping = Stopping(enough, group) if enough and prepared.network else None
    with memory_errors(prepared.device):
        synthesis = prepared.synthesis(
            source.exemplar, _check_both(check, stopping), job.tile_side, group, surface, job.solid
        )
        notes = [*source.notes, *prepared.notes, *synthesis.notes]
        is_long = prepared.network and source.place is None
        keeps = job.checkpoint if is_long else None
        checkpoint = Checkpoint(keeps, synthesis.recipe) if keeps else None
        resumed = bool(checkpoint and job.resume)
        if checkpoint and job.resume:
            notes += _resume(synthesis, checkpoint, device, group)
        estimator, outlook = None, Outlook(synthesis.forecast.peak)
        if group is None and not resumed:
            with watch.stopped():
                estimator = Estimator(job.device, job.weights, prepared, synthesis, source.exemplar)
            outlook = estimator.outlook
        if announce:
            announce(outlook)
        clock = Clock(expected=outlook.expected)
        show = _previewer(job, source.stack) if leads else None
        kept = checkpoint if leads else None
        now_and_then = kept if job.now_and_then else None
        at_the_end = kept if job.pausable else None
        with resumable(checkpoint), pausable(at_the_end, synthesis.state):
            steps = moments(synthesis, show, now_and_then, clock)
            for moment in stopping.follow(steps) if stopping else steps:
                watch.see(moment.step)
                yield moment
        notes += stopping.describe(synthesis) if stopping else []
        is_flat = not (job.object or job.solid)
        torus = Torus.from_tile(synthesis.recipe.tile if is_flat else "none")
        wraps = torus.x and torus.y
        made = source.stack.decode(synthesis.result(), wraps, alike=source.exemplar.plain)
        made = even_out_shown(made, job)
        if source.place is not None:
            made = put_back(made, source.kept, source.place)
        made |= derived(made, list(job.derive), torus)
    put = write_material if leads else describe_material
    maps = put(job, made, source.depths, synthesis.recipe)
    notes += tell_clipped(made, source.depths)
    if leads and checkpoint:
        checkpoint.remove()
        notes += checkpoint.notes
    if estimator and not (stopping and stopping.stopped):
        estimator.learn(watch.parts, synthesis)
    return Made(
        maps=maps,
        width=synthesis.width,
        height=synthesis.height,
        evaluations=synthesis.evaluations,
        seconds=watch.seconds,
        network=synthesis.recipe.network,
        notes=notes,
        note_codes=[note.code for note in notes if isinstance(note, Note)],
        repeats=synthesis.plan.repeats if isinstance(synthesis, PlannedRun) else (),
    )


def _check_both(
    check: Callable[[], object] | None, stopping: Stopping | None
) -> Callable[[], object] | None:
    """Make one check of that of a job and that of its stopping."""
    if check is None or stopping is None:
        return check if stopping is None else stopping.check

    def both() -> None:
        check()
        stopping.check()

    return both


def _resume(
    synthesis: Run, checkpoint: Checkpoint, device: torch.device, group: Group | None
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


def _previewer(job: Job, stack: Stack) -> Callable[[Tensor], bool] | None:
    """What writes the canvas into the files of the previews; None where none is asked for.

    Once the first is there a later one may fail: the disk may be full by then, and Windows lets
    nobody replace a file while Blender reads it. The next comes soon, and no run ends for that.
    """
    files = {id: map.preview for id, map in job.maps.items() if map.preview}
    if not files:
        return None

    are_there = False

    def show(image: Tensor) -> bool:
        nonlocal are_there
        try:
            for id, picture in stack.previews(image):
                if id in files:
                    pictures.write_preview(files[id], picture)
        except BadInput:
            if not are_there:
                raise
            return False
        are_there = True
        return True

    return show
