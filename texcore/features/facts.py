"""Describe a feature network by numbers, so that a run can be planned without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Layered(Protocol):
    """Whatever has named layers, each of a stride: a network, or the facts about one."""

    @property
    def name(self) -> str:
        """What it is and, by eight digits of a hash, which weights it has."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of all layers, from shallow to deep."""

    def stride(self, layers: Sequence[str]) -> int:
        """Texels that the sides of an image are multiples of for these layers."""


@dataclass(frozen=True)
class LayerFacts:
    """What decides where a layer's features are, and the memory that they take.

    Attributes:
        name: Of the layer.
        stride: Texels that the sides of an image are multiples of.
        reach: Texels around a tile that its features depend on.
        values_per_texel: Numbers in all maps up to this one, per texel of the image.
        products_per_texel: Multiplications that all maps up to this one take, per texel.
    """

    name: str
    stride: int
    reach: int
    values_per_texel: float
    products_per_texel: float


@dataclass(frozen=True)
class NetworkFacts:
    """A feature network without its weights; `FeatureNetwork.describe` gives them.

    Attributes:
        name: What the network is and, by eight digits of a hash, which weights it has.
        layer_facts: Of all its layers, from shallow to deep.
        value_bytes: Bytes of a number in its maps.

    Example:
        >>> pool = LayerFacts("pool1", 2, 4, values_per_texel=144.0, products_per_texel=4e4)
        >>> deeper = LayerFacts("pool2", 4, 10, values_per_texel=216.0, products_per_texel=9e4)
        >>> facts = NetworkFacts("small", (pool, deeper))
        >>> facts.stride(["pool1", "pool2"]), facts.halo(["pool1", "pool2"])
        (4, 12)
    """

    name: str
    layer_facts: tuple[LayerFacts, ...]
    value_bytes: int = 4

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of all layers, from shallow to deep."""
        return tuple(layer.name for layer in self.layer_facts)

    def stride(self, layers: Sequence[str]) -> int:
        """Texels that the sides of an image, and of tiles of it, are multiples of."""
        return max(layer.stride for layer in self._named(layers))

    def halo(self, layers: Sequence[str]) -> int:
        """Texels around a tile that its features depend on, as a multiple of `stride`."""
        stride = self.stride(layers)
        return max(-(-layer.reach // stride) for layer in self._named(layers)) * stride

    def bytes_per_texel(self, layers: Sequence[str]) -> float:
        """Bytes of all maps up to the deepest of these layers, per texel of the image."""
        deepest = max(layer.values_per_texel for layer in self._named(layers))
        return deepest * self.value_bytes

    def products_per_texel(self, layers: Sequence[str]) -> float:
        """Multiplications of all maps up to the deepest of these layers, per texel."""
        return max(layer.products_per_texel for layer in self._named(layers))

    def _named(self, layers: Sequence[str]) -> list[LayerFacts]:
        by_name = {layer.name: layer for layer in self.layer_facts}
        return [by_name[name] for name in layers]
