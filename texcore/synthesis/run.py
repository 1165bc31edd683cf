"""Exemplar and recipe in, a generator of steps out; after the last the canvas is the result.

Progress bars, previews, cancelling and tests all just consume the steps. All images here are
tensors; `texcore.maps.stack.Stack` makes pictures of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..canvas.kinds import canvas_of
from ..contract.errors import BadInput
from ..contract.recipe import Recipe, default_size
from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork
from ..layout import choosing, fit, straightening
from ..layout.patchwork import Patchwork
from ..models.presets import chosen
from ..optimisers.adam import Adam
from ..optimisers.convergence import Convergence
from ..optimisers.follower import Follower
from ..optimisers.lbfgs import Lbfgs
from ..runtime import heap, memory
from ..runtime.processes import Group
from ..surfaces import resizing, torus
from . import forecast, levels, sizes
from .objective import Objective
from .sizes import Level
from .start import start
from .state import State
from .tiling import Tiling

# Not yet tried on a CUDA device: so only where it is asked for.
_CAPTURE = os.environ.get("TEXCORE_CUDA_GRAPHS") == "1"
# What an evaluation costs however small the canvas, in texels.
_OVERHEAD = 5000
_NO_FIT = "The checkpoint does not fit this run: start without --resume."
_LEVEL_WORDS = ("Laying out", "Shaping", "Detailing")


@dataclass(frozen=True)
class Step:
    """One evaluation of the objective.

    Attributes:
        level, levels: Which size is worked on, from 0, of how many.
        iteration, iterations: Within the level, from 1.
        evaluations: In the whole run so far.
        loss: Value of the objective at the canvas as it is.
        fraction: Share of the whole work done, 0...1, by estimated cost.
        stage: What is happening, in a few plain words.
    """

    level: int
    levels: int
    iteration: int
    iterations: int
    evaluations: int
    loss: float
    fraction: float
    stage: str


class Synthesis:
    """One run. Iterate `steps` to its end, then take `result`.

    Args:
        exemplar: To make more of; it is moved to the device.
        recipe: Everything else that decides the result. Of its own accord this follows size,
            quality, tile, seed and what the model is; the rest is for those who read and write
            files.
        network: In float32, on any device; it is moved.
        device: Where to compute.
        dtype: Of the convolutions.
        tile_side: Of the part of the canvas that the network sees at a time, in texels; None for
            what the free memory allows. It decides nothing but memory and time.
        between_tiles: Called before each part; an exception of it ends the step being made.
        group: Processes that make the same run together; see `texcore.runtime.processes`.
    """

    def __init__(
        self,
        exemplar: Exemplar,
        recipe: Recipe,
        network: FeatureNetwork,
        device: torch.device,
        dtype: torch.dtype,
        tile_side: int | None = None,
        between_tiles: Callable[[], object] | None = None,
        group: Group | None = None,
    ) -> None:
        h, w = exemplar.image.shape[-2:]
        width, height = recipe.size or default_size(w, h)
        self.recipe = replace(recipe, size=(width, height))
        self.height, self.width = height, width
        self._network = network.to(device, dtype)
        self._between = between_tiles
        self.model, self.notes = chosen(recipe, network)
        if self.model.start == "patchwork" and not exemplar.plain:
            self.model = replace(self.model, start="noise")
        if self.model.start == "patchwork" and exemplar.several:
            # Of several maps the fine detail has to fit together, and noise does not.
            self.model = replace(self.model, detail="exemplar")
        self._torus = torus.Torus.from_tile(recipe.tile)
        self._canvas_size = self._torus.canvas_size(height, width)
        if self.model.start == "picture" and exemplar.start is None:
            exemplar = replace(exemplar, start=exemplar.image)
        if self.model.start == "patchwork" and self.recipe.straighten:
            exemplar, notes = straightening.straightened(exemplar)
            self.notes += notes
        self._exemplar = exemplar.mapped(lambda x: x.to(device), self._laid(device))
        self._tiling = Tiling(
            self._network,
            self.model.layer_names,
            device,
            len(exemplar.views),
            len(self.model.octaves),
            tile_side,
            between_tiles,
            group,
            forecast.demand(self.model, self._exemplar, *self._canvas_size).without_maps,
        )
        self._fit = fit.Fit()
        if self.model.start == "patchwork":
            wraps = self._torus.y, self._torus.x
            self._fit = fit.fitting(self._exemplar, self._canvas_size, wraps)
            self.notes += self._fit.notes
        self.levels: list[Level] = self._planned(self._canvas_size, self._fit.scales)
        self.forecast = forecast.forecast(self._demands(self.levels, least=False), device)
        # Of several processes none may stop alone.
        self._keeps_freed = False
        if group is None:
            free, sides = memory.free(device), (self.height, self.width)
            self.notes += forecast.check(self.forecast, free, sides, self._least)
            self._keeps_freed = device.type == "cpu" and forecast.ample(self.forecast, free)
            if self._keeps_freed:
                self.forecast = forecast.keeping(self.forecast)
        self.evaluations = 0
        self._generator = torch.Generator().manual_seed(recipe.seed)
        self._level = 0
        self._restored: State | None = None
        self._layout: Patchwork | None = None
        self._current: tuple[Canvas, Lbfgs | Adam | Follower] | None = None
        self._done: Tensor | None = None  # the image of a level that is done
        self._convergence, self._patient = Convergence(0), False

    def steps(self) -> Iterator[Step]:
        """Do the work, or what a restored state leaves of it; a step for each evaluation."""
        with heap.kept() if self._keeps_freed else nullcontext():
            yield from self._steps()

    def _steps(self) -> Iterator[Step]:
        costs = [
            (level.height * level.width + _OVERHEAD) * level.evaluations for level in self.levels
        ]
        for number, level in enumerate(self.levels):
            if number < self._level:
                continue
            self._level = number
            optimiser = self._begun(number, level)
            words = _LEVEL_WORDS[0 if number == 0 else 2 if number == len(self.levels) - 1 else 1]
            for loss, last in self._evaluated(optimiser, level):
                self.evaluations += 1
                done = costs[number] * (1 if last else optimiser.evaluations / level.evaluations)
                yield Step(
                    level=number,
                    levels=len(self.levels),
                    iteration=optimiser.evaluations,
                    iterations=level.evaluations,
                    evaluations=self.evaluations,
                    loss=loss,
                    fraction=(sum(costs[:number]) + done) / sum(costs),
                    stage=f"{words} at {level.width} × {level.height}",
                )
            # The optimiser's memory, most of all there is, is free for what comes next.
            self._done, self._current = self._image(), None
            del optimiser
            heap.give_back()

    def _evaluated(
        self, optimiser: Lbfgs | Adam | Follower, level: Level
    ) -> Iterator[tuple[float, bool]]:
        """The losses of a level, and whether each is the last, because the level has settled."""
        if self._settled():
            return
        for loss in optimiser.run(level.evaluations):
            self._convergence.note(loss)
            settled = self._settled()
            yield loss, settled
            if settled:
                return

    def _settled(self) -> bool:
        """Whether the level may end; the leader's word, for only the leader sees the losses."""
        if not self._patient:
            return False
        group = self._tiling.group
        settled = self._convergence.settled
        return group.any(group.leads and settled) if group else settled

    def _begun(self, number: int, level: Level) -> Lbfgs | Adam | Follower:
        """The optimiser of a level, which starts from what the one before came to."""
        exemplar = self._exemplar.mapped(
            partial(resizing.scaled, scale_y=level.scale_y, scale_x=level.scale_x),
            partial(resizing.scaled_to, height=level.height, width=level.width),
        )
        sources = [source for region in exemplar.parts for source in region.sources]
        canvas = canvas_of(
            self.model.canvas, sources, level.height, level.width, self.model.directional
        )
        objective = Objective(self._network, self.model, exemplar, canvas, self._tiling)
        usual = round(self.model.at_quality("standard") * sizes.effort(level.height, level.width))
        self._convergence, self._patient = Convergence(usual), level.evaluations > usual
        z = self._start(number, level, exemplar, canvas, objective)
        optimiser = self._optimiser(objective, z)
        self._current, self._done = (canvas, optimiser), None
        return optimiser

    def state(self) -> State:
        """All that decides how the run goes on after the last step; the next one changes it.

        Raises:
            RuntimeError: No step has been made, or this process does not lead.
        """
        if self._current is None or isinstance(self._current[1], Follower):
            raise RuntimeError("there is no state to be had here")
        optimiser = self._current[1]
        tensors = optimiser.state() | {
            "generator": self._generator.get_state(),
            "convergence": self._convergence.state(),
        }
        if self._layout:
            sides = torch.tensor(self._layout.side)
            tensors |= {"layout.origin": self._layout.origin, "layout.side": sides}
        return State(self._level, self.evaluations, optimiser.evaluations, tensors)

    def restore(self, state: State) -> None:
        """Go on from a `state` of the same run; before the first step.

        Several processes need the tensors only where the group's leader is.

        Raises:
            BadInput: There is no such level. `steps` raises it where the tensors do not fit.
        """
        if not 0 <= state.level < len(self.levels):
            raise BadInput(_NO_FIT)
        self._level, self.evaluations, self._restored = state.level, state.evaluations, state

    def result(self) -> Tensor:
        """The texture (channels, height, width) of the recipe's size after the last step.

        Values may lie a little out of the exemplar's range.
        """
        image = torus.resample(self._image(), *self._canvas_size)
        if not self._placed:
            image = torus.calm(image, nearest=self._at_home)
        return self._torus.cut(image, self.height, self.width)

    def preview(self, longest: int = 512) -> Tensor:
        """The canvas as it is now, at most so many texels wide or high."""
        h, w = self._canvas_size
        shrink = min(1.0, longest / max(h, w))
        return torus.resample(self._image(), max(1, round(h * shrink)), max(1, round(w * shrink)))

    @property
    def _placed(self) -> bool:
        """Whether something on the canvas has its place, so that it must not be moved."""
        return self.model.start == "picture" or any(
            r.mask is not None for r in self._exemplar.parts
        )

    @property
    def _at_home(self) -> bool:
        """Whether the exemplar's large things stay where they are."""
        h, w = self._exemplar.image.shape[-2:]
        stays = choosing.stays(self.recipe.arrangement, (self.height, self.width), (h, w))
        return stays and self.model.start == "patchwork"

    def _planned(
        self, canvas: tuple[int, int], scales: tuple[float, float] = (1.0, 1.0)
    ) -> list[Level]:
        """The levels for a canvas of that size."""
        stride = self.model.stride(self._network)
        return levels.levels(self.model, self.recipe, stride, self._exemplar, canvas, scales)

    def _least(self, height: int, width: int) -> int:
        """Bytes that a run of another size would take with the smallest tiles."""
        levels = self._planned(self._torus.canvas_size(height, width))
        return forecast.most(self._demands(levels, least=True))

    def _demands(self, levels: Sequence[Level], least: bool) -> list[forecast.Demand]:
        return [
            forecast.demand(
                self.model, self._exemplar, level.height, level.width, self._tiling, least
            )
            for level in levels
        ]

    def _start(
        self,
        number: int,
        level: Level,
        exemplar: Exemplar,
        canvas: Canvas,
        objective: Objective,
    ) -> Tensor:
        """The variables that a level begins with."""
        size = level.height, level.width
        if self._restored:
            # The optimiser has them from the state; but the canvas settles as it did.
            image = exemplar.image.new_zeros(len(exemplar.image), *size)
            if number:
                return canvas.from_coarser(image, self._generator)
            return canvas.from_layout(image) if self.model.start == "patchwork" else image
        if number:
            return canvas.from_coarser(self._image(), self._generator, self._detail(exemplar, size))
        if self.model.start == "patchwork":
            source = exemplar.image
            if self._at_home:
                # What the first view shows: light falls on no alpha, mask or height.
                lit = (exemplar.views[0] != 0).any(0)
                source = choosing.levelled(source, self._torus.x, self._torus.y, lit)
            self._layout = self._laid_out(source, canvas, objective)
            return canvas.from_layout(self._layout.of(source, *size))
        return start(self.model, exemplar, canvas, self._generator)

    def _laid_out(self, source: Tensor, canvas: Canvas, objective: Objective) -> Patchwork:
        """The layout that a canvas begins with, of an exemplar's picture at its scale."""
        size, place = (canvas.height, canvas.width), None
        if self._at_home:
            h, w = source.shape[-2:]
            lengths = zip((self.height, self.width), size, self._canvas_size, strict=True)
            height, width = (n * side / whole for n, side, whole in lengths)
            place = choosing.home((height, width), (h, w))

        def distance(made: Patchwork) -> float:
            return float(objective.value(canvas.from_layout(made.of(source, *size))))

        y, x = (
            period and period * n / whole
            for period, n, whole in zip(self._fit.periods, size, self._canvas_size, strict=True)
        )
        bound = self._placed or self.recipe.arrangement == "photo"
        return choosing.best(
            source, size, place, self._generator, distance, self._between, (y, x), bound
        )

    def _detail(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor | None:
        """The layout's own fine detail at a level, if the model takes it from the exemplar."""
        if self._layout is None or self.model.detail != "exemplar":
            return None
        return self._layout.of(exemplar.image, *size)

    def _laid(self, device: torch.device) -> Callable[[Tensor], Tensor]:
        """Brings what lies over the result to the canvas."""

        def laid(x: Tensor) -> Tensor:
            fitted = resizing.scaled_to(x.to(device), self.height, self.width)
            return self._torus.extended(fitted)

        return laid

    def _optimiser(self, objective: Objective, z: Tensor) -> Lbfgs | Adam | Follower:
        restored, self._restored = self._restored, None
        group = self._tiling.group
        if group and not group.leads:
            follower = Follower(objective, z)
            follower.evaluations = restored.in_level if restored else 0
            return follower
        optimiser: Lbfgs | Adam
        if self.model.optimiser == "adam":
            optimiser = Adam(objective, z)
        else:
            pairs, dtype = forecast.pairs_kept(z.numel(), z.dtype, self.model.memory)
            capture = _CAPTURE and objective.repeats()
            optimiser = Lbfgs(objective, z, pairs, dtype, capture)
        if restored:
            tensors = dict(restored.tensors)
            try:
                self._generator.set_state(tensors.pop("generator"))
                self._convergence.restore(tensors.pop("convergence"))
                if self.model.start == "patchwork":
                    height, width = tensors.pop("layout.side").tolist()
                    self._layout = Patchwork(tensors.pop("layout.origin"), (height, width))
                optimiser.restore(tensors, restored.in_level)
            except (KeyError, ValueError):
                raise BadInput(_NO_FIT) from None
        return optimiser

    def _image(self) -> Tensor:
        """The canvas as it is now, of the size of the level worked on."""
        if self._done is not None:
            return self._done
        if self._current is None:
            raise RuntimeError("no step has been made")
        canvas, optimiser = self._current
        return canvas.render(optimiser.point)
