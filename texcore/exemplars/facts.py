"""Describe an exemplar by numbers, so that a run can be planned without its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .exemplar import Exemplar

# Columns of a view that shows the canvas as it is, without a copy of it.
_RGB = 3


@dataclass(frozen=True)
class ExemplarFacts:
    """What decides how a canvas for an exemplar is planned; lengths are in texels.

    Attributes:
        height, width: Of the picture that sets the scale of the structures.
        channels: Of the canvas.
        dtype: Of the images and of the canvas.
        views: Images that the network is shown of each canvas. Where there are several the exemplar
            is of several maps, of which no one view shows all.
        copied_views: How many of these are other images than the canvas itself.
        source_sizes: Height and width of each picture that statistics are taken from; empty where
            that is the one picture of ``height`` and ``width``.
        plain: Whether one picture is all there is: no mixture, no regions.
        masked: Whether a part of the canvas has statistics of its own.
        renews: Whether only a part of the canvas is made anew.
        periods: After how much the picture repeats, down and across; None where it does not, or
            where nobody wants to know.
        bond: The same of the lattice of one that is arranged anew; None where it has none. A period
            may be longer than the picture.
        change: The axis along which the picture changes, ``x`` or ``y``; empty where it does not,
            or where nobody wants to know.
        notes: What was done to the exemplar that the user should know, a sentence each.
    """

    height: int
    width: int
    channels: int = 3
    dtype: torch.dtype = torch.float32
    views: int = 1
    copied_views: int = 0
    source_sizes: tuple[tuple[int, int], ...] = ()
    plain: bool = True
    masked: bool = False
    renews: bool = False
    periods: tuple[float | None, float | None] = (None, None)
    bond: tuple[float, float] | None = None
    change: str = ""
    notes: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """Whether the exemplar is of several maps."""
        return self.views > 1

    @property
    def largest_source(self) -> int:
        """Texels of the largest picture that statistics are taken from."""
        return max(height * width for height, width in self._sources)

    @property
    def nbytes(self) -> int:
        """Bytes of all pictures that statistics are taken from."""
        texels = sum(height * width for height, width in self._sources)
        return texels * self.channels * self.dtype.itemsize

    @property
    def _sources(self) -> tuple[tuple[int, int], ...]:
        return self.source_sizes or ((self.height, self.width),)


def describe_exemplar(
    exemplar: Exemplar,
    periods: tuple[float | None, float | None] = (None, None),
    notes: tuple[str, ...] = (),
    change: str = "",
    bond: tuple[float, float] | None = None,
) -> ExemplarFacts:
    """Say of an exemplar what a plan has to know.

    Args:
        exemplar: As the run will use it.
        periods: See `ExemplarFacts`; they are not looked for here.
        notes: See `ExemplarFacts`.
        change: See `ExemplarFacts`; it is not looked for here.
        bond: See `ExemplarFacts`; it is not looked for here.

    Example:
        >>> describe_exemplar(Exemplar.of(torch.zeros(3, 40, 60))).nbytes
        28800
    """
    channels, height, width = exemplar.image.shape
    sizes = [source.image.shape[-2:] for part in exemplar.parts for source in part.sources]
    return ExemplarFacts(
        height=height,
        width=width,
        channels=channels,
        dtype=exemplar.image.dtype,
        views=len(exemplar.views),
        copied_views=sum(view.shape[1] != _RGB for view in exemplar.views),
        source_sizes=tuple((h, w) for h, w in sizes),
        plain=exemplar.plain,
        masked=any(part.mask is not None for part in exemplar.parts),
        renews=exemplar.renewal is not None,
        periods=periods,
        bond=bond,
        change=change,
        notes=notes,
    )
