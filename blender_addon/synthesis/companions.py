"""Pictures beside the exemplar: a second exemplar to mix in, and masks of regions.

They are images of the file, chosen in the panel or named by a script, and go to the engine in the
same ways as the exemplar does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import bpy

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.recipe import Recipe
from ..images import exchange, marks


class Kind(NamedTuple):
    """A picture beside the exemplar: its setting, the label, and a line of plain words."""

    id: str
    label: str
    description: str


KINDS = (
    Kind("mix", "Mix With", "A second exemplar: the texture becomes something between the two"),
    Kind("mask", "Regions", "A colour for each region of the exemplar, each learnt for itself"),
    Kind(
        "target_mask",
        "New Regions",
        "Where each region shall be in the new texture; empty: as in the exemplar",
    ),
)
MIX_WEIGHT = "mix_weight"


def is_usable(image: bpy.types.Image) -> bool:
    """Whether an image can be chosen: not one of Blender's own or a preview."""
    return image.source in ("FILE", "GENERATED") and marks.meant(image) == image


def chosen(names: Mapping[str, str]) -> dict[str, bpy.types.Image]:
    """The images with these names, by setting; empty names are passed over.

    Raises:
        BadInput: There is no such image, or regions are given for the result alone.
    """
    found = {}
    for kind in KINDS:
        name = names.get(kind.id, "")
        if name and (image := bpy.data.images.get(name)) is None:
            raise BadInput(f"There is no image named “{name}”.")
        if name:
            exchange.check(image)
            found[kind.id] = image
    if "target_mask" in found and "mask" not in found:
        raise BadInput("New regions need the exemplar's regions too: choose that mask as well.")
    if "mix" in found and "mask" in found:
        raise BadInput("A second exemplar and regions do not go together: choose one of the two.")
    return found


def exported(found: Mapping[str, bpy.types.Image], folder: Path) -> dict[str, Any]:
    """The images as parameters of the request, through files in a folder if need be."""
    paths = {}
    for name, image in found.items():
        own = folder / name
        own.mkdir()
        paths[name] = str(exchange.export(image, own).path)
    if "mix" in paths:
        return {**paths, "mix": [paths["mix"]]}
    return dict(paths)


def remember(image: bpy.types.Image, found: Mapping[str, bpy.types.Image]) -> None:
    """Note on a result which pictures it was made with."""
    for name, companion in found.items():
        image[f"texcore_{name}"] = companion


def of_result(image: bpy.types.Image, recipe: Recipe) -> dict[str, Any]:
    """The options with which a result was made, as `synthesis.Options` names them.

    Raises:
        BadInput: One of the pictures is gone.
    """
    words: dict[str, Any] = {}
    for kind in KINDS:
        if f"texcore_{kind.id}" in image:
            companion = image[f"texcore_{kind.id}"]
            if not isinstance(companion, bpy.types.Image):
                raise BadInput(
                    f"“{image.name}” was made with a picture that is gone from the file."
                )
            words[kind.id] = companion.name
    if "mix" in words and recipe.mix:
        words[MIX_WEIGHT] = recipe.mix[0]
    return words
