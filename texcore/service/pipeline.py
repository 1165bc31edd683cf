"""From the files of an exemplar to those of a new texture: what command line and service both run.

A picture by itself and all maps of a material take the same road: read, put on one canvas, made,
taken apart again, written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from ..pictures import Picture
from ..runtime import devices, processes
from ..runtime.processes import Group
from ..solids.run import SolidRun
from ..surfaces.torus import Torus
from ..synthesis.state import State
from .calibrating import Estimator, Outlook
from .checkpoint import Checkpoint, pausable, resumable
from .material import (
    Material,
    describe_material,
    even_out_shown,
    read_material,
    tell_clipped,
    write_material,
)
from .preparation import PlannedRun, Prepared, Surface, memory_errors, prepare
from .progress import Clock, Moment, Stopwatch, moments
from .stopping import Stopping

if TYPE_CHECKING:
    from ..objects.run import OnSurface


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
    callbacks = _Callbacks(report, check, enough, announce)
    with processes.joined(devices.choose(job.device), together) as group:
        return (yield from _run(job, group, callbacks))


@dataclass(frozen=True)
class _Callbacks:
    """What whoever starts a job wants to be told and asked; see `run`."""

    report: Report | None
    check: Callable[[], object] | None
    enough: Callable[[], bool] | None
    announce: Callable[[Outlook], object] | None


@dataclass(frozen=True)
class _Begun:
    """A job whose pictures are read and whose run is planned.

    Attributes:
        job: What is made.
        group: Processes that make it together; None for this one alone.
        source: The pictures that it is made from.
        prepared: Device, network and recipe.
        run: What makes the texture.
        stopping: Ends the run before its time; None where nobody may ask for that.
        checkpoint: Where the run's state is kept; None to keep nothing.
    """

    job: Job
    group: Group | None
    source: Material
    prepared: Prepared
    run: PlannedRun | OnSurface | SolidRun
    stopping: Stopping | None
    checkpoint: Checkpoint | None

    @property
    def leads(self) -> bool:
        """Whether this process writes."""
        return self.group is None or self.group.leads

    @property
    def resumes(self) -> bool:
        """Whether the run goes on from its checkpoint."""
        return self.checkpoint is not None and self.job.resume


def _run(job: Job, group: Group | None, callbacks: _Callbacks) -> Generator[Moment, None, Made]:
    """Do a job; see `run`."""
    watch = Stopwatch()
    begun = _begin(job, group, callbacks, watch)
    source, synthesis = begun.source, begun.run
    notes = [*source.notes, *begun.prepared.notes, *synthesis.notes]
    with memory_errors(begun.prepared.device):
        if begun.resumes:
            notes += _resume(begun)
        estimator = None if group or begun.resumes else _make_estimator(begun, watch)
        outlook = estimator.outlook if estimator else Outlook(synthesis.forecast.peak)
        if callbacks.announce:
            callbacks.announce(outlook)
        yield from _follow_steps(begun, outlook, watch)
        notes += begun.stopping.describe(synthesis) if begun.stopping else []
        made = _make_maps(begun)
    put = write_material if begun.leads else describe_material
    maps = put(job, made, source.depths, synthesis.recipe)
    notes += tell_clipped(made, source.depths)
    if begun.leads and begun.checkpoint:
        begun.checkpoint.remove()
        notes += begun.checkpoint.notes
    if estimator and not (begun.stopping and begun.stopping.stopped):
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


def _begin(job: Job, group: Group | None, callbacks: _Callbacks, watch: Stopwatch) -> _Begun:
    """Read the pictures of a job, load the network and plan the run."""
    surface = Surface.read(job.object, job.udim) if job.object else None
    source = read_material(job, surface.digest if surface else None)
    with watch.stopped():
        prepared = prepare(source.recipe, digest_maps(source.maps), job, callbacks.report, group)
    stopping = Stopping(callbacks.enough, group) if callbacks.enough and prepared.network else None
    check = _check_both(callbacks.check, stopping)
    with memory_errors(prepared.device):
        synthesis = prepared.synthesis(
            source.exemplar, check, job.tile_side, group, surface, job.solid
        )
    is_long = prepared.network is not None and source.place is None
    keeps = job.checkpoint if is_long else None
    checkpoint = Checkpoint(keeps, synthesis.recipe) if keeps else None
    return _Begun(job, group, source, prepared, synthesis, stopping, checkpoint)


def _make_estimator(begun: _Begun, watch: Stopwatch) -> Estimator:
    """Make what tells how long a run will take, off the run's own clock."""
    job, exemplar = begun.job, begun.source.exemplar
    with watch.stopped():
        return Estimator(job.device, job.weights, begun.prepared, begun.run, exemplar)


def _follow_steps(
    begun: _Begun, outlook: Outlook, watch: Stopwatch
) -> Generator[Moment, None, None]:
    """Do the steps of a run, with previews and checkpoints on the way."""
    job, stopping = begun.job, begun.stopping
    show = _make_previewer(job, begun.source.stack) if begun.leads else None
    kept = begun.checkpoint if begun.leads else None
    now_and_then = kept if job.now_and_then else None
    at_the_end = kept if job.pausable else None
    clock = Clock(expected=outlook.expected)
    with resumable(begun.checkpoint), pausable(at_the_end, begun.run.state):
        steps = moments(begun.run, show, now_and_then, clock)
        for moment in stopping.follow(steps) if stopping else steps:
            watch.see(moment.step)
            yield moment


def _make_maps(begun: _Begun) -> dict[str, Picture]:
    """Make the maps of the texture that a run has come to, those that are derived last."""
    job, source = begun.job, begun.source
    is_flat = not (job.object or job.solid)
    torus = Torus.from_tile(begun.run.recipe.tile if is_flat else "none")
    wraps = torus.x and torus.y
    made = source.stack.decode(begun.run.result(), wraps, alike=source.exemplar.plain)
    made = even_out_shown(made, job)
    if source.place is not None:
        made = put_back(made, source.kept, source.place)
    return made | derived(made, list(job.derive), torus)


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


def _resume(begun: _Begun) -> list[str]:
    """Go on where the checkpoint is, all processes alike; returns what the user should know."""
    group, checkpoint = begun.group, begun.checkpoint
    state = checkpoint.load() if checkpoint and begun.leads else None
    if group:
        place = (state.level, state.evaluations, state.in_level) if state else (-1, 0, 0)
        level, evaluations, in_level = group.from_leader(
            torch.tensor(place, device=begun.prepared.device)
        ).tolist()
        if not group.leads and level >= 0:
            state = State(level, evaluations, in_level, {})
    if state is None:
        return ["There is no checkpoint: the run begins anew."]
    begun.run.restore(state)
    return [f"Gone on after {state.evaluations} evaluations."]


def _make_previewer(job: Job, stack: Stack) -> Callable[[Tensor], bool] | None:
    """Make what writes the canvas into the files of previews; None where none is asked for.

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
