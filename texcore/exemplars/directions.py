"""Turn the directions that a picture holds, when the picture itself is turned or sheared.

A normal in the space of a surface's tangents says how the height rises to the right and upwards. A
picture of such normals that is turned by 90° shows each slope elsewhere, and still tells its old
direction: its numbers have to turn as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Directions:
    """Three channels of a picture that hold normals in the space of a surface's tangents.

    The normals are unit vectors (x to the right, z out of the surface); a channel holds
    0.5 + (n − mean) / 2.

    Attributes:
        first: Number of the channel with x; those with y and z follow it.
        mean: Of x, y and z, each within −1...1; where normals are stored as usual, it is 0.
        y_up: Whether y points upwards in the picture, as OpenGL has it, or downwards, as DirectX
            has it.
    """

    first: int = 0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    y_up: bool = True

    def turn(self, picture: Tensor, jacobian: Tensor) -> Tensor:
        """Turn the normals of a picture that has been warped, so that they tell its slopes again.

        Heights stay what they are: where the height was h(x) at a place x, it is h(x(u)) at the
        place u now. So its gradient is Jᵀ∇h with J = ∂x/∂u, and the normal points to (−Jᵀ∇h, 1).

        Args:
            picture: Shape (channels, h, w), warped as if all its channels were colours.
            jacobian: Shape (2, 2, h, w), J at each texel: by how many texels the place that it was
                taken from moves (to the right, downwards), for a texel to the right, downwards.

        Returns:
            A copy of the picture with the normals turned, their length 1.

        Example:
            >>> slope = torch.tensor([0.6, 0.0, 0.8]).view(3, 1, 1) / 2 + 0.5
            >>> quarter_turn = torch.tensor([[0.0, 1.0], [-1.0, 0.0]]).view(2, 2, 1, 1)
            >>> turned = Directions().turn(slope, quarter_turn) * 2 - 1
            >>> [round(value, 3) + 0.0 for value in turned.flatten().tolist()]
            [0.0, -0.6, 0.8]
        """
        channels = slice(self.first, self.first + 3)
        mean = picture.new_tensor(self.mean).view(3, 1, 1)
        x, y, z = picture[channels] * 2 - 1 + mean
        # Rows run down.
        upwards = -1 if self.y_up else 1
        right, down = x, upwards * y
        turned = torch.stack(
            [
                jacobian[0, 0] * right + jacobian[1, 0] * down,
                upwards * (jacobian[0, 1] * right + jacobian[1, 1] * down),
                z,
            ]
        )
        made = picture.clone()
        made[channels] = (F.normalize(turned, dim=0) - mean) * 0.5 + 0.5
        return made
