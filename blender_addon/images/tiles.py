"""UDIM tiles: which ones an image has, one of them for the engine, and new ones from it.

A tiled image is learnt from by one of its tiles, the active one of the material's first map. What
is made goes over all tiles as one texture, and becomes a new image of the same tiles.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.files import explain, replacing
from ..bundled.texcore.contract.recipe import Recipe, check_exemplar
from ..bundled.texcore.contract.udim import FIRST, ROW, TOKEN, Box, find_box, name_tile
from . import exchange, marks
from .exchange import ExportedImage

_NUMBER = re.compile(r"(?<=\w)[._]1\d{3}(?= )")
_UVTILE = "<UVTILE>"  # Mudbox's way to say it, which Blender reads too


def is_tiled(image: bpy.types.Image) -> bool:
    """Return whether an image is a set of UDIM tiles."""
    return image.source == "TILED"


def list_numbers(image: bpy.types.Image) -> tuple[int, ...]:
    """Return the numbers of an image's tiles in their order; nothing for a single picture."""
    return tuple(sorted(tile.number for tile in image.tiles)) if is_tiled(image) else ()


def get_active(image: bpy.types.Image) -> int:
    """Return the number of the tile that the artist has chosen, else of the first one."""
    active = image.tiles.active
    return active.number if active is not None else FIRST


def measure(image: bpy.types.Image, number: int = 0) -> tuple[int, int]:
    """Return width and height of a picture in pixels; of tiles, those of one.

    Args:
        image: Either.
        number: Of the tile; 0 for the active one.
    """
    if not is_tiled(image):
        return tuple(image.size)
    wanted = number or get_active(image)
    return next((tuple(t.size) for t in image.tiles if t.number == wanted), (0, 0))


def find_grid(image: bpy.types.Image) -> tuple[int, int]:
    """Return how many tiles the canvas over an image has, across and up; 1, 1 without tiles.

    Raises:
        BadInput: They are too many, or their numbers make no sense.
    """
    if not is_tiled(image):
        return 1, 1
    box = find_box(list_numbers(image))
    return box.columns, box.rows


def check_tile(image: bpy.types.Image, number: int = 0) -> None:
    """Check that a tile can be learnt from; `exchange.check_image` does it for other images.

    Args:
        image: A set of UDIM tiles.
        number: Of the tile; 0 for the active one.

    Raises:
        BadInput: The image has changes that are in no file, or the tile is missing, too small or
            cannot be read.
    """
    find_box(list_numbers(image))
    wanted = number or get_active(image)
    if image.is_dirty or not (image.filepath or image.packed_files):
        raise BadInput(
            f"The tiles of “{image.name}” have changes that are in no file: save them, or pack "
            "them, with Image › Save."
        )
    if missing := tell_missing(image, wanted):
        raise BadInput(missing)
    width, height = measure(image, wanted)
    if not width or not height:
        raise BadInput(f"“{image.name}” cannot be read: its file is damaged or no picture.")
    check_exemplar(f"{image.name}, {wanted}", width, height)


def tell_missing(image: bpy.types.Image, number: int = 0) -> str:
    """Say that the file of a tile is not there; nothing where it is, or the tile is packed.

    Args:
        image: A set of UDIM tiles that are files.
        number: Of the tile; 0 for the active one.
    """
    wanted = number or get_active(image)
    file = _find_file(image, wanted)
    if not image.filepath or _find_packed(image, wanted) is not None or file.is_file():
        return ""
    return f"The file of “{image.name}” is missing: {file}."


def export_tile(image: bpy.types.Image, number: int, folder: Path) -> ExportedImage:
    """Give a tile to the engine, through a file in ``folder`` if it is packed.

    Raises:
        BadInput: It has no usable pixels, see `check_tile` and `exchange.read_encoding`.
    """
    check_tile(image, number)
    packed = _find_packed(image, number)
    path = _find_file(image, number)
    if packed is not None:
        suffix = exchange.get_suffix(image) or path.suffix
        path = folder / f"{bpy.path.clean_name(image.name)[:40]}.{number}{suffix}"
        path.write_bytes(packed.data)
    return exchange.describe_file(image, path, exchange.read_encoding(image))


