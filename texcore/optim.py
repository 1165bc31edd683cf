"""L-BFGS that keeps its memory on the device."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

Objective = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Value and gradient at a point; the gradient has the point's shape."""


class Lbfgs:
    """Limited-memory BFGS (Nocedal & Wright 2006, algorithm 7.4) with unit steps.

    One evaluation an iteration: a step is taken as it is unless the value rises by more than
    `RISE`; then it is shortened, and after a few such the memory is dropped.

    Args:
        objective: What to minimise.
        start: First point; not changed.
        memory: Pairs of differences kept.
    """

    RISE = 1.05
    _SHORTEN = 0.3
    _SHORTEST = 1e-3

    def __init__(self, objective: Objective, start: Tensor, memory: int = 12) -> None:
        self.objective = objective
        self.point = start
        self.memory = memory
        self.evaluations = 0
        self._steps: list[Tensor] = []
        self._changes: list[Tensor] = []
        self._curvatures: list[Tensor] = []

    def run(self, evaluations: int) -> Iterator[float]:
        """Evaluate that often; yields the objective's value at the point it is at."""
        value, gradient = self._evaluate(self.point)
        yield value
        direction, step = self._steepest(gradient)
        while self.evaluations < evaluations:
            point = self.point + step * direction
            new_value, new_gradient = self._evaluate(point)
            if not new_value <= value * self.RISE or not new_gradient.isfinite().all():
                step *= self._SHORTEN
                if step < self._SHORTEST:
                    self._forget()
                    direction, step = self._steepest(gradient)
                    step *= 0.1
                yield value
                continue
            self._remember(point - self.point, new_gradient - gradient)
            self.point, value, gradient = point, new_value, new_gradient
            direction, step = self._direction(gradient)
            yield value

    def _evaluate(self, point: Tensor) -> tuple[float, Tensor]:
        self.evaluations += 1
        value, gradient = self.objective(point)
        number = float(value)
        if self.evaluations == 1 and not math.isfinite(number):
            raise FloatingPointError("the objective is not a number at the start")
        return number, gradient

    def _steepest(self, gradient: Tensor) -> tuple[Tensor, float]:
        """Without curvature known: a first step whose entries sum to at most one."""
        return -gradient, min(1.0, 1.0 / float(gradient.abs().sum().clamp_min(1e-30)))

    def _remember(self, step: Tensor, change: Tensor) -> None:
        curvature = torch.dot(step.flatten(), change.flatten())
        if not curvature > 1e-10 * step.norm() * change.norm():
            return
        self._steps.append(step)
        self._changes.append(change)
        self._curvatures.append(curvature)
        if len(self._steps) > self.memory:
            del self._steps[0], self._changes[0], self._curvatures[0]

    def _forget(self) -> None:
        self._steps.clear()
        self._changes.clear()
        self._curvatures.clear()

    def _direction(self, gradient: Tensor) -> tuple[Tensor, float]:
        """−H·g by the two loops."""
        if not self._steps:
            return self._steepest(gradient)
        q = -gradient.flatten()
        pairs = list(zip(self._steps, self._changes, self._curvatures, strict=True))
        weights = []
        for s, y, curvature in reversed(pairs):
            a = torch.dot(s.flatten(), q) / curvature
            q = q - a * y.flatten()
            weights.append(a)
        newest = self._changes[-1].flatten()
        q = q * (self._curvatures[-1] / torch.dot(newest, newest))
        for (s, y, curvature), a in zip(pairs, reversed(weights), strict=True):
            q = q + (a - torch.dot(y.flatten(), q) / curvature) * s.flatten()
        if torch.dot(q, gradient.flatten()) >= 0:
            self._forget()
            return self._steepest(gradient)
        return q.view_as(gradient), 1.0
