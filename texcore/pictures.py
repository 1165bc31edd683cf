"""Pictures in files: read to an array, written whole or not at all, with their recipe inside."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import BadInput
from .paths import safely
from .recipe import MAX_SIZE, RECIPE_KEY, Recipe, check_exemplar

if TYPE_CHECKING:
    import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

Pixels = npt.NDArray[np.float32]

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
_LINEAR_FORMATS = ("openexr", "hdr")
# Values that are converted, read or written at a time: a picture may be most of the memory.
_STRIP = 1 << 22


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: Shape (channels, height, width), top row first; 1 channel is grey, 2 grey and alpha,
            3 RGB, 4 RGB and alpha. Integer files in 0...1; alpha straight, not multiplied in.
        depth: Of the file, ``uint8``, ``uint16``, ``half`` or ``float``.
        linear: Whether the numbers are scene-linear light rather than encoded as sRGB.
    """

    pixels: Pixels
    depth: str
    linear: bool = False

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.pixels.shape[0] in (2, 4)

    def digest(self) -> str:
        """SHA-256 of shape and pixels, whatever file they came in."""
        sha = hashlib.sha256(repr(self.pixels.shape).encode())
        sha.update(np.ascontiguousarray(self.pixels).data)
        return sha.hexdigest()


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
        if spec and not text and _only_describes(path):
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


def check_output(path: Path, exemplar: Path | None = None) -> None:
    """Find out before the work whether its result can be written.

    Raises:
        BadInput: The format is not known, the folder is missing or not writable, or the file is
            write-protected or the exemplar itself.
    """
    if path.suffix.lower() not in _DEPTHS:
        raise BadInput(f"“{path.name}” is of no format Texcore writes: use {', '.join(_DEPTHS)}.")
    if safely(path.is_dir):
        raise BadInput(f"“{path}” is a folder: give a file's name in it.")
    if not safely(path.parent.is_dir):
        raise BadInput(f"The folder “{path.parent}” is not there: make it, or choose another.")
    if safely(path.exists):
        if exemplar and safely(exemplar.exists) and path.samefile(exemplar):
            raise BadInput(f"“{path.name}” is the exemplar itself: choose another output.")
        if not os.access(path, os.W_OK):
            raise BadInput(f"“{path.name}” is read-only and cannot be written: choose another.")
    probe = _partial(path)
    try:
        probe.touch()
        probe.unlink()
    except OSError as e:
        raise BadInput(
            f"The folder “{path.parent}” cannot be written to ({e.strerror}): choose another."
        ) from None
    try:
        path.exists()
    except OSError as e:
        raise BadInput(f"“{path}” cannot be written ({e.strerror}): choose another name.") from None


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


def write(path: Path, picture: Picture, recipe: Recipe | None = None) -> None:
    """Write a picture in its depth, and the recipe as metadata; whole or not at all.

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
        spec.attribute("ImageDescription" if _only_describes(path) else RECIPE_KEY, recipe.dumps())
    partial = _partial(path)
    try:
        _reserve(partial, spec.image_bytes() + (1 << 16))
        out = oiio.ImageOutput.create(str(partial))
        if not (out and out.open(str(partial), spec) and _written(out, pixels, spec, suffix)):
            reason = (out.geterror() if out else oiio.geterror()) or "no reason given"
            raise BadInput(f"“{path}” cannot be written: {reason.splitlines()[0]}.")
        partial.replace(path.resolve())
    except OSError as e:
        raise BadInput(f"“{path}” cannot be written: {e.strerror}.") from None
    finally:
        partial.unlink(missing_ok=True)


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


def strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """The rows of pixels of a shape (channels, height, width), as many at a time as are few."""
    channels, height, width = shape
    step = max(1, _STRIP // (channels * width))
    for top in range(0, height, step):
        yield slice(top, min(height, top + step))


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
    partial = _partial(path)
    try:
        np.save(partial, np.concatenate([rgb, opaque if alpha is None else alpha], axis=2))
        partial.replace(path)
    except OSError as e:
        raise BadInput(f"“{path}” cannot be written: {e.strerror}.") from None
    finally:
        partial.unlink(missing_ok=True)


def to_display(pixels: Pixels, white: float) -> Pixels:
    """Scene-linear light as encoded sRGB (IEC 61966-2-1), ``white`` becoming 1."""
    x = np.clip(pixels / white, 0, None)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


def from_display(pixels: Pixels, white: float) -> Pixels:
    """The inverse of `to_display`."""
    x = np.clip(pixels, 0, None)
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return (linear * white).astype(np.float32)


def _partial(path: Path) -> Path:
    """The unfinished file, in the folder of the finished one; a link stays a link to that one."""
    return path.resolve().with_name(f".{path.stem[:40]}.{os.getpid()}.part{path.suffix}")


def _reserve(path: Path, size: int) -> None:
    """Fill a file, to be overwritten, with as much as a picture may take.

    OpenImageIO does not notice when a PNG meets the end of the disk, and libjpeg ends the process.
    """
    block = os.urandom(1 << 16)
    with path.open("wb") as file:
        for _ in range(size // len(block) + 1):
            file.write(block)


def _only_describes(path: Path) -> bool:
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


def flatten_alpha(picture: Picture) -> tuple[Picture, float | None]:
    """Take a constant alpha off; its value is given back to be put on again."""
    if not picture.has_alpha:
        return picture, None
    alpha = picture.pixels[-1]
    if float(alpha.max() - alpha.min()) > 1e-4:
        return picture, None
    return replace(picture, pixels=picture.pixels[:-1]), float(alpha.flat[0])
