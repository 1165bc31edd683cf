"""Make the rows of a batch on a cluster's workers.

Workers read the pictures and write the results themselves, so they see the same folders under the
same names. A row whose worker dies is made by another one, from its checkpoint if there is one.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.errors import Cancelled, Unavailable
from .cluster import Cluster
from .outcomes import FAILED, Outcome
from .rows import Row
from .shelf import Shelf
from .work import do_row

if TYPE_CHECKING:
    from distributed import Future

# So many rows are handed out for each worker: the next one is there when one has been made, and
# what the scheduler has to remember does not grow with the batch.
_ROWS_PER_WORKER, _FURTHER_ROWS = 1.5, 4
# Seconds between two looks at how many workers there are, and between two calls while waiting.
_COUNTING_SECONDS, _TICKING_SECONDS = 5.0, 0.5
# A row at which the scheduler has given up, since so many workers have died at it, is handed out so
# often again: on a machine where workers are killed for other reasons, it is not the row's fault.
_FURTHER_TRIES = 2
# A process makes one row at a time, whatever number of threads its worker has.
_alone = threading.Lock()


def farm_rows(
    rows: Sequence[Row],
    folder: Path,
    cluster: Cluster,
    tick: Callable[[int], object] | None = None,
) -> Generator[Outcome, None, None]:
    """Make rows on workers; what became of each comes as soon as it has ended.

    Large ones go first, so that no worker is left with one when the others have nothing to do.
    Closing the generator takes back what is not made yet.

    Args:
        rows: To make.
        folder: For the results; all workers have it under this name.
        cluster: Whose workers make them.
        tick: Told twice a second how many workers there are.

    Raises:
        Unavailable: The scheduler is lost.
    """
    waiting: Iterator[Row] = iter(sorted(rows, key=lambda row: -row.area))
    ended: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()
    sent: dict[Future[Outcome], Row] = {}
    given_up: list[int] = []
    workers, counted = 0, 0.0
    try:
        while True:
            if time.monotonic() - counted > _COUNTING_SECONDS:
                workers, counted = _count(cluster), time.monotonic()
            room = int(workers * _ROWS_PER_WORKER) + _FURTHER_ROWS - len(sent)
            for row in (row for _, row in zip(range(room), waiting, strict=False)):
                future = _send(row, folder, cluster)
                sent[future] = row
                future.add_done_callback(ended.put)
            if not sent:
                return
            if tick:
                tick(workers)
            try:
                future = ended.get(timeout=_TICKING_SECONDS)
            except queue.Empty:
                continue
            row = sent.pop(future)
            if _is_given_up(future) and given_up.count(row.number) < _FURTHER_TRIES:
                given_up.append(row.number)
                waiting = itertools.chain([row], waiting)
                continue
            yield _receive(future, row)
    finally:
        if sent:
            with contextlib.suppress(OSError):  # a scheduler that is lost has nothing to take back
                cluster.client.cancel(list(sent), force=True)


def _send(row: Row, folder: Path, cluster: Cluster) -> Future[Outcome]:
    return cluster.client.submit(
        work_here,
        row,
        str(folder),
        cluster.threads,
        cluster.share,
        key=f"texcore-{row.number}-{row.name}-{time.monotonic_ns()}",
        resources=cluster.resources or None,
        pure=False,
    )


def _is_given_up(future: Future[Outcome]) -> bool:
    """Whether the scheduler has given a row up because its workers have died."""
    from distributed import KilledWorker

    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def _receive(future: Future[Outcome], row: Row) -> Outcome:
    """Take what became of a row.

    Raises:
        Unavailable: The scheduler is lost.
    """
    from distributed import CancelledError, KilledWorker

    try:
        outcome: Outcome = future.result()
        return outcome
    except KilledWorker:
        message = (
            "Each worker that this row was given to has died, most likely for lack of memory: "
            "choose a smaller size, or give workers more."
        )
    except (CancelledError, OSError):
        raise Unavailable(
            "The scheduler was lost: start the same command again, and it goes on."
        ) from None
    except Exception as e:  # the worker's: another version of Texcore, a folder that it has not
        message = f"A worker could not make this row ({type(e).__name__}: {str(e)[:200]})."
    return Outcome(row.number, row.name, FAILED, message=message)


def _count(cluster: Cluster) -> int:
    from distributed import CancelledError

    try:
        return cluster.count_workers()
    except (OSError, CancelledError):
        raise Unavailable(
            "The scheduler was lost: start the same command again, and it goes on."
        ) from None


def work_here(row: Row, folder: str, threads: int | None, share: int | None) -> Outcome:
    """Make a row in this worker's process.

    Args:
        row: To make.
        folder: For the results.
        threads: Of the processor; None for what there are.
        share: Bytes of memory to plan with; None for what is free.
    """
    import torch

    from ..runtime import memory
    from ..runtime.threads import wait_politely

    wait_politely()
    with _alone:
        if threads:
            torch.set_num_threads(threads)
        memory.set_share(share)
        return do_row(row, Shelf(Path(folder)), check=_find_check())


def _find_check() -> Callable[[], object]:
    """What ends a row that nobody waits for any more."""
    from distributed import get_worker

    worker = get_worker()
    key: Any = worker.get_current_task()

    def check() -> None:
        task = worker.state.tasks.get(key)
        if task is None or task.state in ("cancelled", "released", "forgotten"):
            raise Cancelled

    return check
