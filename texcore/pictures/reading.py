"""Pictures of any format, and the recipes in them, read from files."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract.errors import BadInput
from ..contract.files import is_text, safely, show_name
from ..contract.recipe import MAX_SIZE, RECIPE_KEY, Recipe, check_exemplar
from ..runtime.memory import gigabytes, machine_free
from .picture import Picture, Pixels, strips

if TYPE_CHECKING:
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

_LINEAR_FORMATS = ("openexr", "hdr")
#: Copies of an exemplar that the machine's memory holds at a time in any run: as it was read, on
#: the canvas' grid, on the device, and scaled.
RUN_COPIES = 4
# Of the free memory, what a picture may take.
_USABLE_SHARE = 0.95
# Where the system does not say what is free, as many pixels as the largest texture has.
_MOST_PIXELS = MAX_SIZE**2
# Further from 0 there are no numbers: their squares are none.
_FARTHEST = 1e30


def read(path: Path, copies: int = RUN_COPIES) -> Picture:
    """The picture in a file of any format OpenImageIO knows, or a ``.npy`` of the extension.

    Args:
        path: Of the file.
        copies: As many as whoever reads it will have in memory at a time. What that takes is found
            out from the file's first bytes, before anything is decoded.

    Raises:
        BadInput: It is not there, damaged, no picture, too small, or too large for the memory.
    """
    if not safely(path.exists):
        raise BadInput(f"The picture “{path}” is not there: check the path.")
    if safely(path.is_dir):
        raise BadInput(f"“{path}” is a folder: give a picture.")
    if not safely(path.is_file):
        raise BadInput(f"“{path}” is a pipe or a device: give a picture's file.")
    if not os.access(path, os.R_OK):
        raise BadInput(f"“{path}” may not be read: change its permissions, or give another.")
    read_pixels = _read_array if path.suffix == ".npy" else _read_image
    picture = read_pixels(path, copies)
    if not all(_are_numbers(picture.pixels[:, rows]) for rows in strips(picture.pixels.shape)):
        raise BadInput(f"“{path.name}” has pixels that are not numbers: save it again without.")
    return picture


def read_recipe(path: Path) -> Recipe:
    """The recipe stored in a picture that Texcore made, or in a JSON file.

    Raises:
        BadInput: There is none.
    """
    if not safely(path.is_file):
        raise BadInput(f"There is no recipe “{path}”: give a texture that Texcore made.")
    if path.suffix == ".json":
        return Recipe.loads(path.read_text(encoding="utf-8", errors="replace"))
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

    _check_name(path)
    source = oiio.ImageInput.open(str(path))
    spec = source.spec() if source else None
    try:
        text = spec.get_string_attribute(RECIPE_KEY) if spec else ""
        if spec and not text and only_describes(path):
            text = spec.get_string_attribute("ImageDescription")
    except UnicodeDecodeError:  # damaged
        text = ""
    if source:
        source.close()
    else:
        has_error(oiio)
    if not text:
        raise BadInput(f"“{path.name}” carries no recipe: give a texture that Texcore made.")
    return Recipe.loads(text)


def is_turned(path: Path) -> bool:
    """Whether a camera has marked a photo as lying on its side or its head, by EXIF.

    Photos are taken as they are stored, as Blender takes them.
    """
    if path.suffix.lower() not in (".jpg", ".jpeg", ".tif", ".tiff") or not safely(path.is_file):
        return False
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

    source = oiio.ImageInput.open(str(path))
    if not source:
        has_error(oiio)
        return False
    try:
        return bool(source.spec().get_int_attribute("Orientation", 1) != 1)
    finally:
        source.close()


def only_describes(path: Path) -> bool:
    """Whether the format holds no text under a name of ours, but a description of the picture."""
    return path.suffix.lower() in (".tif", ".tiff", ".jpg", ".jpeg")


def check_memory(name: str, width: int, height: int, channels: int, copies: float) -> None:
    """Check before a picture is decoded whether there is room for what will be made of it.

    Args:
        name: Of the file.
        width, height: In pixels.
        channels: That are kept.
        copies: Of these channels, four bytes each, that will be in memory at a time.

    Raises:
        BadInput: There is not.
    """
    free, taken = machine_free(), round(4 * channels * copies * width * height)
    room = _USABLE_SHARE * free if free is not None else 4 * channels * copies * _MOST_PIXELS
    if taken <= room:
        return
    shrink = math.sqrt(room / taken)
    there = f" where {gigabytes(free)} are free" if free is not None else ""
    raise BadInput(
        f"“{name}” has {width} × {height} pixels, which take {gigabytes(taken)} of memory{there}: "
        f"scale it down to {math.floor(width * shrink)} × {math.floor(height * shrink)} or less."
    )


def _check_name(path: Path) -> None:
    """Check that OpenImageIO, which takes texts only, can be given a path."""
    if not is_text(path):
        raise BadInput(
            f"“{show_name(path)}” has a name that is not UTF-8: rename it, or the folder it is in."
        )


def _are_numbers(pixels: Pixels) -> bool:
    # Of what is no number every comparison is False.
    return bool(pixels.min() >= -_FARTHEST and pixels.max() <= _FARTHEST)


def _read_array(path: Path, copies: int) -> Picture:
    try:
        # Mapped, so that nothing is read before its header has been looked at.
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception:  # numpy may raise anything at all on a damaged header
        raise BadInput(f"“{path.name}” is damaged: it holds no array.") from None
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or array.dtype != np.float32:
        raise BadInput(f"“{path.name}” is no float32 array of (height, width, 1 to 4).")
    height, width, channels = array.shape
    check_exemplar(path.name, width, height)
    check_memory(path.name, width, height, channels, copies)
    return Picture(np.array(array.transpose(2, 0, 1), np.float32, order="C"), "float")


def has_error(of: Any) -> bool:
    """Whether OpenImageIO, or a file that it has open, has an error to tell; then it is told.

    Its words may quote what is damaged, which need not be text.
    """
    try:
        return bool(of.geterror())
    except UnicodeDecodeError:
        return True


def _read_image(path: Path, copies: int) -> Picture:
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

    _check_name(path)
    hint = oiio.ImageSpec()
    hint.attribute("oiio:UnassociatedAlpha", 1)
    source = oiio.ImageInput.open(str(path), hint)
    if not source:
        has_error(oiio)  # else the next call's error would carry this one along
        raise BadInput(f"“{path.name}” is no picture that can be read, or it is damaged.")
    try:
        spec = source.spec()
        check_exemplar(path.name, spec.width, spec.height)
        if max(spec.width, spec.height) > 4 * MAX_SIZE:
            raise BadInput(f"“{path.name}” is too large: {spec.width} × {spec.height} pixels.")
        if spec.depth > 1 or spec.deep:
            raise BadInput(f"“{path.name}” is no flat picture: save one layer of it.")
        linear = source.format_name() in _LINEAR_FORMATS
        alpha = spec.alpha_channel
        grey, rgb = _colour_channels(spec.channelnames, alpha)
        has_alpha = 0 <= alpha < spec.nchannels
        kept = [*(rgb or grey), *([alpha] if has_alpha else [])]
        # What lies in tiles is decoded at once, with all that the file holds besides.
        decoded = 1 + spec.nchannels / len(kept) if spec.tile_width else 1
        check_memory(path.name, spec.width, spec.height, len(kept), max(copies, decoded))
        pixels = np.empty((len(kept), spec.height, spec.width), np.float32)
        for rows, values in _decoded(source, spec):
            if values is None or has_error(source):
                raise BadInput(f"“{path.name}” is damaged or cut short: save or copy it again.")
            pixels[:, rows] = values[..., kept].transpose(2, 0, 1)
    except UnicodeDecodeError:  # the name of a channel
        raise BadInput(f"“{path.name}” is damaged: save or copy it again.") from None
    finally:
        source.close()
    if linear and has_alpha:  # such formats keep light multiplied by alpha
        for rows in strips(pixels.shape):
            colour, a = pixels[:-1, rows], pixels[-1:, rows]
            with np.errstate(over="ignore"):  # it is seen when all is read
                np.divide(colour, np.maximum(a, 1e-8), out=colour, where=a > 0)
    name = str(spec.format)
    depth = name if name in ("uint8", "uint16", "half") else "float"
    return Picture(pixels, depth, linear)


def _decoded(
    source: oiio.ImageInput, spec: oiio.ImageSpec
) -> Iterator[tuple[slice, Pixels | None]]:
    """Rows of a file, and their values (rows, width, channels); None where it is damaged."""
    if spec.tile_width:
        yield slice(None), source.read_image(0, 0, 0, spec.nchannels, "float")
        return
    top = spec.y
    for rows in strips((spec.nchannels, spec.height, spec.width)):
        first, last = top + rows.start, top + rows.stop
        yield rows, source.read_scanlines(first, last, 0, 0, spec.nchannels, "float")


def _colour_channels(names: tuple[str, ...], alpha: int) -> tuple[list[int], list[int]]:
    """Indices of the grey channel and of R, G and B, whatever else the file holds."""
    colour = [i for i in range(len(names)) if i != alpha]
    if len(colour) < 3:
        return colour[:1], []
    by_name = {name.split(".")[-1].upper(): i for i, name in enumerate(names)}
    if all(c in by_name for c in "RGB"):
        return [], [by_name[c] for c in "RGB"]
    return [], colour[:3]
