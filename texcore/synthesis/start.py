"""What the first level of a run begins with: a layout of the exemplar, noise, or a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..exemplars.exemplar import Exemplar

Value = Callable[[Tensor], Tensor]
"""Distance of a canvas' variables from the exemplar."""


class Start(Protocol):
    """What the first level of a run begins with, and what finer ones take from it."""

    def lay_out(
        self, exemplar: Exemplar, size: tuple[int, int], generator: torch.Generator
    ) -> Iterator[None]:
        """Do what can be seen before `begin`; it is left out where a state is restored.

        Args:
            exemplar: At the scale of the coarsest level.
            size: Height and width of that level.
            generator: Of choices; on the CPU.

        Yields:
            Nothing, each time that `sketch` has something else to show.
        """

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Make the variables that the coarsest level begins with.

        Args:
            exemplar: At the canvas' scale, its masks and start of the canvas' size.
            canvas: Of that level.
            generator: Of noise, and of choices; on the CPU.
            value: Tells how good other variables would be.
        """

    def begin_restored(self, exemplar: Exemplar, canvas: Canvas) -> Tensor:
        """Make variables of the right shape for a level whose own come from a saved state."""

    def begin_finer(
        self, exemplar: Exemplar, canvas: Canvas, image: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Make the variables that a finer level begins with.

        Args:
            exemplar: At the canvas' scale, its masks and start of the canvas' size.
            canvas: Of that level.
            image: What the level before has come to, of its size.
            generator: Of noise; on the CPU.
        """

    def sketch(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor | None:
        """Show what the result will be like, before the first evaluation.

        Args:
            exemplar: At the scale of the finest level.
            size: Height and width of that level.

        Returns:
            Shape (channels, height, width); None where there is nothing to see yet.
        """

    def find_change(self, image: Tensor) -> Tensor:
        """Find what has changed on the canvas worked on since it showed what `sketch` shows."""

    def state(self) -> dict[str, Tensor]:
        """Give what finer levels need of it."""

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go on from a `state`, whose tensors are taken out of ``tensors``.

        Raises:
            KeyError: They are not among them.
            ValueError: They are no such state.
        """
