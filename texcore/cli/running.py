"""What the verbs have in common that make a texture by a network: where, with which, how told."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.choices import DEVICES
from ..contract.errors import BadInput
from ..contract.recipe import Recipe

if TYPE_CHECKING:
    from ..contract.jobs import Made

# What makes a texture of each form.
_VERBS = {"flat": "synthesize", "object": "surface", "solid": "solid"}


def add_running_options(parser: argparse.ArgumentParser) -> None:
    """Add the device, the network's weights, going on after a break, and the progress bar."""
    add_network_options(parser)
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint of a run cut short"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


def make_recipe(
    options: argparse.Namespace, form: str, settings: dict[str, Any], several: bool = False
) -> Recipe:
    """Make the recipe of a run: the one given, if any, with what was given besides.

    Args:
        options: Of the command line, with ``recipe``, ``weights`` and ``output``.
        form: Of what will be made: flat, object or solid.
        settings: Those given, by name.
        several: Whether it is of several maps.

    Raises:
        BadInput: See `_read_recipe`.
    """
    from .. import pictures

    recipe = _read_recipe(options.recipe, form)
    if options.weights != "auto":
        recipe = replace(recipe, network="")
    # The recipe of a PNG goes into an EXR too; and each map has a depth of its own, the recipe of
    # one says nothing of the others.
    if several or not pictures.holds(options.output, recipe.bit_depth):
        recipe = replace(recipe, bit_depth="auto")
    if form != "flat":
        recipe = replace(recipe, even=Recipe.even)  # which only flat textures can be
    return replace(recipe, **settings)


def note_given(options: argparse.Namespace, made: Made) -> list[str]:
    """Say how the photo was taken, and what of a recipe the texture was not made with."""
    from .. import pictures

    given = pictures.read_recipe(options.recipe) if options.recipe else Recipe()
    notes = []
    if options.exemplar is not None and pictures.is_turned(options.exemplar):
        notes.append(
            f"“{options.exemplar.name}” is marked as turned by its camera (EXIF) and was taken as "
            "it is stored, as Blender does: save it upright first if up and down matter."
        )
    if given.network not in ("", made.network):
        notes.append(f"The recipe was made with the network {given.network}.")
    if given.even and not made.first.recipe.even and made.first.recipe.form != "flat":
        notes.append("The recipe evens out what stands out, which is done to flat textures only.")
    return notes


def _read_recipe(path: Path | None, form: str) -> Recipe:
    """Read the recipe that is given; the usual one if none is.

    Args:
        path: Of a texture or a JSON file; None if there is none.
        form: Of what will be made of it: flat, object or solid. What was made flat says how to
            make any.

    Raises:
        BadInput: There is no recipe, or it is one of another form.
    """
    from .. import pictures

    recipe = pictures.read_recipe(path) if path else Recipe()
    if path and recipe.form not in ("flat", form):
        verb = _VERBS[recipe.form]
        raise BadInput(f"“{path.name}” is of another kind: give its recipe to “texcore {verb}”.")
    return recipe


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add the device and the network's weights."""
    parser.add_argument(
        "--device", choices=DEVICES, default="auto", help="what computes (default: auto)"
    )
    parser.add_argument(
        "--weights",
        default="auto",
        metavar="auto|vgg19|vgg16|random|FILE",
        help="the network (default: auto)",
    )
