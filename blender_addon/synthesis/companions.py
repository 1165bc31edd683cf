"""Pictures beside the exemplar: a second exemplar to mix in, and masks.

They are images of the file, chosen in the panel or named by a script, and go to the engine in the
same ways as the exemplar does. Masks lie over all maps; a second exemplar is one image for each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.jobs import Companions
from ..bundled.texcore.contract.map_kinds import get_kind
from ..bundled.texcore.contract.recipe import Recipe
from ..images import exchange
from ..nodes import maps, places
from .settings import Options

# The settings that name a mask, which the engine knows by the same names.
_MASKS = ("mask", "target_mask", "repair", "blend", "flow", "scale_map")


@dataclass(frozen=True)
class Beside:
    """The images beside the exemplar, by their ``session_uid``.

    Attributes:
        mix: The second exemplar: an image for each kind of map; empty for none.
        masks: By setting, of `_MASKS`; empty for none.
    """

    mix: dict[str, int] = field(default_factory=dict)
    masks: dict[str, int] = field(default_factory=dict)


def check_together(options: Options) -> None:
    """Check that what options name goes together; cheap enough for each redraw.

    Raises:
        BadInput: Regions are given for the result alone, a blend map for one exemplar, or regions
            for two.
    """
    if options.target_mask and not options.mask:
        raise BadInput("New regions need the exemplar's regions too: choose that mask as well.")
    if options.blend and not options.mix:
        raise BadInput("A Blend Map lies between two exemplars: choose one at Mix With, too.")
    if options.mix and options.mask:
        raise BadInput("A second exemplar and regions do not go together: choose one of the two.")


def find_companions(options: Options, kinds: Collection[str]) -> Beside:
    """Find the images that options name.

    Args:
        options: The names.
        kinds: Of the maps that are made; `map_kinds.PICTURE` for a picture by itself.

    Raises:
        BadInput: There is no such image, a second exemplar lacks a map, or they do not go together,
            see `check_together`.
    """
    check_together(options)
    masks = {name: getattr(options, name) for name in _MASKS}
    if not options.object:
        del masks["flow"], masks["scale_map"]  # they lie over an object
    found = {name: _get_image(image) for name, image in masks.items() if image}
    mix = _find_mix(_get_image(options.mix), kinds) if options.mix else {}
    return Beside(mix, {name: image.session_uid for name, image in found.items()})


def export_companions(beside: Beside, folder: Path) -> Companions:
    """Give the images to the engine, through files in a folder if need be."""
    mix = {kind: _export(uid, folder / f"mix {kind}") for kind, uid in beside.mix.items()}
    masks = {name: _export(uid, folder / name) for name, uid in beside.masks.items()}
    return Companions(
        mix=[mix] if mix else [],
        mask=masks.get("mask"),
        target_mask=masks.get("target_mask"),
        repair=masks.get("repair"),
        blend=masks.get("blend"),
        flow=masks.get("flow"),
        scale_map=masks.get("scale_map"),
    )


def remember_companions(made: Mapping[str, bpy.types.Image], beside: Beside) -> None:
    """Note on results, by kind of map, which pictures they were made with."""
    for kind, image in made.items():
        words = beside.masks | ({"mix": beside.mix[kind]} if kind in beside.mix else {})
        for name, uid in words.items():
            if (companion := places.find_image(uid)) is not None:
                image[f"texcore_{name}"] = companion


def read_companions(image: bpy.types.Image, recipe: Recipe) -> dict[str, Any]:
    """Return the options with which a result was made, as `settings.Options` names them.

    Raises:
        BadInput: One of the pictures is gone.
    """
    words: dict[str, Any] = {}
    for name in ("mix", *_MASKS):
        if f"texcore_{name}" in image:
            companion = image[f"texcore_{name}"]
            if not isinstance(companion, bpy.types.Image):
                raise BadInput(
                    f"“{image.name}” was made with a picture that is gone from the file."
                )
            words[name] = companion.name
    if "mix" in words and recipe.mix:
        words["mix_weight"] = recipe.mix[0]
    return words


def _get_image(name: str) -> bpy.types.Image:
    """Return the image with a name.

    Raises:
        BadInput: There is none.
    """
    image = places.get_named(bpy.data.images, name, "image")
    exchange.check_image(image)
    return image


def _find_mix(image: bpy.types.Image, kinds: Collection[str]) -> dict[str, int]:
    """Return the images of a second exemplar by kind of map: all those of its material.

    Raises:
        BadInput: No material with the image has a map of each kind.
    """
    if len(kinds) == 1:
        return dict.fromkeys(kinds, image.session_uid)
    for material in bpy.data.materials:
        try:
            found = {entry.kind: entry.uid for entry in maps.find_maps(material)}
        except BadInput:
            continue  # without an image, or linked from another file: no exemplar
        if image.session_uid in found.values() and found.keys() >= set(kinds):
            return {kind: found[kind] for kind in kinds}
    labels = ", ".join(get_kind(kind).label for kind in kinds)
    raise BadInput(
        f"“{image.name}” is in no material that has all maps to mix with ({labels}): choose an "
        "image of one that has."
    )


def _export(uid: int, folder: Path) -> Path:
    folder.mkdir()
    return exchange.export_image(places.get_image(uid), folder).path
