"""Say what a texture model is: layers, octaves, statistics, weights, optimiser, schedule."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..contract.weighted import Weights
from ..features.facts import Layered, NetworkFacts

# Share of a model's evaluations that are made at each quality.
_QUALITY_SHARES = {"sketch": 0.0, "draft": 1 / 3, "standard": 1.0, "high": 2.0}


@dataclass(frozen=True)
class StartTraits:
    """What follows from what a model starts from.

    Attributes:
        lays_out: Whether a layout of the exemplar's chunks comes first. Then the exemplar is made
            upright and scaled to whole periods beforehand, and the canvas begins coarse.
        keeps_picture: Whether a picture lies on the canvas, which must not be moved.
    """

    lays_out: bool = False
    keeps_picture: bool = False


#: What a model may start from, by name.
STARTS = {
    "noise": StartTraits(),
    "uniform": StartTraits(),
    "picture": StartTraits(keeps_picture=True),
    "patchwork": StartTraits(lays_out=True),
}


@dataclass(frozen=True)
class FinerLevels:
    """What levels finer than the coarsest compare, which has settled what lies deeper.

    Attributes:
        layers: Of the feature network, each with its weight.
        octaves: Weights of the canvas at full size, at half, ….
        evaluations: Of the objective at each of these levels.
    """

    layers: Weights
    octaves: tuple[float, ...]
    evaluations: int


@dataclass(frozen=True)
class TextureModel:
    """One way to say what makes two textures the same.

    Attributes:
        layers: Of the feature network, each with its weight.
        octaves: Weights of the canvas at full size, at half, at a quarter, ….
        statistic: Terms of `statistics.TERMS`, each with its weight.
        evaluations: Of the objective at a level up to 256 texels wide, at standard quality.
        scaling: How a term is brought to scale, one of `statistics.SCALINGS`.
        units: Of the features: ``network`` leaves them, ``bytes`` multiplies as if the network saw
            pixels of 0...255.
        components: Principal components that each layer's features are reduced to; None for all.
        blur: Before halving: ``mean`` of 2×2 texels, or ``binomial`` of 5×5.
        colour: Weight of the colours' moments.
        smoothness: Weight of the roughness, α.
        scale: Of the whole objective. To L-BFGS it is only the size of its first step.
        canvas: ``spectral`` or ``pixels``.
        directional: Share of the two-dimensional spectrum in a spectral canvas' filter.
        coarse_to_fine: Whether to begin small and double the canvas.
        start: One of `STARTS`. ``patchwork`` is a layout of the exemplar's chunks at the coarsest
            level, with whole periods of what repeats.
        detail: What fine frequencies start from: ``noise``, or with a patchwork at first the
            ``exemplar``, from where the patchwork is from; or ``sewn``, the patchwork itself at
            every level, its joints blended, with the changes that coarser levels have made to it.
        noise: Share of noise in the start, 0...1; the rest is the picture, or the mean colour; of
            a ``sewn`` detail, the share in it.
        bend: Texels of the finest level that the places of a ``sewn`` patchwork are moved by, so
            that things have another outline; see `texcore.layout.bending`.
        sway: Share of the exemplar's shorter side by which they are moved where it is arranged
            anew and has no straight lines, so that things have another shape.
        optimiser: ``lbfgs`` or ``adam``.
        memory: Pairs of differences that L-BFGS keeps, where the device has room.
        eager: Whether L-BFGS begins with a large step, which saves the few evaluations that there
            are where all begins from the exemplar's own detail.
        finer: What levels finer than the coarsest compare; None for the same.
    """

    layers: Weights
    octaves: tuple[float, ...]
    statistic: Weights
    evaluations: int
    scaling: str = "relative"
    units: str = "network"
    components: int | None = None
    blur: str = "mean"
    colour: float = 0.0
    smoothness: float = 0.0
    scale: float = 100.0
    canvas: str = "pixels"
    directional: float = 0.0
    coarse_to_fine: bool = False
    start: str = "noise"
    detail: str = "noise"
    noise: float = 1.0
    bend: float = 0.0
    sway: float = 0.0
    optimiser: str = "lbfgs"
    memory: int = 20
    eager: bool = False
    finer: FinerLevels | None = None

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers that weigh anything."""
        return tuple(name for name, weight in self.layers if weight)

    @property
    def lays_out(self) -> bool:
        """Whether the canvas begins with a layout, see `StartTraits`."""
        return STARTS[self.start].lays_out

    @property
    def keeps_picture(self) -> bool:
        """Whether a picture lies on the canvas, see `StartTraits`."""
        return STARTS[self.start].keeps_picture

    def at_level(self, number: int) -> TextureModel:
        """Give the model that a level is optimised by.

        Args:
            number: Of the level, from 0 for the coarsest.
        """
        if number == 0 or self.finer is None:
            return self
        finer = self.finer
        return replace(
            self,
            layers=finer.layers,
            octaves=finer.octaves,
            evaluations=finer.evaluations,
            finer=None,
        )

    def at_quality(self, quality: str) -> int:
        """Count the evaluations at a level up to 256 texels wide."""
        return max(1, round(self.evaluations * _QUALITY_SHARES[quality]))

    def products_per_texel(self, network: NetworkFacts) -> float:
        """Count the multiplications that the network makes for a texel of the canvas."""
        octaves = sum(4.0**-octave for octave, weight in enumerate(self.octaves) if weight)
        return network.products_per_texel(self.layer_names) * octaves

    def stride(self, network: Layered) -> int:
        """Give the texels that the sides of a canvas must be multiples of."""
        return network.stride(self.layer_names) * int(2 ** (len(self.octaves) - 1))
