"""Hold all that decides how a run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from ..contract.errors import BadInput


class StateOfAnotherRun(BadInput):
    """A run cannot go on from a state, which is that of another one."""

    def __init__(self) -> None:
        super().__init__("The checkpoint does not fit this run: start anew.", "resume")


@dataclass(frozen=True)
class State:
    """Where a run is; see `texcore.synthesis.run.Synthesis.state`.

    Attributes:
        level: Which one is worked on.
        evaluations: In the whole run so far.
        in_level: Of these, in that level.
        tensors: Of the optimiser, and the random generator's state.
    """

    level: int
    evaluations: int
    in_level: int
    tensors: Mapping[str, Tensor]
