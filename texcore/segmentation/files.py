"""Masks as PNG files, and what they look like over their picture."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from ..contract.errors import BadInput
from ..contract.files import explain, write_whole
from ..pictures import Picture
from .segment import Segmentation, as_shown

# Of the picture and of the regions' colours in an overlay.
_PICTURE, _COLOUR = 0.55, 0.45
_EDGE = (255, 255, 0)


def write_mask(path: Path, found: Segmentation, soft: bool) -> None:
    """A PNG in which every region has its colour: indexed by label, or RGB with soft edges.

    Raises:
        BadInput: It cannot be written.
    """
    if soft:
        rows = np.round(found.mixed().transpose(1, 2, 0) * 255).astype(np.uint8)
        image = Image.fromarray(rows)
    else:
        image = Image.fromarray(found.labels, "L").convert("P")
        image.putpalette(found.colours.tobytes())
    _write(path, image)


def write_overlay(path: Path, picture: Picture, found: Segmentation) -> None:
    """The regions' colours over their picture, and a line between them.

    Raises:
        BadInput: It cannot be written.
    """
    shown = as_shown(picture).numpy().transpose(1, 2, 0) * 255
    labels = found.labels
    rows = _PICTURE * shown + _COLOUR * found.colours[labels]
    edge = np.zeros(labels.shape, bool)
    edge[:-1] |= labels[:-1] != labels[1:]
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    rows[edge] = _EDGE
    _write(path, Image.fromarray(np.round(rows).astype(np.uint8)))


def _write(path: Path, image: Image.Image) -> None:
    content = io.BytesIO()
    image.save(content, "PNG")
    try:
        write_whole(path, content.getvalue())
    except OSError as e:
        raise BadInput(f"“{path}” cannot be written: {explain(e)}.") from None
