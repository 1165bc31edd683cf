"""What the verbs have in common that make a texture by a network: where, with which, how told."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..contract.choices import DEVICES
from ..contract.errors import BadInput
from ..contract.recipe import Recipe

# What makes a texture of each form.
_VERBS = {"flat": "synthesize", "object": "surface", "solid": "solid"}


def add_running_options(parser: argparse.ArgumentParser) -> None:
    """Add the device, the network's weights, going on after a break, and the progress bar."""
    add_network_options(parser)
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint of a run cut short"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


def read_recipe(path: Path | None, form: str) -> Recipe:
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
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument(
        "--weights", default="auto", metavar="auto|vgg19|vgg16|random|FILE", help="the network"
    )
