"""Pictures written into files, whole or not at all, with their recipe inside."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..contract.errors import BadInput
from ..contract.files import check_name, explain, is_text, path_beside, replacing, safely, show_name
from ..contract.recipe import RECIPE_KEY, Recipe
from .picture import Picture, Pixels, from_display, strips, to_display
from .reading import only_describes

if TYPE_CHECKING:
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

# What each file format can hold, best last.
_DEPTHS: dict[str, tuple[str, ...]] = {
    ".png": ("uint8", "uint16"),
    ".tif": ("uint8", "uint16", "float"),
    ".tiff": ("uint8", "uint16", "float"),
    ".exr": ("half", "float"),
    ".jpg": ("uint8",),
    ".jpeg": ("uint8",),
}
_NO_ALPHA = (".jpg", ".jpeg")


def check_output(path: Path, exemplar: Path | None = None) -> None:
    """Find out before the work whether its result can be written.

    Raises:
        BadInput: The format is not known, the folder is missing or not writable, or the file is
            write-protected or the exemplar itself.
    """
    if path.suffix.lower() not in _DEPTHS:
        raise BadInput(f"“{path.name}” is of no format Texcore writes: use {', '.join(_DEPTHS)}.")
    if not is_text(path):
        raise BadInput(
            f"“{show_name(path)}” is a name that is not UTF-8: choose another, or another folder."
        )
    if safely(path.is_dir):
        raise BadInput(f"“{path}” is a folder: give a file's name in it.")
    if safely(path.exists) and not safely(path.is_file):
        raise BadInput(f"“{path}” is a pipe or a device: choose another output.")
    if not safely(path.parent.is_dir):
        raise BadInput(f"The folder “{path.parent}” is not there: make it, or choose another.")
    if safely(path.exists):
        if exemplar and safely(exemplar.exists) and path.samefile(exemplar):
            raise BadInput(f"“{path.name}” is the exemplar itself: choose another output.")
        if not os.access(path, os.W_OK):
            raise BadInput(f"“{path.name}” is read-only and cannot be written: choose another.")
    probe = path_beside(path, "probe")
    try:
        probe.touch()
        probe.unlink()
    except OSError as e:
        raise BadInput(
            f"The folder “{path.parent}” cannot be written to ({explain(e)}): choose another."
        ) from None
    try:
        check_name(path)
    except OSError as e:
        raise BadInput(f"“{path}” cannot be written ({explain(e)}): choose another name.") from None


def output_depth(path: Path, wanted: str, exemplar_depth: str) -> str:
    """The depth to write: what the recipe wants, else the exemplar's, as far as the format goes.

    Raises:
        BadInput: The recipe wants a depth that the format does not have.
    """
    depths = _DEPTHS[path.suffix.lower()]
    if wanted == "auto":
        if exemplar_depth in depths:
            return exemplar_depth
        # Float into PNG becomes 16 bits, 8 bits into EXR become half.
        return depths[0] if exemplar_depth == "uint8" else depths[-1]
    name = {"8": "uint8", "16": "half" if path.suffix.lower() == ".exr" else "uint16"}.get(
        wanted, "float"
    )
    if name not in depths:
        raise BadInput(
            f"{path.suffix} files do not hold {wanted}{'' if wanted == 'float' else '-bit'} "
            "pixels: use another format or bit depth."
        )
    return name


def holds(path: Path, wanted: str) -> bool:
    """Whether a file's format has the depth that a recipe wants; see `output_depth`."""
    try:
        return bool(output_depth(path, wanted, "uint8"))
    except (BadInput, KeyError):
        return False


def as_stored(path: Path, picture: Picture) -> Picture:
    """A picture as programs expect it in a format: linear light in EXR, sRGB in all others."""
    linear = path.suffix.lower() == ".exr"
    if linear == picture.linear:
        return picture
    colours = len(picture.pixels) - picture.has_alpha
    curve = from_display if linear else to_display
    pixels = picture.pixels.copy()
    for rows in strips(pixels.shape):
        pixels[:colours, rows] = curve(pixels[:colours, rows], 1.0)
    return replace(picture, pixels=pixels, linear=linear)


