"""How the network, which sees three channels at a time, is shown all maps of a material.

Each colour is shown as it is, the normals with the contrast of a strong picture, and each quantity
beside brightness and slope, so that what lies where is the same in all: a joint of a wall is dark,
deep, rough and bent at the same place. One more view binds brightness and slope; of this only the
network's first layers see full size, and all of them half of it (`Exemplar.coarse`).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..exemplars.exemplar import Exemplar

# ITU-R BT.709.
_LUMINANCE = {"r": 0.2126, "g": 0.7152, "b": 0.0722, "grey": 1.0}
_NORMAL = ("nx", "ny", "nz")

# Deviation of the normals' x and y as shown: their own is a quarter of it or less, fainter than the
# pictures that the network knows, and edges come out too soft. Drafts of cobble's, 256²: look 0.98
# with their own; 0.89, 0.88, 0.83 with 0.2, 0.3, 0.45; of brick's 1.09; 1.05, 1.03, 1.07.
_RELIEF = 0.3
# Less of their own is rounding.
_LEAST_RELIEF = 5e-4

Channel = tuple[str, str]
"""Kind of the map, and the role of the channel in it; see `codecs.MapCodec`."""


def joint_exemplar(image: Tensor, channels: Sequence[Channel]) -> Exemplar:
    """The exemplar of a material.

    Args:
        image: All maps, shape (channels, h, w).
        channels: What each channel is.
    """
    rows = _rows(image, channels)
    by_map: dict[str, list[int]] = {}
    scalars = []
    for i, (map, role) in enumerate(channels):
        if role in _LUMINANCE or role in _NORMAL:
            by_map.setdefault(map, []).append(i)
        else:
            scalars.append(rows[i])
    whole = [_view([rows[i] for i in which]) for which in by_map.values()]
    brightness = _brightness(channels)
    slope = [rows[i] for i, (_, role) in enumerate(channels) if role in _NORMAL[:2]][:2]
    beside = [*([] if brightness is None else [brightness]), *slope[:1]]
    # One alone beside brightness and slope, several by twos beside the brightness.
    at_once = 3 if not beside else 1 if len(scalars) == 1 else 2
    whole += [_view([*scalars[k : k + at_once], *beside]) for k in range(0, len(scalars), at_once)]
    if brightness is None or not slope:
        return Exemplar(image, tuple(whole))
    return Exemplar(image, (*whole, _view([brightness, *slope])), coarse=1)


def _rows(image: Tensor, channels: Sequence[Channel]) -> Tensor:
    """How each channel is shown: shape (channels, channels)."""
    rows = torch.eye(len(channels))
    for map in {map for map, role in channels if role in _NORMAL}:
        of_map = [i for i, (m, role) in enumerate(channels) if m == map and role in _NORMAL]
        relief = float(image[of_map[:2]].std(dim=(1, 2)).square().mean().sqrt())
        rows[of_map] *= _RELIEF / max(relief, _LEAST_RELIEF)
    return rows


def _brightness(channels: Sequence[Channel]) -> Tensor | None:
    """The luminance of the first colour; None if there is no colour."""
    first = next((map for map, role in channels if role in _LUMINANCE), None)
    if first is None:
        return None
    weights = [_LUMINANCE.get(role, 0.0) if map == first else 0.0 for map, role in channels]
    return torch.tensor(weights)


def _view(rows: Sequence[Tensor]) -> Tensor:
    """A view of up to three rows; where there are fewer, the first fills up, as grey does."""
    return torch.stack([*rows, rows[0], rows[0]][:3])
