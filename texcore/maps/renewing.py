"""Keep of pictures what stays, bit for bit, and hide what is made anew from all that learns.

The part that is made anew is that of a mask, or a band along the borders where the texture tiles,
or both. It lies over all maps of a material alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from .. import pictures
from ..contract.errors import BadInput
from ..contract.jobs import Companions
from ..contract.recipe import Recipe
from ..exemplars.exemplar import Exemplar, Region, Source
from ..exemplars.renewal import Renewal
from ..pictures import Picture
from ..pictures.masks import read_map
from ..surfaces.torus import Torus

Marks = npt.NDArray[np.bool_]

# From so much white or black on a texel of a mask is marked.
_MARKED_SHARE = 0.5
# What new texels are compared with: all up to so many beside them, for a joint has two sides.
_BESIDE_TEXELS = 32


class Places(NamedTuple):
    """What of pictures is made anew, at the size of the largest.

    Attributes:
        place: 1 where something new is made and 0 where all stays, shape (1, h, w); None where
            everything is made anew.
        damage: Of the same shape, 1 where a mask says that nothing is to be learnt.
        found: The digest of a mask by what it was for.
    """

    place: Tensor | None
    damage: Tensor | None
    found: dict[str, str]


def read_places(companions: Companions, recipe: Recipe, maps: Mapping[str, Picture]) -> Places:
    """Read what is to be made anew.

    Args:
        companions: The mask of what stays, or of what is made anew.
        recipe: Says whether the border is made anew, and the tiling.
        maps: Picture by kind.

    Returns:
        Where it is.

    Raises:
        BadInput: A mask cannot be used, nothing or everything is marked, or the recipe asks for
            what does not go with it.
    """
    given = {"repair": companions.repair, "keep": companions.keep}
    if not any(given.values()) and recipe.renew == "all":
        return Places(None, None, {})
    size = max((p.pixels.shape[1:] for p in maps.values()), key=lambda s: s[0] * s[1])
    height, width = size
    _check(companions, recipe, (width, height))
    place = np.zeros((height, width), bool)
    found = {}
    for role, path in given.items():
        if path is not None:
            picture = pictures.read(path)
            white = read_map(picture)[0]
            if white.shape != (height, width):
                rows, columns = white.shape
                raise BadInput(
                    f"“{path.name}” has {columns} × {rows} pixels and the exemplar {width} × "
                    f"{height}: a mask of what is repaired has the exemplar's size."
                )
            place |= white >= _MARKED_SHARE if role == "repair" else white < _MARKED_SHARE
            found[role] = picture.digest()
    damage = place.copy()
    if recipe.renew == "border":
        place |= _mark_border(height, width, recipe)
    if not place.any():
        raise BadInput("Nothing is marked to be made anew: paint it white in the mask.")
    if place.all():
        raise BadInput("Nothing of the picture stays: paint black in the mask what is kept.")
    marked, damaged = (torch.from_numpy(x[None].astype(np.float32)) for x in (place, damage))
    return Places(marked, damaged, found)


def hide(maps: Mapping[str, Picture], damage: Tensor) -> dict[str, Picture]:
    """Return maps in which the mean of what stays lies over what is damaged."""
    hidden = {}
    for kind, picture in maps.items():
        new = _scale(damage, picture)
        pixels = picture.pixels.copy()
        if new.any() and not new.all():
            pixels[:, new] = pixels[:, ~new].mean(1, dtype=np.float64)[:, None]
        hidden[kind] = replace(picture, pixels=pixels)
    return hidden


def put_back(
    made: Mapping[str, Picture], maps: Mapping[str, Picture], place: Tensor
) -> dict[str, Picture]:
    """Return maps that were made, with what stays as it was read.

    Args:
        made: Picture by kind.
        maps: Those that it was made from, of the same sizes.
        place: see `Places`.
    """
    result = {}
    for kind, picture in made.items():
        new = _scale(place, picture)
        result[kind] = replace(
            picture, pixels=np.where(new[None], picture.pixels, maps[kind].pixels)
        )
    return result


def renew(exemplar: Exemplar, place: Tensor, damage: Tensor) -> Exemplar:
    """Return an exemplar of which only a part is made anew, and which is learnt from elsewhere."""
    beside = F.max_pool2d(place, 2 * _BESIDE_TEXELS + 1, 1, _BESIDE_TEXELS)
    region = Region((Source(exemplar.image, mask=1 - damage),), beside)
    return replace(exemplar, regions=(region,), renewal=Renewal(exemplar.image, place, damage))


def _check(companions: Companions, recipe: Recipe, size: tuple[int, int]) -> None:
    """Check that nothing else is asked for that a part alone cannot have.

    Raises:
        BadInput: Something is.
    """
    if companions.repair and companions.keep:
        raise BadInput("Give a mask of what is kept or one of what is repaired, not both.")
    if companions.mix or companions.mask or companions.start:
        raise BadInput(
            "A part made anew does not go with a mixture, regions or another start: leave these "
            "out, or make all of the texture anew."
        )
    if recipe.size not in (None, size):
        raise BadInput(
            f"What stays keeps its size: leave the size out, or make it {size[0]} × {size[1]}."
        )
    if recipe.renew == "border" and recipe.tile == "none":
        raise BadInput("Only the border is made anew so that it tiles: choose a tiling.")


def _mark_border(height: int, width: int, recipe: Recipe) -> Marks:
    """Mark the bands along the borders that wrap."""
    torus = Torus.from_tile(recipe.tile)
    band = max(2, round(recipe.border * min(height, width)))
    place = np.zeros((height, width), bool)
    if torus.y:
        place[:band] = place[-band:] = True
    if torus.x:
        place[:, :band] = place[:, -band:] = True
    return place


def _scale(place: Tensor, picture: Picture) -> Marks:
    """Find the texels of a map that what is made anew touches."""
    size = picture.pixels.shape[1:]
    scaled = place if place.shape[1:] == size else F.adaptive_max_pool2d(place, size)
    return (scaled[0] > 0).numpy()
