"""Say once where a run computes, with whom, and who may stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from . import memory
from .processes import Group

Check = Callable[[], object]
"""Called wherever a run can be left; an exception of it ends the step being made."""


def proceed() -> None:
    """Let a run go on: the check of a run that nobody stops."""


@dataclass(frozen=True)
class Machine:
    """The numbers of a machine that decide how a run is planned.

    Attributes:
        device: Type of the device that computes: ``cpu``, ``cuda`` or ``mps``.
        free: Bytes that can be had on the device; None where the system does not say.
        in_use: Bytes that this process has already, where its memory is the device's.
        processes: How many make the run together, this one included.
        sharing: How many of these share this machine's memory.
        tile_side: Texels that a side of a tile has at most; None leaves it to the free memory.
    """

    device: str = "cpu"
    free: int | None = None
    in_use: int = 0
    processes: int = 1
    sharing: int = 1
    tile_side: int | None = None


@dataclass(frozen=True)
class Context:
    """Where a run computes, with whom, and who may stop it.

    It is passed once to a run, which hands it on as it is.

    Attributes:
        device: Where tensors are.
        dtype: Of the convolutions. All else is computed in the exemplar's own precision.
        group: Processes that make the same run together; None where this one is alone.
        check: Called before each tile and each chunk of a layout; an exception of it ends the step
            being made.
        tile_side: Texels that a side of the part of the canvas that the network sees at a time has
            at most; None for what the free memory allows. It decides nothing but memory and time.
        free_memory: Tells the bytes that can be had on a device, None where nobody says.

    Example:
        >>> context = Context(torch.device("cpu"), tile_side=512, free_memory=lambda device: 2**33)
        >>> context.describe_machine().free
        8589934592
    """

    device: torch.device
    dtype: torch.dtype = torch.float32
    group: Group | None = None
    check: Check = proceed
    tile_side: int | None = None
    # Looked up when a context is made, so that a test may put another function in its place.
    free_memory: Callable[[torch.device], int | None] = field(default_factory=lambda: memory.free)

    @property
    def leads(self) -> bool:
        """Whether this process optimises and writes; it does where it is alone."""
        return self.group is None or self.group.leads

    def describe_machine(self) -> Machine:
        """Measure what a plan has to know of the machine, now."""
        return Machine(
            device=self.device.type,
            free=self.free_memory(self.device),
            in_use=memory.in_use() if self.device.type == "cpu" else 0,
            processes=self.group.size if self.group else 1,
            sharing=self.group.local_size if self.group else 1,
            tile_side=self.tile_side,
        )
