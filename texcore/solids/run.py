"""Photo and recipe in, a generator of steps out; after the last there is a solid texture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

import torch
from torch import Tensor

from ..contract.choices import SKETCH
from ..contract.errors import BadInput, OutOfMemory
from ..contract.recipe import Recipe
from ..contract.solids import SliceAtlas, count_solid_cost, plan_levels
from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork
from ..models.presets import choose_model
from ..optimisers.base import NoState, Optimiser
from ..optimisers.making import make_optimiser
from ..runtime import heap
from ..runtime.context import Context
from ..runtime.memory import gigabytes
from ..surfaces import resizing
from ..synthesis.forecast import Forecast, add_kept, is_ample
from ..synthesis.levels import Level
from ..synthesis.plan import prepare_exemplar
from ..synthesis.state import State, StateOfAnotherRun
from ..synthesis.steps import PREVIEW_TEXELS, Step
from .colours import OwnColours
from .cube import draw_atlas, resample_cube, view_slices
from .objective import CubeObjective

#: What is said where there is more than one picture.
ONE_PICTURE = (
    "A solid texture is made of one picture: leave out other maps, derived ones, pictures, masks "
    "and UDIM tiles."
)
_NO_SKETCH = "There is no sketch of a solid texture: choose another quality."
_MODEL = "A solid texture is made by the default model."
_FEW_PIXELS = (
    "The photo has fewer pixels than the solid texture would need: choose a larger span, or fewer "
    "voxels."
)
# Times that a photo may be enlarged before the user is told.
_ENLARGED = 1.1
# Share of white noise, of the photo's deviation, that the coarsest cube begins with.
_NOISE = 0.5
# Bytes of all maps of the slices along one axis, over those of the features alone: what is padded
# and kept for the gradients; and of numbers of the cube, for the optimiser and the gradients.
_MAPS_FACTOR, _BYTES_PER_NUMBER, _BYTES_OF_RUN = 2.2, 150, 100e6
# Of what is free, as much as a run may take.
_USABLE_SHARE = 0.95


class SolidRun:
    """A run that fills a cube. Iterate `steps` to its end, then take `result`.

    Args:
        exemplar: One picture.
        recipe: What decides the result. Its size becomes that of the cube's picture.
        network: Gives the features; None, as for a sketch, is refused.
        context: Where to compute, and who may stop it.

    Attributes:
        recipe: With the size of the picture.
        evaluations: Of the objective so far.
        notes: What the user should know, a sentence each.
        levels: The sizes that are worked on.
        forecast: What memory it takes.
        cost: What work it takes.

    Raises:
        BadInput: The exemplar is more than one picture, or too small at its scale; or a sketch is
            asked for.
        OutOfMemory: The memory that is free does not hold the run.

    Example:
        >>> from texcore.features import RandomBank
        >>> exemplar = Exemplar.of(torch.rand(3, 96, 96))
        >>> recipe = Recipe(voxels="32", iterations=2)
        >>> context = Context(torch.device("cpu"))
        >>> run = SolidRun(exemplar, recipe, RandomBank.seeded(channels=4), context)
        >>> len(list(run.steps())), run.result().shape
        (4, torch.Size([3, 144, 288]))
    """

    def __init__(
        self,
        exemplar: Exemplar,
        recipe: Recipe,
        network: FeatureNetwork | None,
        context: Context,
    ) -> None:
        if network is None or recipe.quality == SKETCH:
            raise BadInput(_NO_SKETCH)
        if not exemplar.plain or exemplar.renewal is not None or exemplar.start is not None:
            raise BadInput(ONE_PICTURE)
        self._context = context
        self._network = network.to(context.device, context.dtype)
        model, _ = choose_model(
            replace(recipe, model=Recipe().model, version=Recipe().version), self._network
        )
        self._model = replace(model.at_level(1), start="noise")
        self._side = int(recipe.voxels)
        atlas = SliceAtlas(self._side)
        self.height, self.width = atlas.height, atlas.width
        self.recipe = replace(recipe, size=(atlas.width, atlas.height), tile="none")
        self._exemplar, facts = prepare_exemplar(exemplar, self.recipe, self._model, context.device)
        self._colours = OwnColours(self._exemplar.image)
        least = min(self._exemplar.image.shape[-2:])
        self._scale = self._side / (recipe.span * least)
        self._plan = plan_levels(self._side, recipe.quality, recipe.iterations)
        self.evaluations = 0
        self.notes = tuple(facts.notes)
        if recipe.model != Recipe().model:
            self.notes = (*self.notes, _MODEL)
        if self._scale > _ENLARGED:
            self.notes = (*self.notes, _FEW_PIXELS)
        self.levels: Sequence[Level] = tuple(
            Level(each.voxels, each.voxels, 1.0, 1.0, each.evaluations) for each in self._plan
        )
        channels, known = len(self._exemplar.image), self._network.describe()
        self.cost = count_solid_cost(
            self._plan,
            recipe.cuts,
            self._model.products_per_texel(known) * len(self._exemplar.views),
            len(self._model.layer_names),
            channels,
        )
        of_maps = _MAPS_FACTOR * known.bytes_per_texel(self._model.layer_names)
        more = round((of_maps + _BYTES_PER_NUMBER * channels) * self._side**3 + _BYTES_OF_RUN)
        self.forecast = Forecast(more, more + (context.describe_machine().in_use or 0))
        free = context.free_memory(context.device)
        self._check_memory(free)
        # Slices come and go, the same blocks at each evaluation.
        self._keeps_freed = context.device.type == "cpu" and is_ample(self.forecast, free)
        if self._keeps_freed:
            self.forecast = add_kept(self.forecast)
        self._cube: Tensor | None = None
        self._optimiser: Optimiser | None = None
        self._level = 0
        self._restored: State | None = None

    def steps(self) -> Iterator[Step]:
        """Fill the cube, coarse to fine; a step after each evaluation.

        Raises:
            BadInput: The restored state is of another run.
        """
        with heap.kept() if self._keeps_freed else nullcontext():
            yield from self._fill()

    def _fill(self) -> Iterator[Step]:
        """Do the work of `steps`."""
        generator = torch.Generator().manual_seed(self.recipe.seed)
        work = [each.evaluations * each.voxels**3 for each in self._plan]
        first = self._restored.level if self._restored else 0
        for number in range(first, len(self._plan)):
            level, self._level = self._plan[number], number
            self._optimiser = self._begin(number, generator)
            done_before = self._optimiser.evaluations
            for count, loss in enumerate(self._optimiser.run(level.evaluations), done_before + 1):
                self.evaluations += 1
                self._cube = self._colours.mix(self._optimiser.point)
                share = count / level.evaluations
                yield Step(
                    number,
                    len(self._plan),
                    count,
                    level.evaluations,
                    self.evaluations,
                    loss,
                    (sum(work[:number]) + share * work[number]) / sum(work),
                    f"Filling {level.voxels} × {level.voxels} × {level.voxels}",
                )

    def result(self) -> Tensor:
        """Make the picture of the cube's slices (channels, height, width)."""
        return draw_atlas(self._clamped(self._side)).cpu()

    def preview(self, longest: int = PREVIEW_TEXELS) -> Tensor:
        """Make a small image of the cube as it is now: its first upright slice."""
        cube = self._clamped(self._side)
        picture = view_slices(cube, self.recipe.cuts)[0][self._side // 2].cpu()
        shrink = min(1.0, longest / self._side)
        return resizing.scaled(picture, shrink, shrink) if shrink < 1 else picture

    def state(self) -> State:
        """Give all that decides how the run goes on after the last step; the next changes it.

        Raises:
            NoState: No evaluation has been made.
        """
        if self._optimiser is None or not self._optimiser.evaluations:
            raise NoState("there is no state before an evaluation")
        in_level = self._optimiser.evaluations
        return State(self._level, self.evaluations, in_level, self._optimiser.state())

    def restore(self, state: State) -> None:
        """Go on from a `state` of the same run; before the first step.

        Raises:
            BadInput: There is no such place. `steps` raises it where the tensors do not fit.
        """
        if not 0 <= state.level < len(self._plan):
            raise StateOfAnotherRun
        before = sum(each.evaluations for each in self._plan[: state.level])
        if (
            not 0 < state.in_level <= self._plan[state.level].evaluations
            or state.evaluations != before + state.in_level
        ):
            raise StateOfAnotherRun
        self._restored, self.evaluations = state, state.evaluations

    def _begin(self, number: int, generator: torch.Generator) -> Optimiser:
        """Make the optimiser of a level, at where the coarser one has come to."""
        level = self._plan[number]
        scale = self._scale * level.voxels / self._side
        exemplar = self._exemplar.mapped(lambda x: resizing.scaled(x, scale, scale), lambda x: x)
        objective = CubeObjective(
            self._network,
            self._model,
            exemplar,
            self.recipe.cuts,
            level.voxels,
            self._context.check,
        )

        def evaluate(own: Tensor) -> tuple[Tensor, Tensor]:
            value, gradient = objective(self._colours.mix(own))
            return value, self._colours.pull_back(gradient)

        optimiser = make_optimiser(
            "lbfgs",
            evaluate,
            self._find_start(level.voxels, generator),
            self._model.memory,
            torch.float32,
            eager=True,
        )
        if self._restored is not None:
            try:
                optimiser.restore(self._restored.tensors, self._restored.in_level)
            except ValueError:
                raise StateOfAnotherRun from None
            self._cube, self._restored = self._colours.mix(optimiser.point), None
        return optimiser

    def _find_start(self, n: int, generator: torch.Generator) -> Tensor:
        """Find where a level begins: at the coarser one's cube, or at white noise.

        Noise is drawn on the CPU, so that a seed is the same everywhere.
        """
        if self._cube is not None:
            return self._colours.unmix(resample_cube(self._cube, n))
        image = self._exemplar.image
        noise = torch.randn((len(image), n, n, n), generator=generator)
        return _NOISE * noise.to(image)

    def _clamped(self, side: int) -> Tensor:
        """Return the cube at a size, within the photo's own range."""
        if self._cube is None:
            raise RuntimeError("no step has been made")
        return self._colours.clamp(resample_cube(self._cube.detach(), side))

    def _check_memory(self, free: int | None) -> None:
        """Check that there is enough of what is free.

        Raises:
            OutOfMemory: There is not.
        """
        if free is not None and self.forecast.more > _USABLE_SHARE * free:
            raise OutOfMemory(
                f"A solid texture of {self._side} voxels a side takes "
                f"{gigabytes(self.forecast.more)} of memory and only {gigabytes(free)} are free: "
                "choose fewer voxels, or close other programs."
            )
