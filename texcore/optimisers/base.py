"""Say what an optimiser is given, and what every optimiser can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from torch import Tensor

Objective = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Value and gradient at a point; the gradient has the point's shape."""


class NoState(RuntimeError):
    """Nothing is here that a run could go on from."""


class Optimiser(Protocol):
    """Looks for a point where an objective is small.

    Attributes:
        point: The best that it has come to; a new tensor or the same one after each evaluation.
        evaluations: Of the objective so far.
    """

    point: Tensor
    evaluations: int

    def run(self, evaluations: int) -> Iterator[float]:
        """Evaluate until it has been done that often in all, and yield a value each time.

        Raises:
            FloatingPointError: The value at the start is not a number.
        """

    def state(self) -> dict[str, Tensor]:
        """Give all that decides how it goes on, in tensors that the next evaluation may change.

        Raises:
            NoState: Another process' optimiser decides, and has the state.
        """

    def restore(self, state: Mapping[str, Tensor], evaluations: int) -> None:
        """Go on from a `state` after that many evaluations, to the very same points.

        Raises:
            ValueError: It is the state of another problem, or of another optimiser.
        """


def copy_state(own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Copy tensors into those of an optimiser, by name.

    Raises:
        ValueError: Names, shapes or types differ.
    """
    if own.keys() != state.keys() or any(
        own[name].shape != t.shape or own[name].dtype != t.dtype for name, t in state.items()
    ):
        raise ValueError("the state does not fit the optimiser")
    for name, tensor in state.items():
        own[name].copy_(tensor)