def bring_in_tiles(
    path: Path,
    numbers: Sequence[int],
    exemplar: ExportedImage,
    name: str,
    source: bpy.types.Image | None,
    recipe: str,
) -> bpy.types.Image:
    """Load the engine's tiles as a new packed image; `exchange.bring_in` does it for one picture.

    Args:
        path: With `TOKEN`; the files may be deleted afterwards.
        numbers: Of the tiles.
        exemplar: What they were made from.
        name: Of the new image; Blender numbers it if that is taken.
        source: The image it was made from, if that is still there.
        recipe: The recipe as JSON text.

    Raises:
        BadInput: Blender cannot read them.
    """
    image = bpy.data.images.load(str(name_tile(path, numbers[0])))
    try:
        # Blender names an image by its first tile.
        image.name = _NUMBER.sub("", name)
        image.alpha_mode = exemplar.alpha_mode
        image.colorspace_settings.name = exemplar.colorspace
        image.source = "TILED"
        image.filepath = str(path)  # has Blender look for the files of all tiles
        image.pack()
        packed = {each.tile_number: each for each in image.packed_files}
        if packed.keys() != set(numbers) or list_numbers(image) != tuple(sorted(numbers)):
            raise BadInput(f"Blender cannot read the engine's picture {path.name}.")
        home = f"//textures/{bpy.path.clean_name(image.name)}.{TOKEN}{path.suffix}"
        # Not `filepath`: it would have Blender look for the files, and pack these.
        image.filepath_raw = home
        for number, each in packed.items():
            each.filepath = home.replace(TOKEN, str(number))
        image[marks.RECIPE_PROPERTY] = recipe
        image[marks.MADE_PROPERTY] = time.time()
        if source is not None:
            image[marks.SOURCE_PROPERTY] = source
    except Exception:
        bpy.data.images.remove(image)
        raise
    return image


def measure_made(image: bpy.types.Image, recipe: Recipe) -> tuple[int, int]:
    """Return width and height to ask for to make an image again: of tiles, those of one."""
    width, height = recipe.size or tuple(image.size)
    columns, rows = find_grid(image)
    return width // columns, height // rows


def save_tiles(images: Mapping[bpy.types.Image, Path]) -> list[Path]:
    """Write the tiles of results as the engine has made them, all or none.

    Args:
        images: Packed sets of tiles, each with a path whose name gets the number before the suffix.

    Raises:
        BadInput: The tiles are not packed or have changes, two would be the same file, or one is
            there or cannot be written.
    """
    files: dict[Path, bytes] = {}
    for image, path in images.items():
        packed = {each.tile_number: each.packed_file for each in image.packed_files}
        if image.is_dirty or packed.keys() != set(list_numbers(image)):
            raise BadInput(f"Save the tiles of “{image.name}” with Image › Save As.")
        suffix = exchange.get_suffix(image) or path.suffix
        for number, each in packed.items():
            file = path.with_name(f"{path.stem}.{number}{suffix}")
            if file in files:
                raise BadInput(f"Two maps would be saved as “{file}”: choose another name.")
            files[file] = each.data
    for file in files:
        if file.exists():
            raise BadInput(f"“{file}” is there already: choose another folder, or move it.")
    try:
        with ExitStack() as stack:
            for file, data in files.items():
                stack.enter_context(replacing(file)).write_bytes(data)
    except OSError as e:
        raise BadInput(
            f"The tiles cannot be written ({explain(e)}): choose another place."
        ) from None
    return list(files)


def check_alike(images: Sequence[bpy.types.Image]) -> None:
    """Check that images are all single pictures, or all sets of the same tiles.

    Raises:
        BadInput: They are not.
    """
    sets = {image.name: list_numbers(image) for image in images}
    for name, numbers in sets.items():
        first = next(iter(sets))
        if numbers != sets[first]:
            raise BadInput(
                f"“{first}” has {_tell(sets[first])} and “{name}” has {_tell(numbers)}: give all "
                "maps the same tiles, or make one image alone, without All Maps."
            )


def find_preview_scale(numbers: Sequence[int]) -> Box | None:
    """Return the box that a preview of the whole goes over; None where it would lie shifted."""
    box = find_box(numbers)
    return None if box.left % box.columns or box.bottom % box.rows else box


def _tell(numbers: Sequence[int]) -> str:
    if not numbers:
        return "no UDIM tiles"
    return f"the UDIM tiles {', '.join(map(str, numbers))}"


def _find_packed(image: bpy.types.Image, number: int) -> bpy.types.PackedFile | None:
    return next((p.packed_file for p in image.packed_files if p.tile_number == number), None)


def _find_file(image: bpy.types.Image, number: int) -> Path:
    v, u = divmod(number - FIRST, ROW)
    name = image.filepath.replace(TOKEN, str(number)).replace(_UVTILE, f"u{u + 1}_v{v + 1}")
    return Path(bpy.path.abspath(name, library=image.library))
