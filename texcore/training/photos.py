"""The photos of a folder: which can be used, and what of each is for training and for judging."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio  # noqa: N813 – the name its documentation uses

from .. import pictures
from ..contract.errors import BadInput
from ..contract.files import is_text, safely, show_name

Bytes = npt.NDArray[np.uint8]

_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".exr", ".hdr", ".webp", ".bmp", ".tga")
# With so many photos every eighth is kept for judging; with fewer, the end of each.
_ENOUGH = 16
_HELD_OUT = 8
# Sentences about photos left out, before the rest is only counted.
_MOST_NOTES = 5


@dataclass(frozen=True)
class Area:
    """A rectangle of a photo in pixels."""

    photo: Path
    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True)
class Folder:
    """What is in a folder of photos.

    Attributes:
        training: Where patches may be cut to learn from.
        held_out: Where patches are cut to judge by; nothing of it is in ``training``.
        notes: Sentences on what was left out.
    """

    training: tuple[Area, ...]
    held_out: tuple[Area, ...]
    notes: tuple[str, ...]


def look_into(folder: Path, patch: int) -> Folder:
    """Find the photos in a folder and those below it, without decoding them.

    Args:
        folder: With pictures of any format OpenImageIO knows.
        patch: Side of the patches to be cut, in pixels; what is smaller is left out.

    Raises:
        BadInput: There is no such folder, or not enough in it to learn from.
    """
    if not safely(folder.exists):
        raise BadInput(f"The folder “{folder}” is not there: check the path.")
    if not safely(folder.is_dir):
        raise BadInput(f"“{folder}” is no folder: give the one with your photos in it.")
    paths = [path for path in _files(folder) if path.suffix.lower() in _SUFFIXES]
    if not paths:
        raise BadInput(f"There is no picture in “{folder}”: give the folder with your photos.")
    whole: list[Area] = []
    notes: list[str] = []
    for path in paths:
        try:
            height, width = _size(path)
        except BadInput as e:
            notes.append(str(e))
            continue
        if min(height, width) < patch:
            notes.append(f"“{path.name}” is left out: {width} × {height} is less than a patch.")
        else:
            whole.append(Area(path, 0, 0, height, width))
    training, held_out = _divided(whole, patch)
    if not training or not held_out:
        raise BadInput(
            f"There is too little in “{folder}” to cut patches of {patch} × {patch} pixels for "
            "training and others for judging: add photos, or choose a smaller --patch."
        )
    if len(notes) > _MOST_NOTES:
        more = len(notes) - _MOST_NOTES
        notes = [*notes[:_MOST_NOTES], f"{more} more pictures are left out likewise."]
    return Folder(tuple(training), tuple(held_out), tuple(notes))


def _files(folder: Path) -> list[Path]:
    """All files in and below a folder, without hidden ones, in an order that is always the same."""
    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent, name) for name in sorted(names) if not name.startswith(".")]
    return found


def _unreadable(error: OSError) -> None:
    raise BadInput(f"The folder “{error.filename}” may not be read: change its permissions.")


def _size(path: Path) -> tuple[int, int]:
    """Read height and width of a picture from its file's head alone."""
    usable = safely(path.is_file) and is_text(path)  # no pipe: it would be waited for
    source = oiio.ImageInput.open(str(path)) if usable else None
    if not source:
        pictures.has_error(oiio)  # else the next call's error would carry this one along
        raise BadInput(
            f"“{show_name(Path(path.name))}” is left out: it is no picture that can be read."
        )
    spec = source.spec()
    source.close()
    return spec.height, spec.width


def _divided(whole: Sequence[Area], patch: int) -> tuple[list[Area], list[Area]]:
    """Divide photos into areas to learn from and areas to judge the network by."""
    if len(whole) >= _ENOUGH:
        return (
            [area for i, area in enumerate(whole) if i % _HELD_OUT],
            [area for i, area in enumerate(whole) if not i % _HELD_OUT],
        )
    training, held_out = [], []
    for area in whole:
        longer = max(area.height, area.width)
        if longer < 2 * patch:
            training.append(area)
            continue
        end = max(patch, longer // _HELD_OUT)
        rest = longer - end
        if area.height >= area.width:
            training.append(Area(area.photo, 0, 0, rest, area.width))
            held_out.append(Area(area.photo, rest, 0, end, area.width))
        else:
            training.append(Area(area.photo, 0, 0, area.height, rest))
            held_out.append(Area(area.photo, 0, rest, area.height, end))
    return training, held_out


def load(area: Area) -> Bytes:
    """Read an area of a photo as displayed, (3, height, width), without alpha, grey as RGB.

    Raises:
        BadInput: The photo cannot be read, or is not what its head says.
    """
    picture = pictures.read(area.photo)
    pixels = picture.pixels[:-1] if picture.has_alpha else picture.pixels
    rows, columns = (
        slice(area.top, area.top + area.height),
        slice(area.left, area.left + area.width),
    )
    pixels = pixels[:, rows, columns]
    if picture.linear:
        pixels = pictures.to_display(pixels, 1.0)
    if pixels.shape[1:] != (area.height, area.width):
        raise BadInput(f"“{area.photo.name}” has changed while it was read.")
    pixels = np.broadcast_to(pixels, (3, area.height, area.width))
    return np.round(pixels.clip(0, 1) * 255).astype(np.uint8)
