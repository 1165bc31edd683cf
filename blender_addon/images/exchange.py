"""Pass Blender's images to files and back, without loss of colour space, alpha or depth.

A file that Blender has not changed is passed on as it is: the engine reads it better than Blender's
pixels tell. Everything else is written as numbers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.recipe import FLAT_LEVELS, check_exemplar
from .marks import MADE_PROPERTY, RECIPE_PROPERTY, SOURCE_PROPERTY, resolve_preview

_SUFFIXES = {
    "PNG": ".png",
    "JPEG": ".jpg",
    "BMP": ".bmp",
    "TARGA": ".tga",
    "TARGA_RAW": ".tga",
    "TIFF": ".tif",
    "WEBP": ".webp",
    "OPEN_EXR": ".exr",
    "HDR": ".hdr",
}
_DISPLAY_SPACES = {"sRGB", "Display P3", "sRGB Encoded P3-D65", "sRGB Encoded AP1"}
_LINEAR_SPACES = {"ACEScg", "ACES2065-1", "scene_linear"}


@dataclass(frozen=True)
class ExportedImage:
    """An image as the engine gets it, and what the result must be in Blender.

    Attributes:
        path: A picture, or a float32 ``.npy`` of shape (height, width, 4), top row first, straight
            alpha.
        encoding: The recipe's word for what its numbers mean.
        bit_depth: The recipe's word for the depth of the result.
        suffix: Of the file to write, with its dot.
        colorspace: Name of the result's colour space.
        alpha_mode: Of the result, as in ``bpy.types.Image.alpha_mode``.
    """

    path: Path
    encoding: str
    bit_depth: str
    suffix: str
    colorspace: str
    alpha_mode: str


def can_be_chosen(image: bpy.types.Image) -> bool:
    """Return whether an artist may choose an image: it is not one of Blender's own or a preview."""
    return image.source in ("FILE", "GENERATED") and resolve_preview(image) == image


def check_image(image: bpy.types.Image) -> None:
    """Check that an image is one picture with pixels.

    Raises:
        BadInput: It is another kind of image or too small, its file is missing or cannot be read.
    """
    check_kind(image)
    if min(image.size) > 0:
        check_exemplar(image.name, *image.size)
        return
    path = Path(image.filepath_from_user())
    if image.source != "FILE":
        raise BadInput(f"“{image.name}” is empty: its size is 0.")
    if image.packed_file is None and not path.is_file():
        raise BadInput(tell_missing(image))
    raise BadInput(f"“{image.name}” cannot be read: its file is damaged or no picture.")


def check_kind(image: bpy.types.Image) -> None:
    """Check that an image is one picture, without a look at its pixels or its file.

    Raises:
        BadInput: It is several, or none.
    """
    refused = {
        "TILED": f"“{image.name}” is a set of UDIM tiles: choose a single image for this.",
        "MOVIE": f"“{image.name}” is a movie: choose a still image.",
        "SEQUENCE": f"“{image.name}” is an image sequence: choose a still image.",
        "VIEWER": (
            f"“{image.name}” is a render or viewer result: save it as a file and choose that."
        ),
    }
    if image.source in refused:
        raise BadInput(refused[image.source])
    if image.type == "MULTILAYER":
        raise BadInput(f"“{image.name}” is a multilayer EXR: choose an image of a single layer.")


def tell_missing(image: bpy.types.Image) -> str:
    """Say that the file of an image is not there."""
    return f"The file of “{image.name}” is missing: {image.filepath_from_user()}."


def is_flat(image: bpy.types.Image) -> bool:
    """Return whether an image is of one colour, but for the traces of compressing."""
    flat = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(flat)
    spans = np.ptp(flat.reshape(-1, 4), axis=0)
    return bool((spans <= (0.0 if image.is_float else FLAT_LEVELS / 255)).all())


def load_picture(path: Path) -> bpy.types.Image:
    """Return a picture on disk as an image of the file.

    Raises:
        BadInput: It is missing, no picture, or too small.
    """
    try:
        image = bpy.data.images.load(str(path), check_existing=True)
    except RuntimeError:
        raise BadInput(f"The picture {path} cannot be read: choose another.") from None
    check_image(image)
    return image


def read_encoding(image: bpy.types.Image) -> str:
    """Return what an image's numbers mean, in the recipe's word.

    Raises:
        BadInput: The image is in a colour space Texcore does not know.
    """
    space = image.colorspace_settings.name
    if image.colorspace_settings.is_data:
        return "data"
    if space in _DISPLAY_SPACES:
        return "srgb"
    if is_linear(image):
        return "linear"
    raise BadInput(
        f"“{image.name}” is in the colour space “{space}”, which Texcore does not know: "
        "use sRGB, Non-Color or a linear one."
    )


def is_linear(image: bpy.types.Image) -> bool:
    """Return whether the numbers in an image's file are linear light."""
    space = image.colorspace_settings.name
    return space in _LINEAR_SPACES or space.startswith("Linear ")


