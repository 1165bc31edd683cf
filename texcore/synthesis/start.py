"""Begin a canvas: from noise, uniform noise, a picture, or a layout of the exemplar's chunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..canvas.making import make_canvas
from ..exemplars.exemplar import Exemplar, Region
from ..layout.arrangement import centre_exemplar, choose_patchwork, level_light
from ..layout.patchwork import Patchwork
from ..layout.sewn import Sewn
from ..models.model import TextureModel
from ..runtime.context import Check, proceed
from ..surfaces import torus
from .plan import Plan

Value = Callable[[Tensor], Tensor]
"""Distance of a canvas' variables from the exemplar."""


class Start(Protocol):
    """What the first level of a run begins with, and what finer ones take from it."""

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Make the variables that the coarsest level begins with.

        Args:
            exemplar: At the canvas' scale, its masks and start of the canvas' size.
            canvas: Of that level.
            generator: Of noise, and of choices; on the CPU.
            value: Tells how good other variables would be.
        """

    def begin_restored(self, exemplar: Exemplar, canvas: Canvas) -> Tensor:
        """Make variables of the right shape for a level whose own come from a saved state."""

    def begin_finer(
        self, exemplar: Exemplar, canvas: Canvas, image: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Make the variables that a finer level begins with.

        Args:
            exemplar: At the canvas' scale, its masks and start of the canvas' size.
            canvas: Of that level.
            image: What the level before has come to, of its size.
            generator: Of noise; on the CPU.
        """

    def sketch(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor | None:
        """Show what the result will be like, before the first evaluation.

        Args:
            exemplar: At the scale of the finest level.
            size: Height and width of that level.

        Returns:
            Shape (channels, height, width); None where there is nothing to see yet.
        """

    def find_change(self, image: Tensor) -> Tensor:
        """Find what has changed on the canvas worked on since it showed what `sketch` shows."""

    def state(self) -> dict[str, Tensor]:
        """Give what finer levels need of it."""

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go on from a `state`, whose tensors are taken out of ``tensors``.

        Raises:
            KeyError: They are not among them.
            ValueError: They are no such state.
        """


def make_start(plan: Plan, check: Check = proceed) -> Start:
    """Make the start that a plan's model names, one of `texcore.models.model.STARTS`.

    Args:
        plan: Of the run.
        check: Called before each chunk of a layout; an exception of it ends the work.
    """
    if plan.model.lays_out:
        kind = SewnStart if plan.model.detail == "sewn" else PatchworkStart
        return kind(plan, check)
    return _NOISES[plan.model.start](plan.model)


class NoiseStart:
    """Normal noise: (1 − s) · mean colour + s · noise, with s the model's ``noise``.

    Each region of a canvas has noise and colour of its own.

    Args:
        model: Says how much noise there is, and of which kind canvases are.
    """

    def __init__(self, model: TextureModel) -> None:
        self._model = model

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Draw the noise; see `Start`."""
        if self._model.noise == 1 and all(part.mask is None for part in exemplar.parts):
            return self._draw(canvas, generator)
        colour, noise = self._draw_regions(exemplar.parts, canvas, generator)
        return self._blend(canvas, colour, noise)

    def begin_restored(self, exemplar: Exemplar, canvas: Canvas) -> Tensor:
        """Make zeros: nothing of the canvas is decided by what it begins with."""
        return _make_blank(exemplar, canvas)

    def begin_finer(
        self, exemplar: Exemplar, canvas: Canvas, image: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Take what the coarser level has come to, and noise for finer frequencies; see `Start`."""
        return canvas.begin_from_coarser(image, generator)

    def sketch(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor | None:
        """Show nothing: it begins with noise."""
        return None

    def find_change(self, image: Tensor) -> Tensor:
        """Find all of it: there was nothing to be seen before."""
        return image

    def state(self) -> dict[str, Tensor]:
        """Give nothing: finer levels need nothing of it."""
        return {}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take nothing out of ``tensors``."""

    def _draw(self, canvas: Canvas, generator: torch.Generator) -> Tensor:
        """Draw the variables of this kind of noise."""
        return canvas.draw_noise(generator)

    def _blend(self, canvas: Canvas, base: Tensor, noise: Tensor) -> Tensor:
        """Find the variables of an image under noise."""
        share = self._model.noise
        return canvas.find_variables((1 - share) * base + share * noise)

    def _draw_regions(
        self, regions: Sequence[Region], canvas: Canvas, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Draw mean colours and noise, both (channels, height, width), of regions in place."""
        size = canvas.height, canvas.width
        base = noise = total = torch.zeros(1)
        for region in regions:
            own = make_canvas(self._model.canvas, region.sources, *size, self._model.directional)
            image = own.render(self._draw(own, generator))
            mask = torch.ones_like(image[:1]) if region.mask is None else region.mask
            base, noise, total = base.to(image), noise.to(image), total.to(image)
            base = base + mask * image.mean((1, 2), keepdim=True)
            noise = noise + mask * image
            total = total + mask
        covered = total.clamp_min(1e-6)
        return base / covered, noise / covered


class UniformStart(NoiseStart):
    """Uniform noise, else as `NoiseStart`."""

    def _draw(self, canvas: Canvas, generator: torch.Generator) -> Tensor:
        return canvas.draw_uniform(generator)


class PictureStart(NoiseStart):
    """The exemplar's start picture under noise: (1 − s) · picture + s · noise."""

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Lay the picture under noise; where there is none, the mean colour stands for it."""
        colour, noise = self._draw_regions(exemplar.parts, canvas, generator)
        return self._blend(canvas, colour if exemplar.start is None else exemplar.start, noise)


_NOISES = {"noise": NoiseStart, "uniform": UniformStart, "picture": PictureStart}


class PatchworkStart:
    """A layout of the exemplar's chunks, the best of several; see `texcore.layout.arrangement`.

    Args:
        plan: Says whether the exemplar stays in its place, and which periods go round the canvas.
        check: Called before each chunk; an exception of it ends the work.
    """

    def __init__(self, plan: Plan, check: Check = proceed) -> None:
        self._plan, self._check = plan, check
        self._layout: Patchwork | None = None

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Sew the layout; see `Start`."""
        layout = _choose_layout(self._plan, exemplar, canvas, generator, value, self._check)
        source = prepare_source(self._plan, exemplar)
        self._layout = layout
        return canvas.begin_from_layout(layout.render(source, canvas.height, canvas.width))

    def begin_restored(self, exemplar: Exemplar, canvas: Canvas) -> Tensor:
        """Begin from a layout without anything on it, so that the canvas settles as it did."""
        return canvas.begin_from_layout(_make_blank(exemplar, canvas))

    def begin_finer(
        self, exemplar: Exemplar, canvas: Canvas, image: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Take finer frequencies from the layout, or noise, as the model says; see `Start`."""
        detail = None
        if self._layout is not None and self._plan.model.detail == "exemplar":
            detail = self._layout.render(exemplar.image, canvas.height, canvas.width)
        return canvas.begin_from_coarser(image, generator, detail)

    def sketch(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor | None:
        """Show nothing: what is sewn at the coarsest level is too small to be judged."""
        return None

    def find_change(self, image: Tensor) -> Tensor:
        """Find all of it: there was nothing to be seen before."""
        return image

    def state(self) -> dict[str, Tensor]:
        """Give the layout."""
        return {} if self._layout is None else self._layout.state()

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take the layout out of ``tensors``; see `Start`."""
        self._layout = Patchwork.restore(tensors)


class SewnStart:
    """A layout as `PatchworkStart` has it, shown at every level with all the exemplar's detail.

    A finer level begins with the layout at its own scale, joints blended and pieces bent, and with
    the changes that the coarser one has made to it: what was right from the beginning stays sharp.

    Args:
        plan: Of the run.
        check: Called before each chunk; an exception of it ends the work.
    """

    def __init__(self, plan: Plan, check: Check = proceed) -> None:
        self._plan, self._check = plan, check
        self._sewn: Sewn | None = None
        # The exemplar of the level worked on, that level's size, and the layout as it shows it.
        self._exemplar: Exemplar | None = None
        self._size = plan.canvas_size
        self._shown: Tensor | None = None

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Sew the layout; see `Start`."""
        layout = _choose_layout(self._plan, exemplar, canvas, generator, value, self._check)
        self._sewn = Sewn.draw(layout, self._plan.model.bend, self._finest, generator)
        self._enter(exemplar, canvas)
        return self._renew(canvas.begin_from_layout(self._show().clone()), canvas, generator)

    def begin_restored(self, exemplar: Exemplar, canvas: Canvas) -> Tensor:
        """Begin from a layout without anything on it, so that the canvas settles as it did."""
        self._enter(exemplar, canvas)
        return canvas.begin_from_layout(_make_blank(exemplar, canvas))

    def begin_finer(
        self, exemplar: Exemplar, canvas: Canvas, image: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Show the layout at this level, with what has changed at the coarser one; see `Start`."""
        if self._sewn is None:
            return self.begin_restored(exemplar, canvas)
        change = torus.resample(self.find_change(image), canvas.height, canvas.width)
        self._enter(exemplar, canvas)
        z = canvas.begin_from_layout(change.add_(self._show()))
        return self._renew(z, canvas, generator, is_finer=True)

    def sketch(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor | None:
        """Show the layout at full size; see `Start`."""
        return None if self._sewn is None else self._render(exemplar, size)

    def find_change(self, image: Tensor) -> Tensor:
        """Find what has changed since the layout was shown; see `Start`."""
        return image - self._show()

    def state(self) -> dict[str, Tensor]:
        """Give the layout."""
        return {} if self._sewn is None else self._sewn.state()

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take the layout out of ``tensors``; see `Start`."""
        self._sewn = Sewn.restore(tensors, self._plan.model.bend, self._finest)

    @property
    def _finest(self) -> tuple[int, int]:
        return self._plan.levels[-1].height, self._plan.levels[-1].width

    def _enter(self, exemplar: Exemplar, canvas: Canvas) -> None:
        """Go on at another level."""
        self._exemplar, self._size = exemplar, (canvas.height, canvas.width)
        self._shown = None

    def _show(self) -> Tensor:
        """Show the layout at the level worked on."""
        if self._exemplar is None:
            raise RuntimeError("no level has been begun")
        if self._shown is None:
            self._shown = self._render(self._exemplar, self._size)
        return self._shown

    def _render(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor:
        if self._sewn is None:
            raise RuntimeError("nothing has been sewn")
        source = prepare_source(self._plan, exemplar)
        return self._sewn.render(source, *size, exemplar.directions)

    def _renew(
        self, z: Tensor, canvas: Canvas, generator: torch.Generator, is_finer: bool = False
    ) -> Tensor:
        noise = self._plan.model.noise
        return canvas.renew(z, noise, generator, is_finer) if noise else z


def prepare_source(plan: Plan, exemplar: Exemplar) -> Tensor:
    """Make the picture (channels, h, w) that chunks are cut from, at the exemplar's scale.

    What keeps its place is lit evenly from border to border first.
    """
    if not plan.stays_at_home:
        return exemplar.image
    # What the first view shows: light falls on no alpha, mask or height.
    lit = (exemplar.views[0] != 0).any(0)
    return level_light(exemplar.image, plan.torus.x, plan.torus.y, lit)


def _choose_layout(
    plan: Plan,
    exemplar: Exemplar,
    canvas: Canvas,
    generator: torch.Generator,
    value: Value,
    check: Check,
) -> Patchwork:
    """Choose the layout of a canvas whose variables come nearest to the exemplar's statistics."""
    size = canvas.height, canvas.width
    source = prepare_source(plan, exemplar)

    def measure(made: Patchwork) -> float:
        return float(value(canvas.begin_from_layout(made.render(source, *size))))

    return lay_out(plan, source, size, generator, measure, check)


def lay_out(
    plan: Plan,
    source: Tensor,
    size: tuple[int, int],
    generator: torch.Generator,
    distance: Callable[[Patchwork], float],
    check: Check = proceed,
) -> Patchwork:
    """Choose the layout of a canvas; see `texcore.layout.arrangement.choose_patchwork`.

    Args:
        plan: Says whether the exemplar stays in its place, and which periods go round the canvas.
        source: See `prepare_source`.
        size: Height and width of the canvas in texels.
        generator: On the CPU.
        distance: Of a patchwork from the exemplar.
        check: Called before each chunk; an exception of it ends the work.
    """
    y, x = (
        period and period * n / whole
        for period, n, whole in zip(plan.period_fit.periods, size, plan.canvas_size, strict=True)
    )
    return choose_patchwork(
        source,
        size,
        _place(plan, size, (source.shape[-2], source.shape[-1])) if plan.stays_at_home else None,
        generator,
        distance,
        check,
        (y, x),
        bound=plan.is_placed or plan.recipe.arrangement == "photo",
    )


def _place(plan: Plan, size: tuple[int, int], exemplar: tuple[int, int]) -> tuple[int, int]:
    """Place the exemplar on a canvas of a size so that its middle is the result's."""
    height, width = (
        n * side / whole for n, side, whole in zip(plan.size, size, plan.canvas_size, strict=True)
    )
    return centre_exemplar((height, width), exemplar)


def _make_blank(exemplar: Exemplar, canvas: Canvas) -> Tensor:
    return exemplar.image.new_zeros(len(exemplar.image), canvas.height, canvas.width)
