"""Several processes, on one machine or many, that share the tiles of one canvas.

``torchrun --nproc-per-node 2 -m texcore synthesize …`` starts them. The first process, the leader,
optimises and writes; the others follow: each evaluation begins with the leader's variables, every
process visits its tiles, and sums and gradients are added up over all. So no process has to decide
anything alike, and only the leader holds the optimiser's memory.

Before anything is added up they tell each other whether they still can. Where one has run out of
memory, all leave the evaluation at the same place, and make it again with smaller tiles.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from ..contract.errors import Unavailable
from . import devices

# A process may first have to fetch the network's weights, or wait for a slower one's tiles.
_PATIENCE = timedelta(minutes=15)


class ProcessLost(Unavailable):
    """Another process of the job has ended or cannot be reached any more."""

    def __init__(self) -> None:
        super().__init__(
            "Another process of this job was lost, so it has ended. The last checkpoint is whole: "
            "start the job again from there.",
            "resume",
        )


class Starved(MemoryError):
    """Another process of the job has run out of memory, and this one must not go on alone."""


class Group:
    """The processes of one job.

    Attributes:
        rank: This process' number; 0 is the leader.
        size: How many there are.
        local_size: How many of them are on this machine.
    """

    def __init__(self, rank: int, size: int, local_size: int) -> None:
        self.rank, self.size, self.local_size = rank, size, local_size
        # NCCL's messages would wait for the device; that memory is short is known on the host.
        self._hosts = None if dist.get_backend() == "gloo" else dist.new_group(backend="gloo")

    @property
    def leads(self) -> bool:
        """Whether this is the process that optimises and writes."""
        return self.rank == 0

    def add_up(self, tensor: Tensor) -> Tensor:
        """Replace a tensor by the sum of all processes' tensors, in place; the same for all.

        Raises:
            Starved: A process had no memory for its own.
        """
        self.agree()
        try:
            dist.all_reduce(tensor)
        except RuntimeError as e:
            raise _explained(e) from e
        return tensor

    def agree(self) -> None:
        """Go on once all processes have come as far.

        Raises:
            Starved: One has not: it has run out of memory.
        """
        if self.any(False):
            raise Starved("another process of this job is out of memory")

    def starve(self) -> None:
        """Tell the others, at the next point where they `agree`, that memory has run out here."""
        self.any(True)

    def any(self, here: bool) -> bool:
        """Whether it is so in any of the processes; said among hosts, no device waits."""
        count = torch.tensor(int(here))
        try:
            dist.all_reduce(count, group=self._hosts)
        except RuntimeError as e:
            raise _explained(e) from e
        return bool(count)

    def from_leader(self, tensor: Tensor) -> Tensor:
        """Replace a tensor by the leader's, in place."""
        try:
            dist.broadcast(tensor, 0)
        except RuntimeError as e:
            raise _explained(e) from e
        return tensor

    def least(self, number: int, device: torch.device) -> int:
        """Return the least of the numbers that the processes give; each gives one and waits."""
        tensor = torch.tensor(number, device=device)
        try:
            dist.all_reduce(tensor, dist.ReduceOp.MIN)
        except RuntimeError as e:
            raise _explained(e) from e
        return int(tensor)

    def wait(self) -> None:
        """Go on once all processes are here."""
        try:
            dist.barrier()
        except RuntimeError as e:
            raise _explained(e) from e

    def leave(self) -> None:
        """End the connection to the others."""
        dist.destroy_process_group()


def rank() -> int:
    """This process' number by the launcher's variables; 0 without a launcher."""
    return int(os.environ.get("RANK", "0"))


@contextmanager
def joined(device: torch.device, together: bool) -> Iterator[Group | None]:
    """The processes of a job for its work, if it is done together; they part afterwards.

    Raises:
        Unavailable: See `join`.
    """
    group = join(device) if together else None
    try:
        yield group
    except ProcessLost:
        group = None  # there is nobody to take leave of
        raise
    finally:
        if group:
            group.leave()


def join(device: torch.device) -> Group | None:
    """Meet the other processes that the launcher has started; None where this is the only one.

    On CUDA each process takes the device of its number on its machine.

    Raises:
        Unavailable: They cannot be reached, or there are fewer devices than processes.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return None
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if device.type == "cuda":
        if local >= torch.cuda.device_count():
            raise Unavailable(
                f"There are only {torch.cuda.device_count()} CUDA devices on this machine: "
                "start no more processes than these."
            )
        torch.cuda.set_device(local)
    try:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=_PATIENCE)
    except (RuntimeError, ValueError) as e:
        raise Unavailable(
            f"The other processes of this job cannot be reached: {str(e).splitlines()[0]}"
        ) from e
    return Group(rank(), size, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def _explained(error: RuntimeError) -> BaseException:
    """What a collective's error means: memory, or that somebody is missing."""
    return error if devices.says_no_memory(error) else ProcessLost()
