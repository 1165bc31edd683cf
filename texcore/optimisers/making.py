"""Make the optimiser that a model names."""

from __future__ import annotations

import torch
from torch import Tensor

from .adam import Adam
from .base import Objective, Optimiser
from .follower import Follower
from .lbfgs import Lbfgs


def make_optimiser(
    kind: str,
    objective: Objective,
    start: Tensor,
    pairs: int,
    dtype: torch.dtype,
    capture: bool = False,
    follows: bool = False,
    eager: bool = False,
) -> Optimiser:
    """Make an optimiser by its name.

    Args:
        kind: ``lbfgs`` or ``adam``.
        objective: What to minimise.
        start: First point; not changed.
        pairs: Of differences that L-BFGS keeps.
        dtype: That it keeps them in.
        capture: Whether an iteration of L-BFGS may be recorded as a CUDA graph.
        follows: Whether another process' optimiser decides, and this one evaluates for it.
        eager: Whether L-BFGS may begin with a large step, see `Lbfgs`.

    Example:
        >>> bowl = lambda x: (x.square().sum(), 2 * x)
        >>> type(make_optimiser("adam", bowl, torch.ones(2), 4, torch.float32)).__name__
        'Adam'
    """
    if follows:
        return Follower(objective, start)
    if kind == "adam":
        return Adam(objective, start)
    return Lbfgs(objective, start, pairs, dtype, capture, eager)
