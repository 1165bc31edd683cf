"""Minimise by L-BFGS that stays on the device: no iteration waits for the host.

`torch.optim.LBFGS` and SciPy's are not used: each reads several numbers back in every iteration to
decide by them, for which a GPU stands still, and neither can keep its memory in fewer bits than the
point has or be repeated as a CUDA graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor

from .base import Objective, copy_state
from .pairs import Pairs

# Evaluations before an iteration is captured: libraries choose their algorithms in the first few.
_WARM_UP_EVALUATIONS = 3


class Lbfgs:
    """Limited-memory BFGS (Nocedal & Wright 2006, section 7.2) with unit steps.

    One evaluation an iteration: a step is taken as it is unless the value rises by more than
    `RISE`; then it is shortened, and after a few such the memory is dropped. All that is decided by
    flags on the device; with ``capture``, a CUDA device repeats a recorded iteration without the
    host naming each kernel.

    Args:
        objective: What to minimise. To be captured it must do the same for every point.
        start: First point; not changed.
        memory: Pairs of differences kept.
        dtype: That they are kept in, such as bfloat16 where memory is short; None: the point's.
        capture: Whether an iteration may be recorded as a CUDA graph. No effect elsewhere.
        eager: Whether it begins, and begins again, with the step of Polyak 1987, value /
            ‖gradient‖², for a value whose least is near zero, and shortens a step that was not
            taken by the secant. Otherwise its first steps only find out the scale, which takes
            three evaluations; of two hundred it does not matter.

    Example:
        >>> scales = torch.tensor([1.0, 10.0, 100.0])
        >>> def bowl(x):
        ...     return (scales * x.square()).sum() / 2, scales * x
        >>> optimiser = Lbfgs(bowl, torch.ones(3))
        >>> values = list(optimiser.run(30))
        >>> round(values[0], 1), values[-1] < 1e-6
        (55.5, True)
    """

    RISE = 1.05  #: times the value before, up to which a step is taken
    _SHORTENING = 0.3  #: of a step that was not taken, what is tried next
    _SECANT_SHARES = 0.03, 0.5  #: the least and the most that the secant shortens a step to
    _SHORTEST_SHARE = 1e-3  #: of a full step, below which the memory is dropped
    _RESTART_SHARE = 0.1  #: of a full step, what is tried once the memory is dropped

    def __init__(
        self,
        objective: Objective,
        start: Tensor,
        memory: int = 12,
        dtype: torch.dtype | None = None,
        capture: bool = False,
        eager: bool = False,
    ) -> None:
        self.objective = objective
        self._eager = eager
        self.point = start.clone()
        self.evaluations = 0
        self._pairs = Pairs(start.numel(), memory, dtype or start.dtype, start)
        self._value = start.new_zeros(())
        self._gradient = torch.zeros_like(start)
        self._direction = torch.zeros_like(start)
        # A full step, and the share of it that is tried next.
        self._step, self._share = start.new_zeros(()), start.new_ones(())
        self._capture = capture and start.is_cuda
        self._graph: torch.cuda.CUDAGraph | None = None

    def run(self, evaluations: int) -> Iterator[float]:
        """Evaluate until it has been done that often; yields the objective's value each time.

        On a CUDA device it is the value one evaluation ago, so that the device always has the next
        one before it; the last is waited for.

        Raises:
            FloatingPointError: The value at the start is not a number.
        """
        reader = _Reader(self._value)
        if self.evaluations == 0:
            yield self._begin()
        elif self.evaluations > 1:
            # Gone on with: the next value read is this one, as if there had been no break.
            reader.read(self._value, wait=False)
        while self.evaluations < evaluations:
            self._advance()
            self.evaluations += 1
            yield reader.read(self._value, wait=self.evaluations == evaluations)

    def state(self) -> dict[str, Tensor]:
        """Give all that decides how it goes on, in tensors that the next iteration changes."""
        own = {name: getattr(self, f"_{name}") for name in _OWN_TENSORS}
        return {"point": self.point, **own, **self._pairs.state()}

    def restore(self, state: Mapping[str, Tensor], evaluations: int) -> None:
        """Go on from a `state` after that many evaluations, to the very same iterations.

        Raises:
            ValueError: It is the state of another problem, or of another memory.
        """
        copy_state(self.state(), state)
        self.evaluations = evaluations

    def _begin(self) -> float:
        value, gradient = self.objective(self.point)
        self.evaluations = 1
        number = float(value)
        if not math.isfinite(number):
            raise FloatingPointError("the objective is not a number at the start")
        self._value.copy_(value)
        self._gradient.copy_(gradient)
        torch.neg(gradient, out=self._direction)
        self._step.copy_(self._choose_first_step(gradient))
        return number

    def _advance(self) -> None:
        """Do one iteration, by the graph if there is one."""
        if self._graph is not None:
            self._graph.replay()
            return
        if self._capture and self.evaluations > _WARM_UP_EVALUATIONS:
            self._capture = False
            self._graph = _capture_graph(self._iterate)
            if self._graph is not None:
                self._graph.replay()
                return
        self._iterate()

    def _iterate(self) -> None:
        """Try a step and choose the next; changes tensors in place and asks none for its value."""
        trial = torch.addcmul(self.point, self._direction, self._step * self._share)
        value, gradient = self.objective(trial)
        taken = (value <= self._value * self.RISE) & torch.isfinite(_dot(gradient, gradient))
        shortening = self._choose_shortening(gradient)
        # A step that is not taken leaves differences of zero, not of whatever it met.
        torch.where(taken, trial, self.point, out=trial)
        gradient = torch.where(taken, gradient, self._gradient)
        # Points are large: the differences take the room of what is not needed any more.
        torch.sub(trial, self.point, out=self._direction)
        self._gradient.neg_().add_(gradient)
        self._pairs.add(self._direction, self._gradient)
        self.point.copy_(trial)
        self._gradient.copy_(gradient)
        self._value.copy_(torch.where(taken, value, self._value))
        share = (self._share * shortening).masked_fill_(taken, 1.0)
        hopeless = (share < self._SHORTEST_SHARE) & self._pairs.any()
        self._pairs.forget(hopeless)
        self._share.copy_(share.masked_fill_(hopeless, self._RESTART_SHARE))
        self._pairs.direction(gradient, out=self._direction)
        self._step.copy_(self._choose_first_step(gradient).masked_fill_(self._pairs.any(), 1.0))

    def _choose_first_step(self, gradient: Tensor) -> Tensor:
        """Choose a step along the gradient without knowing the curvature."""
        if self._eager:
            return self._value / _dot(gradient, gradient).clamp_min(1e-30)
        return _choose_cautious_step(gradient)

    def _choose_shortening(self, gradient: Tensor) -> Tensor | float:
        """Choose by what a step that is not taken is shortened, from the gradient at its end."""
        if not self._eager:
            return self._SHORTENING
        here, there = _dot(self._direction, self._gradient), _dot(self._direction, gradient)
        secant = here / (here - there)
        usable = torch.isfinite(secant) & (secant > 0)
        return torch.where(usable, secant, self._SHORTENING).clamp(*self._SECANT_SHARES)


# Tensors of an optimiser beside its point and its pairs, by name.
_OWN_TENSORS = ("value", "gradient", "direction", "step", "share")


class _Reader:
    """Reads a number off the device: on CUDA the one before, without making the device wait."""

    def __init__(self, like: Tensor) -> None:
        self._copies: list[tuple[Tensor, torch.cuda.Event]] = []
        self._late = like.is_cuda

    def read(self, value: Tensor, wait: bool) -> float:
        if not self._late:
            return float(value)
        copy = torch.empty((), dtype=value.dtype, pin_memory=True)
        copy.copy_(value, non_blocking=True)
        event = torch.cuda.Event()
        event.record()
        self._copies = [*self._copies[-1:], (copy, event)]
        copy, event = self._copies[-1 if wait else 0]
        event.synchronize()
        return float(copy)


def _capture_graph(iterate: Callable[[], None]) -> torch.cuda.CUDAGraph | None:
    """Record an iteration as a CUDA graph; None where something in it cannot be recorded."""
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            iterate()
    except RuntimeError:
        # Nothing has been computed yet: what recording refuses is done without it.
        torch.cuda.synchronize()
        return None
    return graph


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return torch.dot(a.flatten(), b.flatten())


def _choose_cautious_step(gradient: Tensor) -> Tensor:
    """Choose a step along a gradient whose entries sum to at most one."""
    total = torch.linalg.vector_norm(gradient, 1).clamp_min(1e-30)
    return (1 / total).clamp_max(1.0)
