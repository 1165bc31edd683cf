"""Exemplar and recipe in, a generator of steps out; after the last the canvas is the result.

Progress bars, previews, cancelling and tests all just consume the steps. All images here are
tensors; `texcore.maps.stack.Stack` makes pictures of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..canvas.held import HeldCanvas
from ..canvas.making import make_canvas
from ..contract.jobs import PREVIEW_SIDE
from ..contract.recipe import Recipe
from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork
from ..models.presets import choose_model, heal_only
from ..optimisers.base import NoState, Optimiser
from ..optimisers.convergence import Convergence
from ..optimisers.making import make_optimiser
from ..runtime import heap
from ..runtime.context import Context
from ..surfaces import resizing, torus
from ..surfaces.grain import match_grain
from .forecast import Forecast, count_pairs
from .levels import Level, effort
from .objective import Objective
from .plan import fill_size, plan_synthesis, prepare_exemplar
from .renewal_start import RenewalStart
from .starting import make_start
from .state import State, StateOfAnotherRun
from .steps import PREVIEW_TEXELS, Step, fit_preview
from .tiling import Tiling

# Not yet tried on a CUDA device: so only where it is asked for.
_CAPTURE = os.environ.get("TEXCORE_CUDA_GRAPHS") == "1"
_SEWN = "Sewn from the photo"
_LEVEL_WORDS = ("Laying out", "Shaping", "Detailing")


@dataclass(frozen=True)
class _Work:
    """A level that is being worked on.

    Attributes:
        canvas: Of its size.
        optimiser: Of the canvas' variables.
        convergence: Of its losses.
        may_settle: Whether the level may end before it has had all its evaluations.
    """

    canvas: Canvas
    optimiser: Optimiser
    convergence: Convergence
    may_settle: bool


class Synthesis:
    """One run. Iterate `steps` to its end, then take `result`.

    Args:
        exemplar: To make more of; it is moved to the device.
        recipe: Everything else that decides the result.
        network: In float32, on any device; it is moved.
        context: Where to compute, with whom, and who may stop it.

    Attributes:
        plan: All that was decided about the run before it begins.
        evaluations: Of the objective so far.

    Raises:
        BadInput: The recipe names a layer that the network does not have.
        OutOfMemory: The memory that is free does not hold the run.

    Example:
        >>> from texcore.features import RandomBank
        >>> exemplar = Exemplar.of(torch.rand(3, 40, 52))
        >>> recipe = Recipe(model="gatys", size=(48, 32), iterations=2)
        >>> run = Synthesis(
        ...     exemplar, recipe, RandomBank.seeded(channels=4), Context(torch.device("cpu"))
        ... )
        >>> [step.evaluations for step in run.steps()], run.result().shape
        ([1, 2], torch.Size([3, 32, 48]))
    """

    def __init__(
        self, exemplar: Exemplar, recipe: Recipe, network: FeatureNetwork, context: Context
    ) -> None:
        height, width = exemplar.image.shape[-2:]
        recipe = fill_size(recipe, height, width)
        model, notes = choose_model(recipe, network, exemplar.plain, exemplar.several)
        if exemplar.renewal is not None:
            model = heal_only(model)
        self._network = network.to(context.device, context.dtype, direct=recipe.version == 1)
        self._exemplar, facts = prepare_exemplar(exemplar, recipe, model, context.device)
        self.plan = plan_synthesis(
            recipe, model, facts, self._network.describe(), context.describe_machine(), notes
        )
        self.evaluations = 0
        self._context = context
        self._tiling = Tiling(self.plan.tile_limits, context)
        self._start = make_start(self.plan, context.check)
        self._generator = torch.Generator().manual_seed(recipe.seed)
        self._level = 0
        self._restored: State | None = None
        self._work: _Work | None = None
        self._done: Tensor | None = None  # the image of a level that is done
        self._sketch: Tensor | None = None  # as a preview, what there was to be seen at first

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
    def levels(self) -> tuple[Level, ...]:
        """The sizes that the canvas is worked on at, from coarse to fine."""
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
        """Do the work, or what a restored state leaves of it; a step for each evaluation."""
        with heap.kept() if self.plan.keeps_freed_memory else nullcontext():
            for number in range(self._level, len(self.plan.levels)):
                self._level = number
                yield from self._work_through(number)

    def state(self) -> State:
        """Give all that decides how the run goes on after the last step; the next changes it.

        Raises:
            NoState: No evaluation has been made, only a part is made anew, or this process does
                not lead.
        """
        if self.plan.renews:
            raise NoState("what is made anew of a picture is soon done, and has no state")
        if self._work is None or not self._work.optimiser.evaluations:
            raise NoState("there is no state before an evaluation, nor after the last of a level")
        optimiser = self._work.optimiser
        tensors = optimiser.state() | {
            "generator": self._generator.get_state(),
            "convergence": self._work.convergence.state(),
        }
        tensors |= self._start.state()
        return State(self._level, self.evaluations, optimiser.evaluations, tensors)

    def restore(self, state: State) -> None:
        """Go on from a `state` of the same run; before the first step.

        Several processes need the tensors only where the group's leader is.

        Raises:
            BadInput: There is no such place. `steps` raises it where the tensors do not fit.
        """
        levels = self.plan.levels
        if not (
            0 <= state.level < len(levels)
            and 0 <= state.in_level <= levels[state.level].evaluations
            and state.in_level <= state.evaluations
        ):
            raise StateOfAnotherRun
        self._level, self.evaluations, self._restored = state.level, state.evaluations, state

    def result(self) -> Tensor:
        """Make the texture (channels, height, width) of the recipe's size, after the last step.

        After an earlier one it is the texture as it is: at full size, if it was sewn, what the
        coarser canvas has changed so far within it. Values may lie a little out of the exemplar's
        range.

        Raises:
            RuntimeError: No step has been made.
        """
        image = self._finish(self._render_whole())
        if self.plan.stays_at_home or not self._is_sewn:  # else its layout has been moved so
            image = torus.calm(image, self.plan.stays_at_home, self.plan.free_axes)
        return self.plan.torus.cut(image, *self.plan.size)

    def preview(self, longest: int = PREVIEW_TEXELS) -> Tensor:
        """Make an image of the canvas as it is now, at most so many texels wide or high.

        Before the first evaluation it is of full size, or as large as previews may be: what it
        shows may be kept.
        """
        size = fit_preview(self.plan.canvas_size, longest)
        if self._is_sewn and self.evaluations == 0:
            whole = self._finish(self._make_sketch())
            return torus.resample(whole, *fit_preview(self.plan.canvas_size, PREVIEW_SIDE))
        if not self._is_sewn or self._level == len(self.plan.levels) - 1:
            self._sketch = None
            return torus.resample(self._render(), *size)
        if self._sketch is None or self._sketch.shape[-2:] != size:
            self._sketch = torus.resample(self._make_sketch(), *size)
        change = self._start.find_change(self._render())
        return torus.resample(change, *size) + self._sketch

    @property
    def _is_sewn(self) -> bool:
        """Whether there is something to be seen before the first evaluation."""
        return self.plan.model.detail == "sewn"

    def _finish(self, image: Tensor) -> Tensor:
        """Scale an image of the finest level to the canvas, with the exemplar's grain if sewn."""
        image = torus.resample(image, *self.plan.canvas_size)
        if self._is_sewn and not self.plan.renews:
            image = match_grain(image, self._exemplar.image)
        return image

    def _work_through(self, number: int) -> Iterator[Step]:
        """Do the evaluations of a level."""
        level = self.plan.levels[number]
        if number == 0 and self._restored is None:
            yield from self._lay_out(level)
        work = self._begin(number)
        for loss, is_last in self._evaluate(work, level):
            self.evaluations += 1
            yield self._describe_step(number, work.optimiser.evaluations, loss, is_last)
        # The optimiser's memory, most of all there is, is free for what comes next.
        self._done, self._work = self._render(), None
        del work
        heap.give_back()

    def _lay_out(self, level: Level) -> Iterator[Step]:
        """Lay out what the coarsest level begins with; a step whenever there is more to see."""
        size = level.height, level.width
        for _ in self._start.lay_out(self._scale_exemplar(level), size, self._generator):
            yield self._describe_step(0, 0, None, is_last=False)

    def _make_sketch(self) -> Tensor:
        """Make what there is to be seen before the first evaluation, of the finest level's size."""
        level = self.plan.levels[-1]
        sketch = self._start.sketch(self._scale_exemplar(level), (level.height, level.width))
        if sketch is None:
            raise RuntimeError("no step has been made")
        return sketch

    def _evaluate(self, work: _Work, level: Level) -> Iterator[tuple[float, bool]]:
        """Yield the losses of a level, and whether each is the last, for the level has settled."""
        if self._has_settled(work):
            return
        for loss in work.optimiser.run(level.evaluations):
            work.convergence.note(loss)
            settled = self._has_settled(work)
            yield loss, settled
            if settled:
                return

    def _has_settled(self, work: _Work) -> bool:
        """Say whether a level may end; the leader's word, for only the leader sees the losses."""
        if not work.may_settle:
            return False
        group = self._context.group
        settled = work.convergence.settled
        return group.any(group.leads and settled) if group else settled

    def _describe_step(
        self, number: int, iteration: int, loss: float | None, is_last: bool
    ) -> Step:
        levels = self.plan.levels
        level, costs = levels[number], [level.cost for level in levels]
        done = costs[number] * (1 if is_last else iteration / level.evaluations)
        words = _LEVEL_WORDS[0 if number == 0 else 2 if number == len(levels) - 1 else 1]
        stage = _SEWN if loss is None else f"{words} at {level.width} × {level.height}"
        return Step(
            level=number,
            levels=len(levels),
            iteration=iteration,
            iterations=level.evaluations,
            evaluations=self.evaluations,
            loss=loss,
            fraction=(sum(costs[:number]) + done) / sum(costs),
            stage=stage,
        )

    def _begin(self, number: int) -> _Work:
        """Begin a level from what the one before came to, or from a restored state."""
        level, model = self.plan.levels[number], self.plan.model.at_level(number)
        exemplar = self._scale_exemplar(level)
        if isinstance(self._start, RenewalStart):
            exemplar = self._start.focus(exemplar, is_finer=number > 0)
        sources = [source for region in exemplar.parts for source in region.sources]
        canvas: Canvas = make_canvas(
            model.canvas, sources, level.height, level.width, model.directional
        )
        if isinstance(self._start, RenewalStart):
            canvas = HeldCanvas(canvas, self._start.hold(exemplar))
        elif exemplar.renewal is not None:
            canvas = HeldCanvas(canvas, exemplar.renewal)
        objective = Objective(self._network, model, exemplar, canvas, self._tiling)
        usual = model.evaluations
        if model.detail != "sewn":
            usual = round(model.at_quality("standard") * effort(level.height, level.width))
        z = self._find_variables(number, exemplar, canvas, objective)
        pairs, dtype = count_pairs(z.numel(), z.dtype, model.memory)
        capture = _CAPTURE and objective.repeats()
        follows = not self._context.leads
        self._work = _Work(
            canvas,
            make_optimiser(
                model.optimiser, objective, z, pairs, dtype, capture, follows, model.eager
            ),
            Convergence(usual),
            may_settle=level.evaluations > usual,
        )
        self._done = None
        self._take_up(self._work)
        return self._work

    def _find_variables(
        self, number: int, exemplar: Exemplar, canvas: Canvas, objective: Objective
    ) -> Tensor:
        """Find the variables that a level begins with; those of a restored one are not used."""
        if number == 0:
            if self._restored:
                return self._start.begin_restored(exemplar, canvas)
            return self._start.begin(exemplar, canvas, self._generator, objective.value)
        blank = exemplar.make_blank(canvas.height, canvas.width)
        before = blank if self._restored else self._render()
        return self._start.begin_finer(exemplar, canvas, before, self._generator)

    def _scale_exemplar(self, level: Level) -> Exemplar:
        """Scale the exemplar to a level, and what lies over the canvas to its size."""
        return self._exemplar.mapped(
            partial(resizing.scaled, scale_y=level.scale_y, scale_x=level.scale_x),
            partial(resizing.scaled_to, height=level.height, width=level.width),
        )

    def _take_up(self, work: _Work) -> None:
        """Go on from the restored state, if there is one.

        Raises:
            BadInput: It is the state of another run.
        """
        restored, self._restored = self._restored, None
        if restored is None:
            return
        tensors = dict(restored.tensors)
        try:
            if self._context.leads:
                _set_generator(self._generator, tensors.pop("generator"))
                work.convergence.restore(tensors.pop("convergence"))
                self._start.restore(tensors)
            work.optimiser.restore(tensors, restored.in_level)
        except (KeyError, ValueError):
            raise StateOfAnotherRun from None

    def _render_whole(self) -> Tensor:
        """Render the texture as it is now, of the finest level's size if it was sewn."""
        if self._is_sewn and not self.evaluations:
            return self._make_sketch()
        canvas, level = self._render(), self.plan.levels[-1]
        if not self._is_sewn or canvas.shape[-2:] == (level.height, level.width):
            return canvas
        change = self._start.find_change(canvas)
        return torus.resample(change, level.height, level.width).add_(self._make_sketch())

    def _render(self) -> Tensor:
        """Render the canvas as it is now, of the size of the level worked on."""
        if self._done is not None:
            return self._done
        if self._work is None:
            raise RuntimeError("no step has been made")
        return self._work.canvas.render(self._work.optimiser.point)


def _set_generator(generator: torch.Generator, state: Tensor) -> None:
    """Have a random generator go on from a state.

    Raises:
        ValueError: It is that of none, or of another kind.
    """
    try:
        generator.set_state(state)
    except (RuntimeError, TypeError) as e:
        raise ValueError(f"no state of this generator: {e}") from None
