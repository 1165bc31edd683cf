"""Pictures beside the exemplar: to start from, to mix in, to tell regions apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .. import pictures
from ..contract.errors import BadInput
from ..contract.files import explain
from ..contract.jobs import Companions
from ..contract.recipe import OBJECT, Recipe
from ..exemplars.exemplar import Exemplar, Region, Source
from ..pictures import Picture
from ..pictures.masks import LabelledMask, read_flow, read_map, read_mask, read_octaves
from ..surfaces.resizing import scaled_to
from .stack import Stack, digest_maps

# How far a mask's proportions may be from its exemplar's.
_SKEW = 0.02
_OBJECT_CHANGED = (
    "The object or its unwrapping has changed since the recipe was made, so the texture is another."
)
# Of a region's own texture over its own picture; else there would be nothing to do.
_OWN_NOISE = 0.5


def gather(
    companions: Companions,
    stack: Stack,
    recipe: Recipe,
    found: Mapping[str, str] | None = None,
) -> tuple[Exemplar, Recipe, list[str]]:
    """Read all pictures beside the exemplar, and put them to it.

    Args:
        companions: The pictures' files.
        stack: The maps of the exemplar.
        recipe: As asked for.
        found: Digests of pictures, and of an object, that were read already, by what they were for.

    Returns:
        The exemplar with all that goes with it, the recipe with what was found in the files, and
        what the user should know, a sentence each.

    Raises:
        BadInput: A file cannot be used, is missing, or does not go with another.
    """
    _check(companions, recipe, found or {})
    exemplar, reader = stack.exemplar, _Reader(found or {})
    image = exemplar.image
    if companions.start:
        start = stack.encode(reader.read_maps("start", companions.start), "start")
        exemplar = replace(exemplar, start=start)
        recipe = replace(recipe, init="picture")
    if companions.mix:
        weights = recipe.mix or (1.0,) * len(companions.mix)
        recipe = replace(recipe, mix=weights)
        sources = [Source(image)]
        for number, (files, weight) in enumerate(zip(companions.mix, weights, strict=True), 1):
            maps = reader.read_maps(f"mix {number}", files)
            sources.append(Source(stack.encode(maps, f"mix {number}"), weight))
        exemplar = replace(exemplar, regions=(Region(tuple(sources)),))
        if companions.blend:
            white = torch.from_numpy(read_map(reader.read("blend", companions.blend)))
            regions = Region((sources[0],), 1 - white), Region((sources[1],), white)
            exemplar = replace(exemplar, regions=regions)
    if companions.flow:
        flow = read_flow(reader.read("flow", companions.flow))
        exemplar = replace(exemplar, flow=torch.from_numpy(flow))
    if companions.scale_map:
        octaves = read_octaves(reader.read("scale map", companions.scale_map))
        exemplar = replace(exemplar, scale_map=torch.from_numpy(octaves))
    if companions.mask:
        exemplar, recipe = _masked(companions, stack, exemplar, recipe, reader)
    known = dict(recipe.pictures)
    changed = {role for role, digest in reader.found.items() if known.get(role, digest) != digest}
    notes = [_OBJECT_CHANGED] if OBJECT in changed else []
    if changed - {OBJECT}:
        notes.append("The recipe was made with other pictures beside the exemplar.")
    return exemplar, replace(recipe, pictures=tuple(sorted(reader.found.items()))), notes


class _Reader:
    """Reads pictures and keeps the digests of what they were."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self.found: dict[str, str] = dict(found)

    def read(self, role: str, path: Path) -> Picture:
        picture = pictures.read(path)
        self.found[role] = picture.digest()
        return picture

    def read_maps(self, role: str, files: Mapping[str, Path]) -> dict[str, Picture]:
        maps = {id: pictures.read(path) for id, path in files.items()}
        self.found[role] = digest_maps(maps)
        return maps


