"""The named baseline: Gatys, Ecker & Bethge 2015 as one writes it down in PyTorch.

Pixels from white noise, the same network and layers, Gram matrices by autograd, L-BFGS of
`torch.optim` with their 20 pairs. Layers count alike, each relative to its target, which is kinder
than weights that depend on how a network is scaled.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from texcore.features import FeatureNetwork, RandomBank

_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


class PlainGatys:
    """One run.

    Args:
        network: Gives filters and the order of its layers; in float32.
        layers: That are compared.
        exemplar: Shape (3, h, w), 0...1; its device is used.
        seed: Of the noise that it begins with.
    """

    def __init__(
        self, network: FeatureNetwork, layers: tuple[str, ...], exemplar: Tensor, seed: int = 0
    ) -> None:
        device = exemplar.device
        self._bank = isinstance(network, RandomBank)
        self._filters = [
            (w.to(device).contiguous(), b.to(device))
            for w, b in network.filters  # type: ignore[attr-defined]
        ]
        self._names, self._layers = network.layers, layers
        self._mean = torch.tensor(_MEAN, device=device).view(1, 3, 1, 1)
        self._std = torch.tensor(_STD, device=device).view(1, 3, 1, 1)
        with torch.no_grad():
            self._targets = [_gram(f) for f in self._features(exemplar[None])]
        noise = torch.rand(1, *exemplar.shape, generator=torch.Generator().manual_seed(seed))
        self.image = noise.to(device).requires_grad_()

    def losses(self, evaluations: int) -> Iterator[float]:
        """Optimise; yields the loss at each evaluation."""
        # Its tolerances are for losses of another scale; it would stand still for ever.
        optimiser = torch.optim.LBFGS(
            [self.image], max_iter=1, history_size=20, tolerance_grad=0, tolerance_change=0
        )
        seen: list[float] = []

        def closure() -> Tensor:
            optimiser.zero_grad()
            loss = self.loss(self.image)
            loss.backward()
            seen.append(float(loss.detach()))
            return loss

        while len(seen) < evaluations:
            optimiser.step(closure)  # type: ignore[no-untyped-call]
            yield seen[-1]

    def loss(self, image: Tensor) -> Tensor:
        """Of an image (1, 3, h, w)."""
        features = self._features(image)
        parts = [
            (_gram(f) - target).square().sum() / target.square().sum()
            for f, target in zip(features, self._targets, strict=True)
        ]
        return torch.stack(parts).sum()

    def _features(self, image: Tensor) -> list[Tensor]:
        if self._bank:
            x = (image - 0.5) / 0.25
            maps = [F.relu(F.conv2d(x, w, b, padding="same")) for w, b in self._filters]
            return [torch.cat(maps, 1)]
        x, filters, found = (image - self._mean) / self._std, iter(self._filters), []
        for name in self._names:
            if name.startswith("pool"):
                x = F.avg_pool2d(x, 2)
            else:
                x = F.relu(F.conv2d(x, *next(filters), padding=1))
            if name in self._layers:
                found.append(x)
            if len(found) == len(self._layers):
                break
        return found


def _gram(features: Tensor) -> Tensor:
    f = features[0].flatten(1)
    return f @ f.T / f.shape[1]
