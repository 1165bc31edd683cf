"""Figure 2 of Gatys et al. 2015: the texture that each further layer brings.

The lowest rung matches the lowest layer alone, every other one all layers up to its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor

from ..contract.map_kinds import PICTURE
from ..contract.recipe import Recipe
from ..contract.weighted import Weights
from ..features import FeatureNetwork
from ..maps.stack import Stack
from ..models.presets import make_preset
from ..pictures import Picture, sheets
from ..runtime.context import Context
from ..synthesis.run import Synthesis
from ..synthesis.steps import Step


class Ladder:
    """The rungs, one after the other. Iterate `steps` to its end, then take `picture`.

    Args:
        exemplar: The picture of a texture.
        recipe: Of every rung but for its layers, which are all those of the top one.
        network: In float32, on any device.
        context: Where to compute.
    """

    def __init__(
        self,
        exemplar: Picture,
        recipe: Recipe,
        network: FeatureNetwork,
        context: Context,
    ) -> None:
        self._stack = Stack({PICTURE: exemplar}, {PICTURE: recipe.encoding})
        self._recipe, self._network = recipe, network
        self._context = context
        self._layers: Weights = recipe.layers or make_preset(recipe.model, network).layers
        self._textures: list[Picture] = []

    @property
    def words(self) -> list[str]:
        """What the exemplar and each rung are called."""
        (lowest, _), *others = self._layers
        return ["exemplar", lowest, *(f"… {name}" for name, _ in others)]

    def steps(self) -> Iterator[Step]:
        """Do the work; a step for each evaluation, its ``fraction`` that of the whole ladder."""
        count = len(self._layers)
        for number in range(count):
            recipe = replace(self._recipe, layers=self._layers[: number + 1])
            synthesis = Synthesis(self._stack.exemplar, recipe, self._network, self._context)
            for step in synthesis.steps():
                yield replace(
                    step,
                    fraction=(number + step.fraction) / count,
                    stage=f"{self.words[number + 1]}, {step.stage.lower()}",
                )
            self._textures.append(self._shown(synthesis.result()))

    def picture(self) -> Picture:
        """The exemplar and all rungs in a row, labelled, after the last step."""
        exemplar = self._shown(self._stack.exemplar.image)
        return sheets.row([exemplar, *self._textures], self.words)

    def _shown(self, image: Tensor) -> Picture:
        """An image in 8 bits, as displayed."""
        ((_, picture),) = self._stack.previews(image)
        return picture
