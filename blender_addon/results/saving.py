"""Textures as files of the artist's choice: PNG of 8 or 16 bits, OpenEXR."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.files import replacing
from ..images import exchange
from ..images.srgb import decode_srgb, encode_srgb

FORMATS = [
    ("PNG8", "PNG, 8 bits", "Small; for colour"),
    ("PNG16", "PNG, 16 bits", "For height and whatever is worked on further"),
    ("EXR", "OpenEXR", "Numbers as they are; colour as linear light"),
]
SUFFIXES = {"PNG8": ".png", "PNG16": ".png", "EXR": ".exr"}
_BITS = {"PNG8": 8, "PNG16": 16}


def save(image: bpy.types.Image, path: Path, form: str) -> None:
    """Write an image's pixels, whole or not at all.

    No view transform is applied. Colour is written as sRGB into PNG and as linear light into
    OpenEXR; data is written as it is, and so is into PNG what is linear light in 8 bits, as its
    picture was. The engine's own file is passed on where it is of the format.

    Args:
        image: A byte image or a float one.
        path: Of the file; its suffix should be that of `SUFFIXES`.
        form: A format of `FORMATS`.

    Raises:
        BadInput: The file cannot be written, or the image has no pixels.
    """
    if min(image.size) == 0:
        raise BadInput(f"“{image.name}” has no pixels to save.")
    try:
        with replacing(path) as unfinished:
            if _is_of(image, form):
                unfinished.write_bytes(image.packed_file.data)
            elif form == "EXR":
                _write_exr(unfinished, image)
            else:
                pixels = encode(image, as_colour=image.is_float)
                unfinished.write_bytes(_png(pixels, _BITS[form]))
    except (OSError, RuntimeError) as e:
        reason = getattr(e, "strerror", None) or str(e).strip()
        raise BadInput(f"“{path}” cannot be written ({reason}): choose another place.") from None


def read_from(image: bpy.types.Image, path: Path, form: str) -> None:
    """Let a packed image read the file that it was saved to from now on, and look as before.

    Args:
        image: A packed image.
        path: The file, see `save`.
        form: Its format.
    """
    space, alpha_mode = _tell_encoding(image, form)
    image.filepath_raw = _shorten(path)
    image.unpack(method="REMOVE")
    image.colorspace_settings.name, image.alpha_mode = space, alpha_mode
    image.reload()


def _tell_encoding(image: bpy.types.Image, form: str) -> tuple[str, str]:
    """Return the colour space and the kind of alpha of the file that an image is saved to."""
    space, alpha_mode = image.colorspace_settings.name, image.alpha_mode
    if image.colorspace_settings.is_data or _is_of(image, form):
        return space, alpha_mode
    if alpha_mode in ("STRAIGHT", "PREMUL"):
        alpha_mode = "PREMUL" if form == "EXR" else "STRAIGHT"
    if form == "EXR" and image.is_float:
        return exchange.find_working_space(), alpha_mode
    if form == "EXR":
        return space if exchange.is_linear(image) else "Linear Rec.709", alpha_mode
    return "sRGB" if image.is_float else space, alpha_mode


def _is_of(image: bpy.types.Image, form: str) -> bool:
    """Return whether an image's packed file, unchanged since, is of a format already."""
    packed = image.packed_file.data if image.packed_file and not image.is_dirty else b""
    return _kind(packed) == form


def _shorten(path: Path) -> str:
    """Return a path from where the artist's file is, if both are on the same drive."""
    try:
        return bpy.path.relpath(str(path)) if bpy.data.filepath else str(path)
    except ValueError:
        return str(path)


def add_suffix(path: Path, form: str) -> Path:
    """Return a path with the suffix of a format, in place of another format's if it has one."""
    suffix = path.suffix.lower()
    if suffix == SUFFIXES[form]:
        return path
    bare = path.with_suffix("") if suffix in SUFFIXES.values() else path
    return bare.with_name(bare.name + SUFFIXES[form])


def files(
    image: bpy.types.Image, together: list[bpy.types.Image], path: Path, form: str
) -> list[tuple[bpy.types.Image, Path, str]]:
    """Where maps that were made as one are saved: image, file and format, the chosen one first.

    The others go beside it, named by what they are made of or derived as, in the same format or in
    a finer one that they have themselves.

    Args:
        image: The one whose file was chosen.
        together: All of them.
        path: Of that file.
        form: Its format, of `FORMATS`.

    Raises:
        BadInput: A file beside it is there already, or two would be the same.
    """
    order = [id for id, _, _ in FORMATS]
    found = [(image, path, form)]
    names = {path.name.casefold()}  # two that differ in capitals are one file on many a disk
    for other in together:
        if other == image:
            continue
        own = _kind(other.packed_file.data) if other.packed_file else ""
        form_ = max(form, own or form, key=order.index)
        beside = path.with_name(bpy.path.clean_name(other.name) + SUFFIXES[form_])
        if beside.name.casefold() in names:
            raise BadInput(f"Two maps would be saved as “{beside}”: choose another name.")
        names.add(beside.name.casefold())
        if beside.exists():
            raise BadInput(f"“{beside}” is there already: choose another folder, or move it.")
        found.append((other, beside, form_))
    return found


