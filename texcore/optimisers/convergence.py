"""See when a level has come as far as it will: more evaluations would hardly lower its loss."""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor


class Convergence:
    """Watches the losses of a level, which the optimiser hands over without waiting for the device.

    A level is settled where the lowest loss of all is hardly below the lowest of `WINDOW`
    evaluations before. With these numbers levels of gravel and of brick at 256² end after 259…314
    evaluations of 400; their look (`benchmarks/look.md`) after 320 is within 0.01 of what it is
    after all. At the usual 200 the loss still falls twice as fast.

    Args:
        least: Evaluations that are made in any case.
    """

    WINDOW = 40
    FALL = 0.04  #: share of the lowest loss that it must have fallen by within the window

    def __init__(self, least: int) -> None:
        self._least = least
        self._evaluations = 0
        # The lowest loss so far, after each of the last evaluations.
        self._lowest: deque[float] = deque(maxlen=self.WINDOW + 1)

    @property
    def settled(self) -> bool:
        """Whether the level may end."""
        if self._evaluations < self._least or len(self._lowest) <= self.WINDOW:
            return False
        return self._lowest[-1] > (1 - self.FALL) * self._lowest[0]

    def note(self, loss: float) -> None:
        """Take the loss of one more evaluation into account."""
        self._evaluations += 1
        self._lowest.append(min([loss, *list(self._lowest)[-1:]]))

    def state(self) -> Tensor:
        """Give all that decides when it is settled."""
        return torch.tensor([self._evaluations, *self._lowest], dtype=torch.float64)

    def restore(self, state: Tensor) -> None:
        """Go on from a `state`.

        Raises:
            ValueError: It is none.
        """
        if state.dim() != 1:
            raise ValueError("a tensor that says nothing of losses")
        evaluations, *lowest = state.tolist()
        self._evaluations = int(evaluations)
        self._lowest.clear()
        self._lowest.extend(lowest)
