"""Texture models as data: which statistics of which layers at which octaves, and how optimised.

The papers' models and ours are presets of one engine.
"""

from __future__ import annotations

from dataclasses import dataclass

from .features import FeatureNetwork

_QUALITY = {"draft": 1 / 3, "standard": 1.0, "high": 2.0}


@dataclass(frozen=True)
class TextureModel:
    """One way to say what makes two textures the same.

    Attributes:
        layers: Of the feature network.
        octaves: The canvas is measured at full size and at octaves − 1 halvings of it.
        mean_weight: Of each feature's mean, beside the Gram matrix.
        colour_weight: Of the colours' moments.
        coarse_to_fine: Whether to begin small and double the canvas.
        directional: Share of the two-dimensional spectrum in the canvas' filter.
        evaluations: Of the objective at a level up to 256 texels wide, at standard quality.
    """

    layers: tuple[str, ...]
    octaves: int
    mean_weight: float
    colour_weight: float
    coarse_to_fine: bool
    directional: float
    evaluations: int

    def at_quality(self, quality: str) -> int:
        """Evaluations at a level up to 256 texels wide."""
        return max(1, round(self.evaluations * _QUALITY[quality]))

    def stride(self, network: FeatureNetwork) -> int:
        """Texels that the sides of a canvas must be multiples of."""
        return network.stride(self.layers) * 2 ** (self.octaves - 1)


_GATYS_LAYERS = ("conv1_1", "pool1", "pool2", "pool3", "pool4")

_PRESETS = {
    "default": TextureModel(
        layers=_GATYS_LAYERS,
        octaves=2,
        mean_weight=1.0,
        colour_weight=1.0,
        coarse_to_fine=True,
        directional=0.9,
        evaluations=200,
    ),
    # Snelgrove 2017, section 4: block1_pool and block3_conv2 on five octaves, equal weights.
    "multiscale": TextureModel(
        layers=("pool1", "conv3_2"),
        octaves=5,
        mean_weight=0.0,
        colour_weight=0.0,
        coarse_to_fine=True,
        directional=0.0,
        evaluations=120,
    ),
    # Gatys et al. 2015, section 3: conv1_1 and the first four poolings, one scale.
    "gatys": TextureModel(
        layers=_GATYS_LAYERS,
        octaves=1,
        mean_weight=0.0,
        colour_weight=0.0,
        coarse_to_fine=False,
        directional=0.0,
        evaluations=300,
    ),
}

# With random filters every model comes down to the same: their one layer, on more octaves.
_RANDOM_OCTAVES = 4


def preset(name: str, network: FeatureNetwork) -> TextureModel:
    """The model of that name (`texcore.recipe.MODELS`) for a network.

    A network without the model's layers, the random filter bank, is used with its own layer.
    """
    model = _PRESETS[name]
    if set(model.layers) <= set(network.layers):
        return model
    return TextureModel(
        layers=network.layers,
        octaves=_RANDOM_OCTAVES if model.octaves > 1 else 1,
        mean_weight=model.mean_weight,
        colour_weight=max(model.colour_weight, 1.0),
        coarse_to_fine=model.coarse_to_fine,
        directional=model.directional,
        evaluations=model.evaluations,
    )