def _kind(data: bytes) -> str:
    """The format of `FORMATS` that a file's bytes are of, or nothing."""
    if data[:4] == b"v/1\x01":
        return "EXR"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return {8: "PNG8", 16: "PNG16"}.get(data[24], "")
    return ""


def _pixels(image: bpy.types.Image) -> np.ndarray:
    """What Blender holds, shape (height, width, 4), top row first."""
    flat = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(flat)
    return flat.reshape(image.size[1], image.size[0], 4)[::-1]


def encode(image: bpy.types.Image, as_colour: bool = True) -> np.ndarray:
    """Return an image's pixels for a PNG, shape (height, width, 4), top row first.

    Args:
        image: A byte image or a float one.
        as_colour: Whether the PNG will be read as sRGB. Else the numbers are those of the image's
            own file, whatever it calls them: a roughness may be marked as linear light.
    """
    pixels, settings = _pixels(image), image.colorspace_settings
    if settings.is_data:
        return pixels
    colour, alpha = pixels[..., :3], pixels[..., 3:]
    is_linear = exchange.is_linear(image)
    if image.is_float:  # as light, multiplied by alpha
        colour = np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 0)
    if (image.is_float or is_linear) if as_colour else (image.is_float and not is_linear):
        colour = encode_srgb(np.clip(colour, 0, 1))
    return np.concatenate([colour, alpha], axis=2)


def _png(pixels: np.ndarray, bits: int) -> bytes:
    """A PNG file (ISO/IEC 15948) of values in 0...1, shape (height, width, 4); opaque as RGB."""
    return encode_png(pixels[..., :3] if pixels[..., 3].min() >= 1 else pixels, bits)


def encode_png(pixels: np.ndarray, bits: int) -> bytes:
    """Return a PNG file (ISO/IEC 15948) of 8 or 16 bits.

    Args:
        pixels: Values in 0...1, shape (height, width, channels): grey, RGB or RGBA.
        bits: Of each channel.
    """
    height, width, channels = pixels.shape
    rows = np.rint(np.clip(pixels, 0, 1) * (2**bits - 1)).astype(">u2" if bits == 16 else "u1")
    plain = rows.reshape(height, -1).view(np.uint8)
    # Filter 1, “sub”: differences to the pixel before compress far better than values.
    step = channels * bits // 8
    plain = np.concatenate([plain[:, :step], plain[:, step:] - plain[:, :-step]], axis=1)
    filtered = np.concatenate([np.ones((height, 1), np.uint8), plain], axis=1)

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    colour_type = {1: 0, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    body = zlib.compress(filtered.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, data) for name, data in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    )


def _write_exr(path: Path, image: bpy.types.Image) -> None:
    pixels, is_data = _pixels(image), image.colorspace_settings.is_data
    if not image.is_float and not is_data:
        x, alpha = pixels[..., :3], pixels[..., 3:]
        if not exchange.is_linear(image):
            x = decode_srgb(x)
        pixels = np.concatenate([x * alpha, alpha], axis=2)
    copy = bpy.data.images.new(path.stem, *image.size, alpha=True, float_buffer=True, is_data=True)
    try:
        copy.colorspace_settings.name = "Non-Color"
        copy.pixels.foreach_set(np.ascontiguousarray(pixels[::-1], np.float32).ravel())
        if _tell_encoding(image, "EXR")[0] == exchange.find_working_space():
            _render_exr(path, copy)
            return
        # It goes into the file as it is; from Blender 5 on this says that it is data.
        copy.filepath_raw = str(path)
        copy.file_format = "OPEN_EXR"
        copy.save()
    finally:
        bpy.data.images.remove(copy)


def _render_exr(path: Path, image: bpy.types.Image) -> None:
    """Write light of the working space into a file that says so.

    Blender would encode a generated image of colour as sRGB if it saved it by itself.
    """
    scene = bpy.data.scenes.new("Texcore")  # says how, and keeps the artist's as it is
    try:
        settings = scene.render.image_settings
        settings.file_format, settings.color_mode = "OPEN_EXR", "RGBA"
        settings.color_depth, settings.exr_codec = "32", "ZIP"
        image.save_render(str(path), scene=scene)
    finally:
        bpy.data.scenes.remove(scene)
