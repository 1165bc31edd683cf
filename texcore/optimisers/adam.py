"""Minimise by Adam, for the models whose papers use it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from .base import Objective, copy_state


class Adam:
    """Adaptive moments (Kingma & Ba 2015, algorithm 1); all on the device.

    Args:
        objective: What to minimise.
        start: First point; not changed.
        rate: Length of a step, in the point's units.
        clip: Entries of the gradient are cut to −clip…clip; None leaves them.

    Example:
        >>> adam = Adam(lambda x: (x.square().sum(), 2 * x), torch.ones(2), rate=0.1)
        >>> values = list(adam.run(50))
        >>> round(values[0], 1), values[-1] < 0.1
        (2.0, True)
    """

    FIRST, SECOND, TINY = 0.9, 0.999, 1e-8

    def __init__(
        self, objective: Objective, start: Tensor, rate: float = 0.02, clip: float | None = 1.0
    ) -> None:
        self.objective = objective
        self.point = start.clone()
        self.rate, self.clip = rate, clip
        self.evaluations = 0
        self._mean = torch.zeros_like(start)
        self._square = torch.zeros_like(start)

    def run(self, evaluations: int) -> Iterator[float]:
        """Evaluate until it has been done that often; yields the value before each step.

        Raises:
            FloatingPointError: The value at the start is not a number.
        """
        while self.evaluations < evaluations:
            value, gradient = self.objective(self.point)
            self.evaluations += 1
            number = float(value)
            if self.evaluations == 1 and not math.isfinite(number):
                raise FloatingPointError("the objective is not a number at the start")
            if self.clip is not None:
                gradient = gradient.clamp(-self.clip, self.clip)
            self._mean.lerp_(gradient, 1 - self.FIRST)
            self._square.mul_(self.SECOND).addcmul_(gradient, gradient, value=1 - self.SECOND)
            mean = self._mean / (1 - self.FIRST**self.evaluations)
            square = self._square / (1 - self.SECOND**self.evaluations)
            self.point = self.point - self.rate * mean / (square.sqrt() + self.TINY)
            yield number

    def state(self) -> dict[str, Tensor]:
        """Give all that decides how it goes on, in tensors that the next iteration may change."""
        return {"point": self.point, "mean": self._mean, "square": self._square}

    def restore(self, state: Mapping[str, Tensor], evaluations: int) -> None:
        """Go on from a `state` after that many evaluations, to the very same iterations.

        Raises:
            ValueError: It is the state of another problem.
        """
        copy_state(self.state(), state)
        self.evaluations = evaluations
