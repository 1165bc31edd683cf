"""Say what an optimiser is given, and what every optimiser can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

Objective = Callable[[Tensor], tuple[Tensor, Tensor]]


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
