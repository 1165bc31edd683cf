"""Sew a texture of the exemplar's own pieces and blend their joints: seconds, without a network.

It is what a run at other qualities begins with, at full size and with all the exemplar's detail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from ..contract.errors import BadInput
from ..contract.recipe import Recipe
from ..exemplars.exemplar import Exemplar
from ..exemplars.renewal import Renewal
from ..features.facts import LayerFacts, NetworkFacts
from ..layout.filling import fill, mend_filling
from ..layout.healing import render_filled
from ..layout.sewn import Sewn
from ..models.model import TextureModel
from ..models.presets import let_bend
from ..optimisers.base import NoState
from ..runtime.context import Context
from ..surfaces import resizing, torus
from ..surfaces.grain import match_grain
from .arranging import lay_out, plan_waves, prepare_source
from .forecast import Forecast
from .levels import Level
from .plan import fill_size, plan_synthesis, prepare_exemplar
from .renewal_start import MENDED_TEXELS
from .state import State
from .steps import PREVIEW_TEXELS, Step, fit_preview

_PICTURES = "A sketch is made of one picture: choose another quality, or leave the others out."
_MODEL = "A sketch is sewn of the photo's own pieces: no model has a part in it."
# A layout is planned as for a model, with a network that shows the texels as they are.
_LAYER = "texels"
_NETWORK = NetworkFacts(
    "", (LayerFacts(_LAYER, stride=1, reach=0, values_per_texel=3.0, products_per_texel=0.0),)
)
_LAYOUT = TextureModel(
    layers=((_LAYER, 1.0),),
    octaves=(1.0,),
    statistic=(("gram", 1.0),),
    evaluations=1,
    coarse_to_fine=True,
    start="patchwork",
    memory=1,
    detail="sewn",
)


class Sketch:
    """A run without an evaluation. Iterate `steps` to its end, then take `result`.

    Args:
        exemplar: One picture, or all maps of a material; it is moved to the device.
        recipe: What decides the result; of a model nothing does.
        context: Where to compute, and who may stop it.

    Attributes:
        evaluations: Of an objective: none.

    Raises:
        BadInput: The exemplar is a mixture, has regions, or there is a picture to start from.
        OutOfMemory: The memory that is free does not hold the canvas.

    Example:
        >>> exemplar, recipe = Exemplar.of(torch.rand(3, 40, 52)), Recipe(size=(96, 64))
        >>> run = Sketch(exemplar, recipe, Context(torch.device("cpu")))
        >>> [step.stage for step in run.steps()], run.result().shape
        (['Sewn', 'Sewn', 'Blended'], torch.Size([3, 64, 96]))
    """

    def __init__(self, exemplar: Exemplar, recipe: Recipe, context: Context) -> None:
        if not exemplar.plain or exemplar.start is not None:
            raise BadInput(_PICTURES)
        height, width = exemplar.image.shape[-2:]
        recipe = fill_size(recipe, height, width)
        self._exemplar, facts = prepare_exemplar(exemplar, recipe, _LAYOUT, context.device)
        notes = () if recipe.model == Recipe().model else (_MODEL,)
        self.plan = plan_synthesis(
            recipe, let_bend(_LAYOUT, recipe), facts, _NETWORK, context.describe_machine(), notes
        )
        self.evaluations = 0
        self._context = context
        self._image: Tensor | None = None
        self._render: Callable[[], Tensor] | None = None  # what there is to be seen

    @property
    def recipe(self) -> Recipe:
        """The recipe, with its size."""
        return self.plan.recipe

    @property
    def height(self) -> int:
        """Height of the result in texels."""
        return self.plan.size[0]

    @property
    def width(self) -> int:
        """Width of the result in texels."""
        return self.plan.size[1]

    @property
    def levels(self) -> Sequence[Level]:
        """The size that it is sewn at, and those above it."""
        return self.plan.levels

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, a sentence each."""
        return self.plan.notes

    @property
    def forecast(self) -> Forecast:
        """What memory the run takes."""
        return self.plan.forecast

    def steps(self) -> Iterator[Step]:
        """Sew, then blend; a step after each, and one at which a first patchwork can be seen."""
        if self._exemplar.renewal is not None:
            yield from self._fill(self._exemplar.renewal)
            return
        coarse = self.plan.levels[0]
        source = resizing.scaled(
            prepare_source(self.plan, self._exemplar), coarse.scale_y, coarse.scale_x
        )
        generator = torch.Generator().manual_seed(self.recipe.seed)
        size, canvas = (coarse.height, coarse.width), self.plan.canvas_size
        whole, waves = self._scale_whole(), plan_waves(self.plan, source)
        layouts = lay_out(self.plan, source, size, generator, self._context.check)
        for number, layout in enumerate(layouts):
            sewn = Sewn.draw(layout, waves, canvas, generator.clone_state())
            self._show(partial(sewn.render, whole, *canvas, self._exemplar.directions))
            yield self._describe_step(number, "Sewn")
        self._get_image()
        yield self._describe_step(2, "Blended")

    def result(self) -> Tensor:
        """Make the texture (channels, height, width) of the recipe's size, after the last step."""
        image = self._get_image()
        if not self.plan.renews:
            image = match_grain(image, self._exemplar.image)
        if self.plan.stays_at_home:
            image = torus.calm(image, nearest=True, axes=self.plan.free_axes)
        return self.plan.torus.cut(image, *self.plan.size)

    def preview(self, longest: int = PREVIEW_TEXELS) -> Tensor:
        """Make an image of the canvas as it is now, at most so many texels wide or high."""
        size = fit_preview(self.plan.canvas_size, longest)
        return torus.resample(self._get_image(), *size)

    def state(self) -> State:
        """Give nothing: whoever begins anew is done as soon.

        Raises:
            NoState: Always.
        """
        raise NoState("a sketch has no state")

    def restore(self, state: State) -> None:
        """Refuse a state of another run.

        Raises:
            BadInput: Always.
        """
        raise BadInput("A sketch has no checkpoint: start anew.", "resume")

    def _fill(self, renewal: Renewal) -> Iterator[Step]:
        """Fill what is made anew, then mend that at full size."""
        coarse, check = self.plan.levels[0], self._context.check
        small = renewal.mapped(
            partial(resizing.scaled_to, height=coarse.height, width=coarse.width)
        )
        generator = torch.Generator().manual_seed(self.recipe.seed)
        layout = fill(small.image, small.hole, generator, check, small.unknown)
        picture, hole, unknown = renewal.image, renewal.hole, renewal.unknown
        directions = self._exemplar.directions
        self._show(partial(render_filled, layout, picture, hole, unknown, directions))
        yield self._describe_step(1, "Sewn")
        if hole.numel() <= MENDED_TEXELS:
            layout = mend_filling(layout, picture, hole, check, unknown)
        self._show(partial(render_filled, layout, picture, hole, unknown, directions))
        self._get_image()
        yield self._describe_step(2, "Blended")

    def _scale_whole(self) -> Tensor:
        """Scale the exemplar so that its whole periods fit the canvas."""
        scale_y, scale_x = self.plan.period_fit.scales
        return resizing.scaled(prepare_source(self.plan, self._exemplar), scale_y, scale_x)

    def _describe_step(self, number: int, stage: str) -> Step:
        return Step(0, 1, number, 2, 0, None, number / 2, stage)

    def _show(self, render: Callable[[], Tensor]) -> None:
        """Have something else to be seen, which is rendered once it is looked at."""
        self._image, self._render = None, render

    def _get_image(self) -> Tensor:
        if self._render is None:
            raise RuntimeError("no step has been made")
        if self._image is None:
            self._image = self._render()
        return self._image
