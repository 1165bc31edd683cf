"""Jobs, one after another, beside the artist's work or until they are done.

`EngineJob.tick` drives both ways to run one: an application timer calls it while the artist
works on (`start`), or it is called until the job is done (`run`), as in background mode, where
timers never fire.

Jobs wait in `queue` for those before them. The engine stays warm between jobs; after
as many minutes without one as the preferences say it is ended, and its memory is free.
"""

from __future__ import annotations

import atexit
import time
from collections import deque
from collections.abc import Callable, Collection

import bpy

from ..add_on import get_preferences
from ..bundled.texcore.contract.errors import TexcoreError
from . import busy, suspending
from .job import EngineJob, State, engine
from .program import EngineError
from .redrawing import redraw

TICK_SECONDS = 0.1
TIMES_KEPT = 2000

#: How long the newest ticks held Blender's main thread, in seconds.
tick_times: deque[float] = deque(maxlen=TIMES_KEPT)

#: The newest job of each method, ended or not, the newest of all last: what the interface shows.
latest: dict[str, EngineJob] = {}

#: Those that have not ended, the one at work first.
queue: list[EngineJob] = []


def current() -> EngineJob | None:
    """The job at work, if there is one."""
    queue[:] = [job for job in queue if not job.ended]
    return queue[0] if queue else None


def last(methods: Collection[str]) -> EngineJob | None:
    """The newest job of some methods, ended or not."""
    return next((latest[name] for name in reversed(latest) if name in methods), None)


def start(job: EngineJob) -> None:
    """Run a job beside the artist's work, after those before it."""
    _enqueue(job)
    if not bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.register(_on_timer, persistent=True)
    redraw()


def run(job: EngineJob, on_progress: Callable[[EngineJob], None] | None = None) -> None:
    """Run a job to its end, and before it those that wait already.

    Args:
        job: The job.
        on_progress: Called after each step.

    Raises:
        TexcoreError: The job failed; the text says why.
        KeyboardInterrupt: As the user pressed Ctrl-C; the job is cancelled.
    """
    _enqueue(job)
    try:
        while not job.ended:
            first = current()
            if first is not None:
                _tick(first, TICK_SECONDS)
            if on_progress is not None:
                on_progress(job)
    finally:
        job.cancel()
        _rest_later()
    if job.state is not State.DONE:
        raise TexcoreError(job.message)


def resume() -> EngineJob | None:
    """Return a new job that goes on with the one suspended, which is no longer; None if none is."""
    kept = suspending.take()
    if kept is None:
        return None
    kept.task.go_on()
    return EngineJob(kept.task, kept.python, kept.watch, kept.fraction)


def cancel_all() -> None:
    """Cancel the job at work and those that wait."""
    for job in reversed(queue):
        job.cancel()
    queue.clear()


def _enqueue(job: EngineJob) -> None:
    queue.append(job)
    _show(job)


def _show(job: EngineJob) -> None:
    latest.pop(job.task.method, None)
    latest[job.task.method] = job


def _tick(job: EngineJob, wait: float = 0.0) -> None:
    job.tick(wait)
    if job.ended:
        _show(job)  # of several, the interface shows the one that ended last


def _shown(job: EngineJob) -> tuple[object, ...]:
    """What a panel tells of a job, as finely as it can be seen."""
    done, left = round(job.fraction * 100), round(job.remaining or 0)
    return job.state, job.stage, done, left, job.keepable


def _on_timer() -> float | None:
    """Advance the current job, or wait for the engine to confirm a cancel."""
    started = time.perf_counter()
    if busy.is_busy():
        return TICK_SECONDS
    job = current()
    if job is not None:
        if job.watch is not None:
            job.watch.make_room()
        before = _shown(job)
        _tick(job)
        if _shown(job) != before:
            redraw()
    elif engine.cancelling:
        _wait_for_cancel()
    else:
        _rest_later()
        return None
    tick_times.append(time.perf_counter() - started)
    return TICK_SECONDS


def _wait_for_cancel() -> None:
    """Look whether the engine has obeyed; what becomes of it then is for the next job to say."""
    try:
        for _ in engine.poll():
            pass
    except EngineError as e:
        engine.note(str(e))


def _rest_later() -> None:
    """End the engine once it has had nothing to do for as long as the preferences say."""
    if bpy.app.timers.is_registered(_rest):
        bpy.app.timers.unregister(_rest)
    minutes = get_preferences(bpy.context).rest_minutes
    if engine.running and minutes > 0:
        bpy.app.timers.register(_rest, first_interval=60 * minutes, persistent=True)


def _rest() -> None:
    if current() is None:
        # Not `stop`, which waits for the engine's own end and would hold up Blender.
        engine.kill()


@bpy.app.handlers.persistent
def _before_load(*_: object) -> None:
    """Cancel the jobs whose file is about to be closed."""
    cancel_all()
    suspending.forget()


@bpy.app.handlers.persistent
def _after_load(*_: object) -> None:
    """Forget what became of the jobs of the file before; undo, which loads none, keeps it."""
    for method, job in [*latest.items()]:
        if job.task.is_of_file:
            del latest[method]


def register() -> None:
    """Be ready to run jobs."""
    bpy.app.handlers.load_pre.append(_before_load)
    bpy.app.handlers.load_post.append(_after_load)
    atexit.register(engine.stop)


def unregister() -> None:
    """Cancel what is running and stop the engine."""
    bpy.app.handlers.load_pre.remove(_before_load)
    bpy.app.handlers.load_post.remove(_after_load)
    atexit.unregister(engine.stop)
    for timer in (_on_timer, _rest):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    cancel_all()
    suspending.forget()
    latest.clear()
    engine.stop()