def _check(companions: Companions, recipe: Recipe, found: Mapping[str, str]) -> None:
    if companions.mask and companions.mix:
        raise BadInput("Regions and a mixture do not go together: choose one of the two.", "mask")
    if companions.blend and len(companions.mix) != 1:
        raise BadInput("A blend map lies between two exemplars: give one more to mix with.", "mix")
    if companions.flow and OBJECT not in found:
        raise BadInput("A flow map turns a texture on an object: give the object too.", "object")
    if companions.scale_map and OBJECT not in found:
        raise BadInput("A scale map is for a texture on an object: give the object too.", "object")
    if (companions.target_mask or companions.regions or companions.parts) and not companions.mask:
        raise BadInput("There are no regions without a mask of the exemplar: give one.", "mask")
    if recipe.model == "regions" and not companions.mask:
        raise BadInput(
            "The model “regions” needs to know the regions: give a mask of the exemplar.", "mask"
        )
    if recipe.mix and len(recipe.mix) != len(companions.mix):
        raise BadInput(
            f"The recipe mixes in {len(recipe.mix)} more, and there are {len(companions.mix)}: "
            "give as many.",
            "mix",
        )
    given = {
        "start": companions.start,
        "blend": companions.blend,
        "mask": companions.mask,
        "target mask": companions.target_mask,
        "repair": companions.repair,
        "keep": companions.keep,
        "flow": companions.flow,
        "scale map": companions.scale_map,
        **{f"region {label}": path for label, path in companions.regions.items()},
    }
    if OBJECT in dict(recipe.pictures) and OBJECT not in found:
        raise BadInput(
            "The recipe is of a texture on an object: give the object (texcore surface)."
        )
    for role, _ in recipe.pictures:
        needed = (
            role != OBJECT
            and not role.startswith("mix ")
            and (role != "start" or recipe.init == "picture")
        )
        if needed and not given.get(role):
            raise BadInput(f"The recipe was made with a picture for “{role}”: give it again.")


def _masked(
    companions: Companions, stack: Stack, exemplar: Exemplar, recipe: Recipe, reader: _Reader
) -> tuple[Exemplar, Recipe]:
    assert companions.mask is not None
    picture = reader.read("mask", companions.mask)
    mask = read_mask(picture, companions.mask.name)
    target = mask
    if companions.target_mask:
        picture = reader.read("target mask", companions.target_mask)
        target = read_mask(picture, companions.target_mask.name, mask)
    h, w = exemplar.image.shape[-2:]
    rows, columns = mask.shares.shape[-2:]
    if abs(rows * w / (columns * h) - 1) > _SKEW:
        raise BadInput(
            f"“{companions.mask.name}” has {columns} × {rows} pixels and the exemplar {w} × {h}: "
            "a mask has the exemplar's proportions."
        )
    chosen = {_index(label, mask): (label, files) for label, files in companions.regions.items()}
    own = scaled_to(torch.from_numpy(mask.shares), h, w).clamp(0, 1)
    regions = []
    for number in range(len(mask.colours)):
        place = torch.from_numpy(target.shares[number : number + 1])
        if not bool((place > 0.5).any()):
            continue
        if number in chosen:
            label, files = chosen[number]
            maps = reader.read_maps(f"region {label}", files)
            source = Source(stack.encode(maps, f"region {label}"))
        else:
            source = Source(exemplar.image, mask=own[number : number + 1])
        regions.append(Region((source,), place))
    if companions.parts:
        _write_parts(companions.parts, stack, exemplar.image, own, mask)
    if recipe.init == "auto" and companions.target_mask:
        recipe = replace(recipe, init="noise")
    if recipe.model == "regions" and recipe.init_strength is None and not chosen:
        recipe = replace(recipe, init_strength=1.0 if recipe.init == "noise" else _OWN_NOISE)
    return replace(exemplar, regions=tuple(regions)), recipe


def _index(label: str, mask: LabelledMask) -> int:
    """The region of that label, its colour or its number from dark to light.

    Raises:
        BadInput: There is none.
    """
    if label.lower() in mask.labels:
        return mask.labels.index(label.lower())
    if label.isdecimal() and int(label) < len(mask.labels):
        return int(label)
    listed = ", ".join(f"{i} ({name})" for i, name in enumerate(mask.labels))
    raise BadInput(f"The mask has no region “{label}”: it has {listed}.")


def _write_parts(
    folder: Path, stack: Stack, image: Tensor, shares: Tensor, mask: LabelledMask
) -> None:
    """Each region of the exemplar as a picture, with what does not belong to it transparent."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise BadInput(f"The folder “{folder}” cannot be made ({explain(e)}).") from None
    (_, picture), *_ = stack.previews(image)
    shown = picture.pixels
    shown = shown[:-1] if len(shown) in (2, 4) else shown
    for number, label in enumerate(mask.labels):
        pixels = np.concatenate([shown, shares[number : number + 1].numpy()])
        part = Picture(np.ascontiguousarray(pixels), "uint8")
        pictures.write(folder / f"part-{number}-{label[1:]}.png", part)
