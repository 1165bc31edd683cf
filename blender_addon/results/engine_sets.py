"""Maps that were made as one, saved packed and named for an engine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import bpy
import numpy as np

from ..bundled.texcore.contract.engine_sets import PlannedFile, Taken, plan_files
from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.files import explain, replacing
from ..bundled.texcore.contract.map_kinds import get_kind
from ..images import marks
from ..nodes import maps, places
from . import saving


def find_kinds(image: bpy.types.Image) -> dict[str, bpy.types.Image]:
    """Return an image and all that were made as one with it, each by its kind of map.

    A kind is told by the nodes that have a place for the image; what nobody has a place for is a
    base color if it is colour.
    """
    together = {marks.find_lineage(each): each for each in marks.list_made_together(image)}
    found: dict[str, bpy.types.Image] = {}
    for material in bpy.data.materials:
        try:
            entries = maps.find_maps(material)
        except BadInput:
            continue  # without an image, or linked from another file
        for entry in entries:
            one = together.get(marks.find_lineage(places.get_image(entry.uid)))
            if one is not None and one not in found.values():
                found.setdefault(entry.kind, one)
        if len(found) == len(together):
            break
    if not found and not image.colorspace_settings.is_data:
        found = {"base_color": image}
    return found


def save_set(
    images: Mapping[str, bpy.types.Image], engine: str, folder: Path, name: str
) -> tuple[list[Path], list[str]]:
    """Write maps packed and named for an engine, all files or none; none that is there is replaced.

    Args:
        images: By kind of map.
        engine: Of `texcore.contract.engine_sets.ENGINE_SETS`.
        folder: Where they go.
        name: The material's, which is in the names of the files.

    Returns:
        The files, and the kinds that have no place in the set.

    Raises:
        BadInput: No map has a place, an image has no pixels, or a file is there or cannot be
            written.
    """
    for image in images.values():
        if image.source == "TILED":
            raise BadInput(
                f"“{image.name}” is a set of UDIM tiles, and engines want single pictures: save "
                "its tiles, and pack those of each number by “texcore pack”."
            )
        if min(image.size) == 0:
            raise BadInput(f"“{image.name}” has no pixels to save.")
    pixels = {
        kind: saving.encode(image, as_colour=get_kind(kind).meaning == "colour")
        for kind, image in images.items()
    }
    alpha = "base_color" in pixels and float(pixels["base_color"][..., 3].min()) < 1
    files, left = plan_files(engine, name, list(images), alpha)
    paths = [folder / file.name for file in files]
    for path in paths:
        if path.exists():
            raise BadInput(f"“{path}” is there already: choose another folder, or move it.")
    try:
        with ExitStack() as stack:
            for path, file in zip(paths, files, strict=True):
                unfinished = stack.enter_context(replacing(path))
                unfinished.write_bytes(saving.encode_png(_pack(file, pixels), file.bits))
    except OSError as e:
        raise BadInput(f"“{folder}” cannot be written ({explain(e)}): choose another.") from None
    return paths, left


def _pack(file: PlannedFile, pixels: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a file's pixels, shape (height, width, channels); smaller maps are scaled up."""
    taken = [each for each in file.channels if isinstance(each, Taken)]
    size = max((pixels[each.kind].shape[:2] for each in taken), key=lambda s: s[0] * s[1])
    packed = np.empty((*size, len(file.channels)), np.float32)
    for place, each in enumerate(file.channels):
        packed[..., place] = _take(each, pixels, size) if isinstance(each, Taken) else each
    return packed


def _take(taken: Taken, pixels: Mapping[str, np.ndarray], size: tuple[int, ...]) -> np.ndarray:
    channel = pixels[taken.kind][..., taken.channel].clip(0, 1)
    for axis, length in enumerate(size):
        channel = _scale(channel, axis, length)
    return 1 - channel if taken.inverted else channel


def _scale(channel: np.ndarray, axis: int, length: int) -> np.ndarray:
    """Interpolate along an axis linearly, round the border: nothing overshoots."""
    old = channel.shape[axis]
    if old == length:
        return channel
    place = (np.arange(length) + 0.5) * old / length - 0.5
    share = place % 1
    share = share[:, None] if axis == 0 else share
    first = np.floor(place).astype(int)
    low, high = (channel.take(first + step, axis, mode="wrap") for step in (0, 1))
    return low * (1 - share) + high * share
