"""Clusters of workers, by Dask: on this machine, behind an address, or of a job scheduler's jobs.

Dask is an extra of the package; it is imported when a cluster is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.errors import BadInput, Unavailable
from ..runtime import memory

if TYPE_CHECKING:
    from distributed import Client
    from distributed.security import Security

#: Resource of a worker that has a graphics card of its own, as Dask's documentation has it.
GPU = "GPU"
# By the word for a job scheduler, dask-jobqueue's class.
_JOB_SCHEDULERS = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "lsf": "LSFCluster",
    "sge": "SGECluster",
    "htcondor": "HTCondorCluster",
}
# Seconds until a scheduler has to have answered.
_PATIENCE = 15
# Seconds until the first worker has to be there; it imports PyTorch on a machine that may be busy.
_STARTING_SECONDS = 300
# A row that is on a worker waits for nothing, so no further one is put beside it there.
_SATURATION = 1.0
_SETTINGS = {
    "distributed.scheduler.worker-saturation": _SATURATION,
    # A worker on a busy machine takes its time to be back.
    "distributed.deploy.lost-worker-timeout": "120s",
    # A row takes all that a worker has, for seconds: what looks at it a hundred times a second, or
    # wakes up fifty times, takes a tenth of that.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "500ms",
    "distributed.scheduler.work-stealing-interval": "1s",
}


@dataclass(frozen=True)
class Wanted:
    """The cluster that somebody asks for.

    Attributes:
        scheduler: Address of one that is there; empty for none.
        jobs: Word for a job scheduler, of `choices.JOB_SCHEDULERS`; empty for this machine.
        workers: How many; None for one for each graphics card, or one.
        memory: That each may have, such as ``8GB``; None for a share of the machine's.
        folder: That all workers see, for the certificates of those that are jobs.
    """

    scheduler: str = ""
    jobs: str = ""
    workers: int | None = None
    memory: str | None = None
    folder: Path = Path()


@dataclass(frozen=True)
class Cluster:
    """Workers that can be asked.

    Attributes:
        client: Of Dask.
        resources: That a row takes of a worker.
        dashboard: Address of the page that shows what they do; empty if there is none.
        threads: Of the processor that a row is made with; None for what the worker has.
        share: Bytes of memory that a worker plans with; None for what is free.
        mend: Starts anew what workers have died for good.
    """

    client: Client
    resources: dict[str, float]
    dashboard: str
    threads: int | None = None
    share: int | None = None
    mend: Callable[[], object] = lambda: None

    def count_workers(self) -> int:
        """Return how many workers there are now, and see to it that there are more if need be."""
        self.mend()
        return len(self.client.nthreads())


@contextlib.contextmanager
def open_cluster(wanted: Wanted) -> Iterator[Cluster]:
    """Start or reach a cluster, and leave it afterwards; what was started here ends here.

    Raises:
        Unavailable: Dask is not installed, or the scheduler does not answer.
        BadInput: What is asked for cannot be.
    """
    dask = _import_dask()
    with dask.config.set(_SETTINGS):
        if wanted.scheduler:
            with _connect(wanted.scheduler) as client:
                yield Cluster(client, _find_resources(client), client.dashboard_link or "")
        elif wanted.jobs:
            with _ending(_start_jobs(wanted)) as cluster, _connect(cluster) as client:
                yield Cluster(client, {}, client.dashboard_link or "")
        else:
            with _open_local(wanted) as local:
                yield local


@contextlib.contextmanager
def _open_local(wanted: Wanted) -> Iterator[Cluster]:
    """Workers on this machine: one for each graphics card, or as many as are wanted.

    Raises:
        Unavailable: None could be started.
    """
    import torch

    cards = torch.cuda.device_count()
    count = wanted.workers or cards or 1
    threads = count_threads(count)
    limit = memory.read_bytes(wanted.memory) if wanted.memory else _count_memory() // count
    resources = {GPU: 1.0} if cards else {}
    started = start_local(count, cards, limit, resources)
    with _ending(started) as cluster, _connect(cluster) as client:
        try:
            client.wait_for_workers(1, timeout=_STARTING_SECONDS)
        except TimeoutError:
            raise Unavailable(
                "No worker could be started: use fewer with --workers, or none."
            ) from None
        mend = functools.partial(mend_local, cluster, set[int]())
        dashboard = client.dashboard_link or ""
        yield Cluster(client, resources, dashboard, threads, limit * 3 // 4, mend)


def count_threads(workers: int) -> int:
    """Return how many threads of the processor each worker has; the user's variable goes first.

    Args:
        workers: On this machine; without the variable they share its cores.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "").strip()
    share = (os.cpu_count() or 1) // workers
    return max(1, int(asked) if asked.isdecimal() else share)


