"""Begin a canvas from a layout of the exemplar's chunks."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..exemplars.exemplar import Exemplar
from ..layout.patchwork import Patchwork
from ..layout.sewn import Sewn
from ..runtime.context import Check, proceed
from ..surfaces import torus
from .arranging import choose_layout, lay_out, plan_waves, prepare_source
from .plan import Plan
from .start import Value


class PatchworkStart:
    """A layout of the exemplar's chunks, the best of several; see `texcore.layout.arrangement`.

    Args:
        plan: Says whether the exemplar stays in its place, and which periods go round the canvas.
        check: Called before each chunk; an exception of it ends the work.
    """

    def __init__(self, plan: Plan, check: Check = proceed) -> None:
        self._plan, self._check = plan, check
        self._layout: Patchwork | None = None

    def lay_out(
        self, exemplar: Exemplar, size: tuple[int, int], generator: torch.Generator
    ) -> Iterator[None]:
        """Do nothing: what is sewn at the coarsest level is too small to be judged."""
        return iter(())

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Sew the layout whose variables come nearest to the exemplar's statistics."""
        size = canvas.height, canvas.width
        source = prepare_source(self._plan, exemplar)

        def measure(made: Patchwork) -> float:
            return float(value(canvas.begin_from_layout(made.render(source, *size))))

        layout = choose_layout(self._plan, source, size, generator, measure, self._check)
        self._layout = layout
        return canvas.begin_from_layout(layout.render(source, *size))

    def begin_restored(self, exemplar: Exemplar, canvas: Canvas) -> Tensor:
        """Begin from a layout without anything on it, so that the canvas settles as it did."""
        return canvas.begin_from_layout(exemplar.make_blank(canvas.height, canvas.width))

    def begin_finer(
        self, exemplar: Exemplar, canvas: Canvas, image: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Take finer frequencies from the layout, or noise, as the model says; see `Start`."""
        detail = None
        if self._layout is not None and self._plan.model.detail == "exemplar":
            detail = self._layout.render(exemplar.image, canvas.height, canvas.width)
        return canvas.begin_from_coarser(image, generator, detail)

    def sketch(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor | None:
        """Show nothing; see `lay_out`."""
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

    def lay_out(
        self, exemplar: Exemplar, size: tuple[int, int], generator: torch.Generator
    ) -> Iterator[None]:
        """Sew the layout; see `Start`."""
        source = prepare_source(self._plan, exemplar)
        waves = plan_waves(self._plan, source)
        for layout in lay_out(self._plan, source, size, generator, self._check):
            # What is only seen meanwhile leaves the generator as it is.
            drawing = generator.clone_state()
            self._sewn = Sewn.draw(layout, waves, self._finest, drawing)
            yield
        generator.set_state(drawing.get_state())

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Show what `lay_out` has sewn; see `Start`."""
        self._enter(exemplar, canvas)
        return self._renew(canvas.begin_from_layout(self._show().clone()), canvas, generator)

    def begin_restored(self, exemplar: Exemplar, canvas: Canvas) -> Tensor:
        """Begin from a layout without anything on it, so that the canvas settles as it did."""
        self._enter(exemplar, canvas)
        return canvas.begin_from_layout(exemplar.make_blank(canvas.height, canvas.width))

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
        self._sewn = Sewn.restore(tensors, self._finest)

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
