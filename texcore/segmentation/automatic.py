"""A mask by the best means at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .. import pictures
from ..contract.errors import BadInput, Unavailable
from ..features import weights
from ..features.fetching import Report
from ..pictures import Picture
from ..runtime import devices
from . import files, voc
from .segment import Segmentation, segment, segment_things

# Of textures, where nobody says how many: foreground and background.
_REGIONS = 2


def find_regions(
    picture: Picture,
    report: Report,
    method: str = "auto",
    regions: int | None = None,
    network: str = "auto",
    device: str = "auto",
    seed: int = 0,
) -> tuple[Segmentation, list[str]]:
    """The regions of a picture, and what the user should know of how they were found.

    Args:
        picture: Any.
        report: Told of downloads.
        method: ``voc``, ``clusters``, or ``auto`` for the former where its weights are to be had,
            no number of regions is given and it sees a thing, else the latter.
        regions: Of clusters; None for two.
        network: That tells textures apart, see `weights.load`.
        device: See `devices.choose`.
        seed: Of the clusters' starts.

    Raises:
        BadInput: A number or a name is out of bounds.
        Unavailable: What was asked for by name cannot be had.
    """
    chosen = devices.choose(device)
    notes = []
    if method == "voc" or (method == "auto" and regions is None):
        try:
            found, names = segment_things(picture, voc.load(report), chosen)
            return found, [f"The regions are: {', '.join(names)}."]
        except Unavailable as e:
            if method == "voc":
                raise
            notes.append(f"{e} So textures are told apart, not things.")
    if all(np.ptp(channel) == 0 for channel in picture.pixels):
        raise BadInput("The picture is of one colour all over: there are no regions in it.")
    loaded, more = weights.load(network, report)
    return segment(picture, loaded, regions or _REGIONS, chosen, seed), [*notes, *more]


def mask_beside(
    exemplar: Path, output: Path, report: Report, network: str, device: str
) -> tuple[Path, list[str]]:
    """Write ``OUT.mask.png`` for an exemplar; returns its path and notes.

    Args:
        exemplar: A picture.
        output: What will be made with the mask; of several maps, their folder.
        report, network, device: See `find_regions`.

    Raises:
        BadInput, Unavailable: See `find_regions`, or it cannot be written.
    """
    path = output.with_suffix(".mask.png")
    pictures.check_output(path, exemplar)
    if path.exists():
        raise BadInput(f"“{path.name}” is there already: give it with --mask, or take it away.")
    found, notes = find_regions(pictures.read(exemplar), report, network=network, device=device)
    files.write_mask(path, found, soft=False)
    return path, [*notes, f"The mask is “{path.name}”: change it and give it with --mask."]
