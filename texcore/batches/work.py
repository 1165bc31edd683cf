"""Make one row: the same work in this process, in a part of a farm, and on a worker far away."""

from __future__ import annotations

import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from ..contract.errors import BadInput, Cancelled, TexcoreError
from ..contract.files import explain, name_beside, safely
from ..contract.jobs import Made
from ..service import pipeline
from ..service.progress import Moment
from .outcomes import FAILED, MADE, Outcome
from .planning import Plan, plan_row
from .rows import Row
from .shelf import Shelf

Show = Callable[[Moment], object]


def do_row(
    row: Row,
    shelf: Shelf,
    show: Show | None = None,
    check: Callable[[], object] | None = None,
) -> Outcome:
    """Make a row unless it has been made of the same files and recipe before.

    What goes wrong is told in the outcome, and nothing of the row is written then.

    Args:
        row: To make.
        shelf: Where its result goes.
        show: Told of each step.
        check: Called often; what it raises ends the work.

    Raises:
        Cancelled: ``check`` or the user has ended it. Its checkpoint stays.
        KeyboardInterrupt: The user has ended it before there was a checkpoint.
    """
    plan = None
    try:
        plan = plan_row(row)
        return shelf.find(plan) or _make(plan, shelf, show, check)
    except Cancelled:
        raise
    except TexcoreError as e:
        message = str(e)
    except OSError as e:
        message = f"The row cannot be made: a file cannot be read or written ({explain(e)})."
    except Exception as e:  # one row that finds a fault of the program must not end all others
        traceback.print_exc(file=sys.stderr)
        message = f"The program failed at this row ({type(e).__name__}: {str(e)[:200]})."
    digest = plan.digest if plan else ""
    return Outcome(row.number, row.name, FAILED, digest, message, host=socket.gethostname())


def _make(
    plan: Plan, shelf: Shelf, show: Show | None, check: Callable[[], object] | None
) -> Outcome:
    with shelf.making(plan) as (room, checkpoint):
        resume = safely(name_beside(checkpoint, ".checkpoint").is_file)
        try:
            made = _run(plan, room, checkpoint, resume, show, check)
        except BadInput:
            if not resume:
                raise
            # The checkpoint may be what is damaged.
            name_beside(checkpoint, ".checkpoint").unlink(missing_ok=True)
            made = _run(plan, room, checkpoint, False, show, check)
        outcome = Outcome(
            plan.row.number,
            plan.row.name,
            MADE,
            plan.digest,
            files=shelf.describe(plan, {kind: map.output for kind, map in made.maps.items()}),
            width=made.width,
            height=made.height,
            evaluations=made.evaluations,
            seconds=round(made.seconds, 3),
            network=made.network,
            device=plan.row.get("device"),
            host=socket.gethostname(),
            notes=made.notes,
        )
        shelf.put(plan, room, outcome)
    return outcome


def _run(
    plan: Plan,
    room: Path,
    checkpoint: Path,
    resume: bool,
    show: Show | None,
    check: Callable[[], object] | None,
) -> Made:
    moments = pipeline.run(plan.make_job(room, checkpoint, resume), check=check)
    try:
        while True:
            moment = next(moments)
            if show:
                show(moment)
    except StopIteration as stop:
        made: Made = stop.value
        return made
