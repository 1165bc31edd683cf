"""What a new texture lies on, of which a map is one picture or a set of UDIM tiles.

Whoever makes one need not tell them apart: what `exchange` does for pictures and `tiles` for sets
of them is said here in the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bpy

from ..bundled.texcore.contract.udim import TOKEN, measure_canvas, name_files
from . import exchange, marks, tiles
from .exchange import ExportedImage

Size = tuple[int, int]
Extent = tuple[float, float]


class Canvas:
    """One picture.

    Attributes:
        numbers: Of its UDIM tiles; none.
    """

    numbers: tuple[int, ...] = ()

    @property
    def can_preview(self) -> bool:
        """Whether a preview of the whole would lie where the whole will."""
        return True

    def check(self, image: bpy.types.Image) -> None:
        """Check that an image can be learnt from.

        Raises:
            BadInput: It has no usable pixels.
        """
        exchange.check_image(image)

    def measure(self, image: bpy.types.Image) -> Size:
        """Return width and height of what is learnt from of an image, in pixels."""
        return tiles.measure(image)

    def measure_whole(self, size: Size) -> Size:
        """Return the size of all that is made, where ``size`` is asked for.

        Raises:
            BadInput: It is too large.
        """
        return size

    def name_file(self, stem: str, suffix: str) -> str:
        """Return what the engine is told to name a file that it makes."""
        return stem + suffix

    def list_files(self, path: Path) -> list[Path]:
        """Return what the engine makes of a file of that name."""
        return name_files(path, self.numbers)

    def export(self, image: bpy.types.Image, folder: Path) -> ExportedImage:
        """Give what is learnt from of an image to the engine, through a file if need be.

        Raises:
            BadInput: It has no usable pixels.
        """
        return exchange.export_image(image, folder)

    def bring_in(
        self,
        path: Path,
        exemplar: ExportedImage,
        name: str,
        source: bpy.types.Image | None,
        recipe: str,
    ) -> bpy.types.Image:
        """Load what the engine has made as a new image, see `exchange.bring_in`."""
        return exchange.bring_in(path, exemplar, name, source, recipe)

    def note_repeats(self, image: bpy.types.Image, repeats: Sequence[int]) -> None:
        """Note on a new image how often its texture goes into it, see `marks.note_repeats`."""
        marks.note_repeats(image, repeats)

    def measure_preview(
        self, shown: bpy.types.Image | None, extent: Extent | None
    ) -> Extent | None:
        """Return what the extent of a preview is taken for, to which coordinates are scaled.

        Args:
            shown: The image in the place of which it is shown; None if that is gone.
            extent: Of what is made, if coordinates are scaled to it; else None.
        """
        return extent


class TiledCanvas(Canvas):
    """UDIM tiles with one texture over all of them, learnt from by one of each map's.

    Args:
        numbers: Of the tiles.
        active: The one that is learnt from.
    """

    def __init__(self, numbers: tuple[int, ...], active: int) -> None:
        self.numbers = numbers
        self._active = active

    @property
    def can_preview(self) -> bool:
        """Whether a preview of all tiles would lie where these will."""
        return tiles.find_preview_scale(self.numbers) is not None

    def check(self, image: bpy.types.Image) -> None:
        """Check that the tile of an image can be learnt from."""
        tiles.check_tile(image, self._active)

    def measure(self, image: bpy.types.Image) -> Size:
        """Return width and height of the tile of an image, in pixels."""
        return tiles.measure(image, self._active)

    def measure_whole(self, size: Size) -> Size:
        """Return the size of all tiles as one texture, of which each has ``size``."""
        return measure_canvas(*size, self.numbers)

    def name_file(self, stem: str, suffix: str) -> str:
        """Return a name that the engine puts the number of each tile into."""
        return f"{stem}.{TOKEN}{suffix}"

    def export(self, image: bpy.types.Image, folder: Path) -> ExportedImage:
        """Give the tile of an image to the engine."""
        return tiles.export_tile(image, self._active, folder)

    def bring_in(
        self,
        path: Path,
        exemplar: ExportedImage,
        name: str,
        source: bpy.types.Image | None,
        recipe: str,
    ) -> bpy.types.Image:
        """Load the engine's tiles as a new image, see `tiles.bring_in_tiles`."""
        return tiles.bring_in_tiles(path, self.numbers, exemplar, name, source, recipe)

    def note_repeats(self, image: bpy.types.Image, repeats: Sequence[int]) -> None:
        """Note nothing: what repeats goes over all tiles."""

    def measure_preview(
        self, shown: bpy.types.Image | None, extent: Extent | None
    ) -> Extent | None:
        """Return the extent of all tiles, over which the preview goes that is shown in one."""
        box = tiles.find_preview_scale(self.numbers)
        if box is None or shown is None:
            return extent
        width, height = marks.measure_extent(shown)
        return width * box.columns, height * box.rows


def find_canvas(image: bpy.types.Image | None) -> Canvas:
    """Return the canvas of what is made of an image."""
    if image is None or not tiles.is_tiled(image):
        return Canvas()
    return TiledCanvas(tiles.list_numbers(image), tiles.get_active(image))
