"""What of a picture is made anew, while the rest of it stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

# A texel of which more than this is made anew is learnt from no more.
_LEAST_SHARE = 0.01


@dataclass(frozen=True)
class Renewal:
    """A picture that stays on the canvas, and where something new takes its place.

    Attributes:
        image: Shape (channels, h, w), laid over the whole canvas.
        place: Shape (1, h, w), 0...1: where it is made anew, 1, and where it stays, 0.
        damage: Of the same shape, 1 where nothing may be learnt from it; None for all of ``place``.
            Elsewhere the picture may go on into its place, as far as that fits.

    Example:
        >>> import torch
        >>> place = torch.tensor([[[0.0, 0.5, 1.0]]])
        >>> Renewal(torch.zeros(3, 1, 3), place).hole
        tensor([[False,  True,  True]])
    """

    image: Tensor
    place: Tensor
    damage: Tensor | None = None

    @property
    def hole(self) -> Tensor:
        """The texels of which anything is made anew: booleans of shape (h, w)."""
        return self.place[0] > _LEAST_SHARE

    @property
    def unknown(self) -> Tensor:
        """The texels of which nothing may be learnt: booleans of shape (h, w)."""
        return self.hole if self.damage is None else self.damage[0] > _LEAST_SHARE

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Renewal:
        """Return this with a function applied to all of its pictures, as to scale them."""
        damage = None if self.damage is None else change(self.damage).clamp(0, 1)
        return Renewal(change(self.image), change(self.place).clamp(0, 1), damage)