def export_image(image: bpy.types.Image, folder: Path) -> ExportedImage:
    """Give an image to the engine, through a file in ``folder`` if need be.

    Raises:
        BadInput: The image has no usable pixels, see `check_image` and `read_encoding`.
    """
    check_image(image)
    meaning = read_encoding(image)
    suffix = get_suffix(image)
    if image.source != "FILE" or image.is_dirty or suffix is None:
        return _export_pixels(image, meaning, folder)
    path = Path(image.filepath_from_user())
    if image.packed_file is not None:
        path = folder / _name_file(image, suffix)
        path.write_bytes(image.packed_file.data)
    elif not path.is_file():
        return _export_pixels(image, meaning, folder)  # still in memory, gone from the disk
    return describe_file(image, path, meaning)


def get_suffix(image: bpy.types.Image) -> str | None:
    """Return the suffix of an image's format; None for one that Texcore does not know."""
    return _SUFFIXES.get(image.file_format)


def describe_file(image: bpy.types.Image, path: Path, meaning: str) -> ExportedImage:
    """Return an exemplar that is a file which Blender has not changed.

    Args:
        image: Of the file.
        path: The file's.
        meaning: See `read_encoding`.
    """
    suffix = get_suffix(image) or path.suffix
    # A TIFF of floats and one of 16 bits look the same here; EXR holds either.
    wide = suffix in (".exr", ".hdr") or (suffix == ".tif" and image.is_float and meaning != "srgb")
    return ExportedImage(
        path=path,
        encoding=meaning,
        bit_depth="auto",
        suffix=".exr" if wide else ".png",
        colorspace=image.colorspace_settings.name,
        alpha_mode=image.alpha_mode,
    )


def bring_in(
    path: Path, exemplar: ExportedImage, name: str, source: bpy.types.Image | None, recipe: str
) -> bpy.types.Image:
    """Load the engine's picture as a new packed image.

    Args:
        path: The picture; it may be deleted afterwards.
        exemplar: What it was made from.
        name: Of the new image; Blender numbers it if that is taken.
        source: The image it was made from, if that is still there; see `marks.find_original`.
        recipe: The recipe as JSON text, kept in the image's property ``texcore_recipe``.

    Raises:
        BadInput: Blender cannot read the picture.
    """
    image = bpy.data.images.load(str(path))
    try:
        image.name = name
        image.alpha_mode = exemplar.alpha_mode
        image.colorspace_settings.name = exemplar.colorspace
        image.pack()
        if image.packed_file is None or min(image.size) == 0:
            raise BadInput(f"Blender cannot read the engine's picture {path.name}.")
        # Where “Unpack” would put it; the temporary path must not stay in the artist's file.
        home = f"//textures/{bpy.path.clean_name(image.name)}{path.suffix}"
        image.filepath_raw = image.packed_files[0].filepath = home
        image[RECIPE_PROPERTY] = recipe
        image[MADE_PROPERTY] = time.time()
        if source is not None:
            image[SOURCE_PROPERTY] = source
    except Exception:
        bpy.data.images.remove(image)
        raise
    return image


def make_from_pixels(
    name: str, width: int, height: int, pixels: np.ndarray, colorspace: str
) -> bpy.types.Image:
    """Make a packed image of 8 bits; ``pixels`` are flat float32 RGBA, bottom row first."""
    image = bpy.data.images.new(name, width, height, alpha=True)
    image.colorspace_settings.name = colorspace  # before the pixels: it wipes them
    image.pixels.foreach_set(pixels)
    image.pack()
    return image


def find_working_space() -> str:
    """Return the name of the linear space that Blender holds float colour in."""
    return getattr(getattr(bpy.data, "colorspace", None), "working_space", "Linear Rec.709")


def _name_file(image: bpy.types.Image, suffix: str) -> str:
    """Name a temporary file as the artist knows it: the engine may have to say what is wrong."""
    return bpy.path.clean_name(Path(image.name).stem)[:40] + suffix


def _export_pixels(image: bpy.types.Image, meaning: str, folder: Path) -> ExportedImage:
    """Write what Blender holds in memory."""
    width, height = image.size
    flat = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(flat)
    pixels = flat.reshape(height, width, 4)[::-1]
    space, alpha_mode = image.colorspace_settings.name, image.alpha_mode
    if image.is_float and meaning != "data":
        # Blender holds float colour in its working space, whatever space the image came in.
        meaning = "linear"
        space = find_working_space()
        if alpha_mode in ("STRAIGHT", "PREMUL"):
            alpha = pixels[..., 3:]
            pixels = pixels.copy()
            np.divide(pixels[..., :3], alpha, out=pixels[..., :3], where=alpha > 0)
            alpha_mode = "PREMUL"  # an EXR file's alpha always is
    path = folder / _name_file(image, ".npy")
    np.save(path, np.ascontiguousarray(pixels))
    return ExportedImage(
        path=path,
        encoding=meaning,
        bit_depth="float" if image.is_float else "8",
        suffix=".exr" if image.is_float else ".png",
        colorspace=space,
        alpha_mode=alpha_mode,
    )
