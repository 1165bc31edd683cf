"""Begin a canvas of which only a part is new with a picture whose holes are filled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from ..exemplars.exemplar import Exemplar, Region, Source
from ..exemplars.renewal import Renewal
from ..layout.bending import shape_bend
from ..layout.filling import fill, mend_filling
from ..layout.healing import mark_joints, render_filled
from ..layout.sewn import Sewn
from .layout_start import SewnStart

#: Texels of a canvas up to which the joints of a filling are mended again: beyond, a filling is
#: fine enough already for how long it would take.
MENDED_TEXELS = 300_000
# Texels of each level on either side of a joint that are healed.
_HEALED_TEXELS = 2


class RenewalStart(SewnStart):
    """A picture whose holes are filled with its own pieces, whose joints each level mends."""

    def lay_out(
        self, exemplar: Exemplar, size: tuple[int, int], generator: torch.Generator
    ) -> Iterator[None]:
        """Fill the holes; see `Start`."""
        renewal = find_renewal(exemplar)
        layout = fill(renewal.image, renewal.hole, generator, self._check, renewal.unknown)
        self._sewn = Sewn(layout, torch.zeros(shape_bend(*self._finest)), self._finest)
        yield

    def focus(self, exemplar: Exemplar, is_finer: bool) -> Exemplar:
        """Mend the filling at a finer level, and say what it is to be like.

        So few new texels are no fair sample of a texture, and need not have its statistics: what is
        wrong with them are their joints. So they shall be like what their pieces are like where
        these are from, and what lies beside them.

        Args:
            exemplar: At the scale of a level.
            is_finer: Whether the filling has been shown at a coarser one.

        Returns:
            The exemplar, each of whose texels counts as often as the filling shows it.
        """
        renewal = find_renewal(exemplar)
        picture, hole, unknown = renewal.image, renewal.hole, renewal.unknown
        if is_finer and hole.numel() <= MENDED_TEXELS:
            self._show()  # as it was, for what has changed since
            layout = mend_filling(self._filled.layout, picture, hole, self._check, unknown)
            self._sewn = Sewn(layout, self._filled.field, self._finest)
        (region,) = exemplar.parts
        beside = torch.ones_like(hole) if region.mask is None else region.mask[0] > 0
        rows, columns = self._filled.layout.find_origins(picture, *hole.shape)
        places = (rows * hole.shape[1] + columns)[beside]
        uses = torch.bincount(places, minlength=hole.numel()).view(1, *hole.shape).to(picture)
        uses = uses * ~unknown / uses.amax()
        source = Source(picture, mask=uses)
        return replace(exemplar, regions=(Region((source,), region.mask),))

    def hold(self, exemplar: Exemplar) -> Renewal:
        """Say what of a canvas is optimised: what lies about the joints of what `focus` has filled.

        All else is the picture's own detail, and right as it is.
        """
        renewal = find_renewal(exemplar)
        hole = renewal.hole
        image = self._render(exemplar, (hole.shape[0], hole.shape[1]))
        return Renewal(image, mark_joints(self._filled.layout, image, hole, _HEALED_TEXELS))

    @property
    def _filled(self) -> Sewn:
        if self._sewn is None:
            raise RuntimeError("nothing has been filled")
        return self._sewn

    def _render(self, exemplar: Exemplar, size: tuple[int, int]) -> Tensor:
        renewal = find_renewal(exemplar)
        layout, directions = self._filled.layout, exemplar.directions
        return render_filled(layout, renewal.image, renewal.hole, renewal.unknown, directions)


def find_renewal(exemplar: Exemplar) -> Renewal:
    """Find what of an exemplar's picture is made anew.

    Raises:
        ValueError: All of it is.
    """
    if exemplar.renewal is None:
        raise ValueError("nothing of this exemplar stays")
    return exemplar.renewal
