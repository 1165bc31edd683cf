"""Pictures of any format, and the recipes in them, read from files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract.errors import BadInput
from ..contract.files import safely
from ..contract.recipe import MAX_SIZE, RECIPE_KEY, Recipe, check_exemplar
from .picture import Picture, Pixels, strips

if TYPE_CHECKING:
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

_LINEAR_FORMATS = ("openexr", "hdr")


def read(path: Path) -> Picture:
    """The picture in a file of any format OpenImageIO knows, or a ``.npy`` of the extension.

    Raises:
        BadInput: It is not there, damaged, no picture, or too small.
    """
    if not safely(path.exists):
        raise BadInput(f"The picture “{path}” is not there: check the path.")
    if safely(path.is_dir):
        raise BadInput(f"“{path}” is a folder: give a picture.")
    if not os.access(path, os.R_OK):
        raise BadInput(f"“{path}” may not be read: change its permissions, or give another.")
    picture = _read_array(path) if path.suffix == ".npy" else _read_image(path)
    height, width = picture.pixels.shape[1:]
    check_exemplar(path.name, width, height)
    if not all(np.isfinite(picture.pixels[:, rows]).all() for rows in strips(picture.pixels.shape)):
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


def only_describes(path: Path) -> bool:
    """Whether the format holds no text under a name of ours, but a description of the picture."""
    return path.suffix.lower() in (".tif", ".tiff", ".jpg", ".jpeg")


def _read_array(path: Path) -> Picture:
    try:
        array = np.load(path, allow_pickle=False)
    except Exception:  # numpy may raise anything at all on a damaged header
        raise BadInput(f"“{path.name}” is damaged: it holds no array.") from None
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or array.dtype != np.float32:
        raise BadInput(f"“{path.name}” is no float32 array of (height, width, 1 to 4).")
    return Picture(np.ascontiguousarray(array.transpose(2, 0, 1)), "float")


def has_error(of: Any) -> bool:
    """Whether OpenImageIO, or a file that it has open, has an error to tell; then it is told.

    Its words may quote what is damaged, which need not be text.
    """
    try:
        return bool(of.geterror())
    except UnicodeDecodeError:
        return True


def _read_image(path: Path) -> Picture:
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

    hint = oiio.ImageSpec()
    hint.attribute("oiio:UnassociatedAlpha", 1)
    source = oiio.ImageInput.open(str(path), hint)
    if not source:
        has_error(oiio)  # else the next call's error would carry this one along
        raise BadInput(f"“{path.name}” is no picture that can be read, or it is damaged.")
    try:
        spec = source.spec()
        if max(spec.width, spec.height) > 4 * MAX_SIZE:
            raise BadInput(f"“{path.name}” is too large: {spec.width} × {spec.height} pixels.")
        linear = source.format_name() in _LINEAR_FORMATS
        alpha = spec.alpha_channel
        grey, rgb = _colour_channels(spec.channelnames, alpha)
        has_alpha = 0 <= alpha < spec.nchannels
        kept = [*(rgb or grey), *([alpha] if has_alpha else [])]
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
