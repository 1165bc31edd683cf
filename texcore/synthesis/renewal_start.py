"""Begin a canvas of which only a part is new with a picture whose holes are filled."""

from __future__ import annotations

import torch
from torch import Tensor

from ..canvas.base import Canvas
from ..exemplars.exemplar import Exemplar
from ..exemplars.renewal import Renewal
from ..layout.bending import shape_bend
from ..layout.filling import fill, mend_filling
from ..layout.healing import render_filled
from ..layout.sewn import Sewn
from .layout_start import SewnStart
from .start import Value

# Texels of a canvas up to which the joints of a filling are mended again: beyond, a filling is fine
# enough already for how long it would take.
_MENDED_TEXELS = 300_000


class RenewalStart(SewnStart):
    """A picture whose holes are filled with its own pieces, whose joints each level mends."""

    def begin(
        self, exemplar: Exemplar, canvas: Canvas, generator: torch.Generator, value: Value
    ) -> Tensor:
        """Fill the holes; see `Start`."""
        renewal = find_renewal(exemplar)
        layout = fill(renewal.image, renewal.hole, generator, self._check)
        size = self._finest
        self._sewn = Sewn(layout, torch.zeros(shape_bend(*size)), size)
        self._enter(exemplar, canvas)
        return self._renew(canvas.begin_from_layout(self._show().clone()), canvas, generator)

    def begin_finer(
        self, exemplar: Exemplar, canvas: Canvas, image: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Mend the filling at this level, and go on with what has changed; see `Start`."""
        renewal = find_renewal(exemplar)
        if self._sewn is not None and renewal.hole.numel() <= _MENDED_TEXELS:
            self._show()  # as it was, for what has changed since
            layout = mend_filling(self._sewn.layout, renewal.image, renewal.hole, self._check)
            self._sewn = Sewn(layout, self._sewn.field, self._sewn.size)
        return super().begin_finer(exemplar, canvas, image, generator)

    def _render(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor:
        if self._sewn is None:
            raise RuntimeError("nothing has been filled")
        renewal = find_renewal(exemplar)
        return render_filled(self._sewn.layout, renewal.image, renewal.hole)


def find_renewal(exemplar: Exemplar) -> Renewal:
    """Find what of an exemplar's picture is made anew.

    Raises:
        ValueError: All of it is.
    """
    if exemplar.renewal is None:
        raise ValueError("nothing of this exemplar stays")
    return exemplar.renewal
