"""Images that a command line or a queue names: one of the file, or a picture on the disk."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.files import safely
from ..images import exchange
from .declaring import ImageSetting
from .settings import OPTIONS, Options, change_options

#: The settings that name an image.
NAMES = ("image", *(n for n, setting in OPTIONS.items() if isinstance(setting, ImageSetting)))


def find_file(word: str, folder: Path) -> str:
    """Return the absolute path of a picture on the disk, or the word as it is.

    Args:
        word: Name of an image of the file, which goes first; else a path, or Blender's with ``//``.
        folder: What a relative path is meant from.
    """
    if not word or word in bpy.data.images:
        return word
    path = folder / bpy.path.abspath(word)
    return str(path.absolute()) if safely(path.is_file) else word


def load_files(options: Options) -> Options:
    """Return options in which pictures on the disk are images of the file, loaded if need be.

    Raises:
        BadInput: A word is neither an image nor a picture that can be read.
    """
    words = {name: getattr(options, name) for name in NAMES}
    return change_options(options, {name: _load(word) for name, word in words.items() if word})


def _load(word: str) -> str:
    if word in bpy.data.images:
        return word
    if not safely(Path(word).is_file):
        raise BadInput(
            f"There is no image named “{word}”, and no file of that path: "
            "name an image of the file, or give the path of a picture."
        )
    try:
        image = bpy.data.images.load(word, check_existing=True)
    except RuntimeError:
        raise BadInput(f"The picture {word} cannot be read: choose another.") from None
    exchange.check_image(image)
    return str(image.name)