def write(
    path: Path, picture: Picture, recipe: Recipe | None = None, meant: Path | None = None
) -> None:
    """Write a picture in its depth, and the recipe as metadata; whole or not at all.

    Args:
        path: Of the file.
        picture: To write.
        recipe: That made it; None for none.
        meant: The file that the user knows of, where ``path`` will take its place; an error names
            it.

    Raises:
        BadInput: The file cannot be written.
    """
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

    suffix = path.suffix.lower()
    pixels = picture.pixels
    if suffix in _NO_ALPHA and picture.has_alpha:
        pixels = pixels[:-1]
    channels, height, width = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, picture.depth)
    spec.channelnames = ("Y", "A") if channels == 2 else ("R", "G", "B", "A")[:channels]
    if channels == 1:
        spec.channelnames = ("Y",)
    has_alpha = channels in (2, 4)
    spec.alpha_channel = channels - 1 if has_alpha else -1
    if has_alpha and suffix != ".exr":
        spec.attribute("oiio:UnassociatedAlpha", 1)
    spec.attribute("Software", "Texcore")
    if suffix in _NO_ALPHA:
        spec.attribute("Compression", "jpeg:95")
    if recipe is not None:
        spec.attribute("ImageDescription" if only_describes(path) else RECIPE_KEY, recipe.dumps())
    try:
        with replacing(path) as unfinished:
            _reserve(unfinished, spec.image_bytes() + (1 << 16))
            out = oiio.ImageOutput.create(str(unfinished))
            if not (
                out and out.open(str(unfinished), spec) and _written(out, pixels, spec, suffix)
            ):
                reason = (out.geterror() if out else oiio.geterror()) or "no reason given"
                reason = reason.splitlines()[0].replace(str(unfinished), str(meant or path))
                raise BadInput(f"“{meant or path}” cannot be written: {reason}.")
    except OSError as e:
        raise BadInput(f"“{meant or path}” cannot be written: {explain(e)}.") from None


def _written(out: oiio.ImageOutput, pixels: Pixels, spec: oiio.ImageSpec, suffix: str) -> bool:
    """Write all rows into an open file and close it; whether that went well."""
    return all(
        out.write_scanlines(rows.start, rows.stop, 0, _stored(pixels[:, rows], spec, suffix))
        for rows in strips(pixels.shape)
    ) and bool(out.close())


def _stored(pixels: Pixels, spec: oiio.ImageSpec, suffix: str) -> Pixels:
    """Pixels as a file has them: channel by channel, light multiplied by alpha."""
    if suffix == ".exr" and spec.alpha_channel >= 0:
        pixels = np.concatenate([pixels[:-1] * pixels[-1:], pixels[-1:]])
    return np.ascontiguousarray(pixels.transpose(1, 2, 0))


def write_preview(path: Path, picture: Picture) -> None:
    """Write a picture of 8 bits; into ``.npy`` as uint8 of shape (height, width, 4).

    That needs no decoding, which would hold up Blender.

    Raises:
        BadInput: The file cannot be written.
    """
    if path.suffix.lower() != ".npy":
        write(path, picture)
        return
    rows = np.rint(picture.pixels.transpose(1, 2, 0) * 255).astype(np.uint8)
    colours, alpha = (rows[..., :-1], rows[..., -1:]) if picture.has_alpha else (rows, None)
    rgb = np.broadcast_to(colours, (*colours.shape[:2], 3))
    opaque = np.full_like(rgb[..., :1], 255)
    try:
        # Several a second, and the next one is as good: none of them need outlive a power cut.
        with replacing(path, durable=False) as unfinished:
            np.save(unfinished, np.concatenate([rgb, opaque if alpha is None else alpha], axis=2))
    except OSError as e:
        raise BadInput(f"“{path}” cannot be written: {explain(e)}.") from None


def _reserve(path: Path, size: int) -> None:
    """Fill a file, to be overwritten, with as much as a picture may take.

    OpenImageIO does not notice when a PNG meets the end of the disk, and libjpeg ends the process.
    """
    block = os.urandom(1 << 16)
    with path.open("wb") as file:
        for _ in range(size // len(block) + 1):
            file.write(block)
