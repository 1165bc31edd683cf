"""Exemplar, recipe and object in, a generator of steps out; after the last there is its texture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..contract.choices import FROM_UVS
from ..contract.recipe import Recipe
from ..contract.surface_costs import choose_spacing
from ..exemplars.exemplar import Exemplar
from ..features import FeatureNetwork
from ..optimisers.base import NoState, Optimiser
from ..optimisers.making import make_optimiser
from ..runtime.context import Context
from ..surfaces import resizing
from ..synthesis.levels import Level
from ..synthesis.state import State, StateOfAnotherRun
from ..synthesis.steps import PREVIEW_TEXELS, Step
from .charts import Charts
from .flow import follow_flow
from .healing import SurfaceObjective
from .mesh import Floats, Mesh
from .padding import fill_islands
from .parts import read_parts
from .plan import plan_surface
from .points import Points, spread_points
from .reduction import Refinement, reduce_photo
from .rendering import Rendering
from .scaling import scale_points
from .sewing import Sewing, measure_side
from .turning import find_angles, turn_directions
from .views import mix_sizes, plan_views

_UPS = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
# Of the work, what sewing is where the network mends it.
_SEWING_SHARE = 0.3
# Of sewing, what blending the joints is.
_RENDERING_SHARE = 0.15
# Side of a view, and what of its border does not count.
_VIEW_SIDE, _VIEW_RIM = 192, 8


class OnSurface:
    """A run over the surface of an object. Iterate `steps` to its end, then take `result`.

    Args:
        exemplar: One picture, or all maps of a material.
        recipe: What decides the result; its size is that of the unwrapped texture.
        mesh: The object.
        name: Of it, for the sentence of an error.
        network: Gives the features; None for a sketch, which is sewn only.
        context: Where to compute, and who may stop it.

    Attributes:
        evaluations: Of the objective so far.
        forecast: What memory it takes.
        cost: What work it takes.

    Raises:
        BadInput: The exemplar is a mixture, has regions, is made anew in part only or is too small
            at the recipe's scale, or parts of the unwrapping are mirrored and there are normals.
        BadUnwrapping: The object's unwrapping is of no use.
        OutOfMemory: The machine's memory does not hold it.
    """

    def __init__(
        self,
        exemplar: Exemplar,
        recipe: Recipe,
        mesh: Mesh,
        name: str,
        network: FeatureNetwork | None,
        context: Context,
    ) -> None:
        self._network = network and network.to(context.device, context.dtype)
        plan = self._plan = plan_surface(exemplar, recipe, mesh, name, self._network, context)
        self.recipe, self.forecast, self.cost = plan.recipe, plan.forecast, plan.cost
        self.height, self.width = plan.size
        self.notes = plan.notes
        self.levels: Sequence[Level] = (plan.level,)
        self.evaluations = 0
        self._context = context
        self._exemplar, self._atlas = plan.sized.own, plan.reduction.atlas
        self._right = self._atlas.across
        self._sewing: Sewing | None = None
        self._optimiser: Optimiser | None = None
        self._restored: State | None = None
        self._texels: Tensor | None = None

    def steps(self) -> Iterator[Step]:
        """Sew, then let the network mend the joints; a step after each piece and evaluation.

        A run that is gone on with sews again, for that takes a tenth of the time.

        Raises:
            BadInput: The restored state is of another run.
        """
        context, count = self._context, self.levels[0].evaluations
        points = self._spread_points()
        charts = Charts(self._atlas, points)
        self._right = charts.find_right()
        generator = torch.Generator().manual_seed(self.recipe.seed)
        masks = [part.mask for part in self._exemplar.parts if part.mask is not None]
        sewing = Sewing(
            [reduce_photo(photo, self._plan.reduction.factor) for photo in self._plan.photos],
            self._atlas,
            points,
            charts,
            generator,
            read_parts(masks, self._atlas) if masks else None,
        )
        self._sewing = sewing
        refinement = Refinement(self._plan.reduction, charts)
        rendering = Rendering(
            self._plan.sized.make_pyramids(),
            sewing.pieces,
            refinement,
            sewing.beside,
            self._exemplar.directions,
        )
        share = _SEWING_SHARE if count else 1.0
        stages = (
            ("Sewing over the surface", 0, 1 - _RENDERING_SHARE, sewing.sew(context.check)),
            ("Blending", 1 - _RENDERING_SHARE, _RENDERING_SHARE, rendering.render(context.check)),
        )
        for stage, before, part, work in stages:
            for number, done in enumerate(work, start=1):
                # The last pieces, of folds, come after it.
                fraction = share * (before + part * done)
                yield Step(0, 1, number, number, 0, None, fraction, stage, whole=False)
        self._texels = torch.from_numpy(rendering.colours)
        if self._network is None or self._plan.model is None or not count:
            return
        views = plan_views(
            charts, points, refinement, _VIEW_SIDE, _VIEW_RIM, context.check, self._plan.sized.steps
        )
        sized = {step: self._plan.sized.make(step) for step in {view.step for view in views}}
        exemplar = mix_sizes(self._exemplar, sized, views, torch.from_numpy(rendering.photos))
        exemplar = exemplar.mapped(lambda x: x.to(context.device), lambda x: x)
        moved = [
            replace(
                view,
                taps=view.taps.to(context.device),
                shares=view.shares.to(context.device),
                weight=view.weight.to(context.device),
            )
            for view in views
        ]
        photos = torch.from_numpy(rendering.photos).to(context.device)
        objective = SurfaceObjective(
            self._network, self._plan.model, exemplar, moved, photos, context.check
        )
        optimiser = make_optimiser(
            "lbfgs",
            objective,
            self._texels.to(context.device),
            self._plan.model.memory,
            torch.float32,
            eager=self._plan.model.eager,
        )
        if self._restored is not None:
            try:
                optimiser.restore(self._restored.tensors, self._restored.evaluations)
            except ValueError:
                raise StateOfAnotherRun from None
            self.evaluations, self._restored = self._restored.evaluations, None
            self._texels = optimiser.point.detach()
        self._optimiser = optimiser
        for loss in optimiser.run(count):
            self.evaluations += 1
            self._texels = optimiser.point.detach()
            done = share + (1 - share) * self.evaluations / count
            yield Step(
                0, 1, self.evaluations, count, self.evaluations, loss, done, "Mending joints"
            )

    def _spread_points(self) -> Points:
        """Spread points over the surface, with the directions and the sizes that are wanted."""
        atlas, factor = self._atlas, self._plan.reduction.factor
        spacing = choose_spacing(len(atlas.texels), factor)
        points = spread_points(atlas, self._find_ups(), spacing)
        if self._plan.wanted is None:
            return points
        return scale_points(points, self._plan.wanted, measure_side(self._plan.photos) / factor)

    def _find_ups(self) -> Floats:
        """Find where the texture's top is at each texel, shape (n, 3): as painted, or as told."""
        atlas, up = self._atlas, self.recipe.up
        ups = -atlas.down if up == FROM_UVS else np.tile(_UPS[up], (len(atlas.texels), 1))
        if self._exemplar.flow is None:
            return ups
        return follow_flow(self._exemplar.flow, atlas, ups)

    def result(self) -> Tensor:
        """Make the texture (channels, height, width), filled beyond the islands."""
        if self._texels is None:
            raise RuntimeError("it has not been sewn")
        texels = self._texels.cpu()
        every = torch.cat([photo.flatten(1) for photo in self._plan.photos], 1).cpu()
        low, high = every.amin(1, keepdim=True), every.amax(1, keepdim=True)
        texels = torch.minimum(torch.maximum(texels, low), high)
        if self._exemplar.directions:
            angles = self._plan.reduction.give_back(find_angles(self._atlas, self._right))
            turned = turn_directions(texels.numpy(), self._exemplar.directions, angles)
            texels = torch.from_numpy(turned)
        return fill_islands(self._plan.reduction, texels)

    def preview(self, longest: int = PREVIEW_TEXELS) -> Tensor:
        """Make a small image of the texture as it is now; black where nothing is yet."""
        if self._texels is not None:
            raster = self._plan.reduction.raster
            size, which, texels = (raster.height, raster.width), raster.texels, self._texels.cpu()
        elif self._sewing is not None:
            atlas = self._atlas
            size, which = (atlas.height, atlas.width), atlas.texels.astype(np.int32)
            texels = torch.from_numpy(self._sewing.show())
        else:
            raise RuntimeError("no step has been made")
        image = texels.new_zeros(len(texels), size[0] * size[1])
        image[:, torch.from_numpy(which)] = texels
        shrink = min(1.0, longest / max(size))
        whole = image.view(len(texels), *size)
        return resizing.scaled(whole, shrink, shrink) if shrink < 1 else whole

    def state(self) -> State:
        """Give all that decides how the run goes on after the last step; the next changes it.

        Raises:
            NoState: It is still sewing, which is done again as soon.
        """
        if self._optimiser is None or not self._optimiser.evaluations:
            raise NoState("there is no state before an evaluation")
        return State(0, self.evaluations, self.evaluations, self._optimiser.state())

    def restore(self, state: State) -> None:
        """Go on from a `state` of the same run; before the first step.

        Raises:
            BadInput: There is no such place. `steps` raises it where the tensors do not fit.
        """
        if not 0 < state.evaluations == state.in_level <= self.levels[0].evaluations:
            raise StateOfAnotherRun
        self._restored = state
