"""Evaluate for another process, whose optimiser decides where."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .base import Objective


class Follower:
    """Takes the optimiser's place in processes that do not lead; see `lbfgs.Lbfgs`.

    Args:
        objective: Evaluates at the leader's point, whatever point it is given.
        like: Of a point's shape.
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
