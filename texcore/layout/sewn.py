"""Show a layout at any scale as a picture: its joints blended, its pieces bent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..exemplars.directions import Directions
from .bending import Wave, bend, draw_bend, shape_bend
from .blending import blend_joints
from .patchwork import Patchwork


@dataclass(frozen=True)
class Sewn:
    """A layout, and how its pieces are bent.

    Attributes:
        layout: Where each texel is from.
        field: By how many texels of a torus of ``size`` places move; see
            `texcore.layout.bending.draw_bend`.
        size: Height and width in texels.

    Example:
        >>> places = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
        >>> layout = Patchwork(torch.stack(places), (8, 8))
        >>> sewn = Sewn.draw(layout, [Wave(0.5, 20)], (64, 64), torch.Generator().manual_seed(0))
        >>> sewn.render(torch.rand(3, 16, 16), 16, 16).shape
        torch.Size([3, 16, 16])
    """

    layout: Patchwork
    field: Tensor
    size: tuple[int, int]

    @classmethod
    def draw(
        cls,
        layout: Patchwork,
        waves: Sequence[Wave],
        size: tuple[int, int],
        generator: torch.Generator,
    ) -> Sewn:
        """Draw how pieces of a layout are bent.

        Args:
            layout: Of a torus.
            waves: By how many texels places move, and how many move one way.
            size: Height and width of the torus in these texels.
            generator: On the CPU.
        """
        return cls(layout, draw_bend(*size, waves, generator), size)

    def render(
        self, exemplar: Tensor, height: int, width: int, directions: Sequence[Directions] = ()
    ) -> Tensor:
        """Show the layout at a scale.

        Args:
            exemplar: Shape (channels, h, w), of that scale.
            height, width: Of the torus at that scale, in texels.
            directions: Channels of the exemplar that turn when it does.

        Returns:
            Shape (channels, height, width), on the exemplar's device.
        """
        image = blend_joints(self.layout, exemplar, height, width, directions)
        if not self.field.any():
            return image
        scale = height / self.size[0], width / self.size[1]
        return bend(image, self.field, scale, directions)

    def state(self) -> dict[str, Tensor]:
        """Give all that cannot be made anew, by name."""
        return {**self.layout.state(), "layout.field": self.field}

    @classmethod
    def restore(cls, tensors: dict[str, Tensor], size: tuple[int, int]) -> Sewn:
        """Make it from a `state`, whose tensors are taken out of ``tensors``.

        Raises:
            KeyError: They are not among them.
            ValueError: They are no layout, or that of a torus of another size.
        """
        layout, field = Patchwork.restore(tensors), tensors.pop("layout.field")
        if field.shape != shape_bend(*size) or not field.is_floating_point():
            raise ValueError("a field that does not bend this torus")
        return cls(layout, field, size)
