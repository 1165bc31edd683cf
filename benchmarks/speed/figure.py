"""A figure for how alike two textures are that nothing in the comparison optimises."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from texcore.features import RandomBank

_SEED = 4711
_CHANNELS = 16
_OCTAVES = 3
_DIRECTIONS = 96
_QUANTILES = 512


class Figure:
    """Sliced Wasserstein distance (Rabin et al. 2011) of features to an exemplar's.

    Features are those of a seeded random network (Ustyuzhaninov et al. 2017) at three octaves, at
    positions that no border has touched. In units of the distance between the exemplar's own
    halves: 1 means as alike as these.

    Args:
        exemplar: Shape (3, h, w), 0...1.
    """

    def __init__(self, exemplar: Tensor) -> None:
        self._bank = RandomBank.seeded(_SEED, _CHANNELS)
        width = _CHANNELS * len(RandomBank.SIZES)
        generator = torch.Generator().manual_seed(_SEED)
        directions = torch.randn(_DIRECTIONS, width, generator=generator)
        self._directions = directions / directions.norm(dim=1, keepdim=True)
        self._exemplar = self._sorted(exemplar)
        h, w = exemplar.shape[-2:]
        halves = [
            (exemplar[:, : h // 2], exemplar[:, h - h // 2 :]),
            (exemplar[..., : w // 2], exemplar[..., w - w // 2 :]),
        ]
        between = [_distance(self._sorted(a), self._sorted(b)) for a, b in halves]
        self._unit = sum(between) / len(between)

    def __call__(self, image: Tensor) -> float:
        """Of an image (3, h, w)."""
        return _distance(self._sorted(image), self._exemplar) / self._unit

    @torch.no_grad()
    def _sorted(self, image: Tensor) -> list[Tensor]:
        """Per octave the quantiles of the features along each direction."""
        x = image.float().cpu().clamp(0, 1)[None]
        levels = torch.linspace(0, 1, _QUANTILES)
        octaves = []
        for _ in range(_OCTAVES):
            f = self._bank.exemplar_features(x, ["bank"])["bank"][0].flatten(1)
            ordered = (self._directions @ f).sort(1).values
            at = (levels * (ordered.shape[1] - 1)).round().long()
            octaves.append(ordered[:, at])
            x = F.avg_pool2d(x, 2)
        return octaves


def _distance(a: list[Tensor], b: list[Tensor]) -> float:
    # Each octave in units of its own spread, else the coarse ones would not count.
    return sum(
        float(((x - y).square().mean() / y.var().clamp_min(1e-12)).sqrt())
        for x, y in zip(a, b, strict=True)
    )