def start_local(count: int, cards: int, limit: int, resources: Mapping[str, float]) -> Any:
    """Start a scheduler in this process, and begin to start workers, each in a process of its own.

    Other users of the machine can reach its port, but without the certificates nothing else.

    Args:
        count: Of the workers.
        cards: Graphics cards to share out.
        limit: Bytes of memory of each; one that takes more is ended.
        resources: Of each.

    Raises:
        Unavailable: The package for certificates is not installed.
    """
    from distributed import Nanny, Scheduler, SpecCluster

    secured = {"host": "127.0.0.1", "protocol": "tls://", "security": make_certificates()}

    def describe(number: int) -> dict[str, Any]:
        own = {"CUDA_VISIBLE_DEVICES": str(number % cards)} if cards else {}
        options = {
            "nthreads": 1,
            "memory_limit": limit,
            "resources": dict(resources),
            "env": own,
            "silence_logs": logging.CRITICAL,
            "dashboard": False,
        }
        return {"cls": Nanny, "options": options | secured}

    scheduler = {"dashboard": True, "dashboard_address": "127.0.0.1:0", **secured}
    cluster = SpecCluster(
        workers={},
        scheduler={"cls": Scheduler, "options": scheduler},
        security=secured["security"],
        silence_logs=logging.CRITICAL,
    )
    cluster.worker_spec.update({number: describe(number) for number in range(count)})
    cluster.scale(count)
    return cluster


def make_certificates() -> Security:
    """Make the certificates of one cluster: who has none of them can give it no work.

    Raises:
        Unavailable: The package for certificates is not installed.
    """
    from distributed.security import Security

    try:
        return Security.temporary()
    except ImportError:
        raise _say_missing("cryptography") from None


def mend_local(cluster: Any, seen: set[int]) -> None:
    """Start anew what workers have died for good; to be called now and then.

    Dask starts a worker that dies again, but not one that dies while it is being started.

    Args:
        cluster: That `start_local` has started.
        seen: Workers without a process when this was called last; it is brought up to date.
    """
    gone = {name for name, nanny in list(cluster.workers.items()) if nanny.pid is None}
    for name in gone & seen:
        cluster.loop.add_callback(cluster.workers.pop(name).close)
    lacking = set(cluster.worker_spec) - set(cluster.workers)
    seen.clear()
    seen.update(gone - lacking)
    if lacking:
        cluster.scale(len(cluster.worker_spec))


def _start_jobs(wanted: Wanted) -> Any:
    """Ask a job scheduler for workers, each a job; cores and memory are in jobqueue.yaml.

    Raises:
        Unavailable: dask-jobqueue, or the package for certificates, is not installed.
        BadInput: Its settings do not say enough.
    """
    try:
        import dask_jobqueue
    except ModuleNotFoundError:
        raise Unavailable(
            "The Python package dask-jobqueue is missing: install it beside Texcore, or use --part "
            "in a job array."
        ) from None
    own: dict[str, Any] = {"memory": wanted.memory} if wanted.memory else {}
    own["security"] = make_certificates()
    try:
        cluster = getattr(dask_jobqueue, _JOB_SCHEDULERS[wanted.jobs])(
            processes=1,
            # A row at a time: it takes all cores by itself.
            worker_extra_args=["--nthreads", "1"],
            shared_temp_directory=str(wanted.folder),
            **own,
        )
        jobs = wanted.workers or 1
        cluster.adapt(minimum_jobs=jobs, maximum_jobs=jobs)  # for those that end, others are begun
    except (ValueError, TypeError) as e:
        said = str(e).strip().splitlines()[0]
        raise BadInput(
            f"dask-jobqueue cannot ask {wanted.jobs} for workers ({said}): write cores and memory "
            "into its file jobqueue.yaml."
        ) from None
    return cluster


@contextlib.contextmanager
def _ending(cluster: Any) -> Iterator[Any]:
    """A cluster that ends with the block.

    Workers that take longer to end on a busy machine are no reason to fail once all is made: they
    are children of this process, and end with it at the latest.
    """
    try:
        yield cluster
    finally:
        with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
            cluster.close()


@contextlib.contextmanager
def _connect(where: Any) -> Iterator[Client]:
    """A client of a scheduler, or of a cluster.

    Raises:
        Unavailable: It does not answer.
    """
    from distributed import Client

    try:
        client = Client(where, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as e:
        said = (str(e).splitlines() or ["no answer"])[0]
        raise Unavailable(f"The scheduler “{where}” cannot be reached: {said}") from None
    try:
        yield client
    finally:
        with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
            client.close(timeout=2)


def _find_resources(client: Client) -> dict[str, float]:
    """What a row takes of a worker: its graphics card, where workers say that they have one."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return {GPU: 1.0} if any(GPU in worker["resources"] for worker in workers) else {}


def _import_dask() -> Any:
    try:
        import dask
        import distributed  # noqa: F401 – it registers its settings
    except ModuleNotFoundError:
        raise _say_missing("dask[distributed]") from None
    return dask


def _say_missing(package: str) -> Unavailable:
    return Unavailable(
        f"The Python package {package} is missing: install Texcore with its extra “cluster”, or "
        "use --part on each machine."
    )


def _count_memory() -> int:
    """Bytes of this machine's memory, or of what its container may have."""
    from distributed.system import MEMORY_LIMIT

    return int(MEMORY_LIMIT)
