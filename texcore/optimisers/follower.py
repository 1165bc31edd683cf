"""Evaluate for another process, whose optimiser decides where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from .base import NoState, Objective


class Follower:
    """Takes the optimiser's place in processes that do not lead; see `base.Optimiser`.

    Args:
        objective: Evaluates at the leader's point, whatever point it is given.
        like: Of a point's shape.

    Example:
        >>> follower = Follower(lambda x: (torch.tensor(7.0), x), torch.zeros(3))
        >>> list(follower.run(2)), follower.evaluations
        ([7.0, 7.0], 2)
    """

    def __init__(self, objective: Objective, like: Tensor) -> None:
        self.objective = objective
        self.point = torch.zeros_like(like)
        self.evaluations = 0

    def run(self, evaluations: int) -> Iterator[float]:
        """Evaluate until it has been done that often; yields the leader's trial values."""
        while self.evaluations < evaluations:
            value, _ = self.objective(self.point)
            self.evaluations += 1
            yield float(value)

    def state(self) -> dict[str, Tensor]:
        """Refuse: only the leader's optimiser has a state.

        Raises:
            NoState: Always.
        """
        raise NoState("the process that leads has the state, this one follows it")

    def restore(self, state: Mapping[str, Tensor], evaluations: int) -> None:
        """Go on after that many evaluations; only the leader needs the tensors."""
        self.evaluations = evaluations
