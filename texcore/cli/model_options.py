"""Options that choose a texture model and change it."""

from __future__ import annotations

import argparse
from typing import Any

from ..contract.errors import BadInput
from ..contract.recipe import CANVASES, MODELS, STATISTICS
from ..contract.weighted import parse_weight, parse_weights
from .choices import add_choice


def add(parser: argparse.ArgumentParser) -> None:
    """Add them, in a group of their own."""
    group = parser.add_argument_group("texture model")
    add_choice(group, "model", MODELS)
    group.add_argument(
        "--layers", metavar="L[=W],…", help="of the network, with weights: conv1_1,pool2=0.5"
    )
    group.add_argument(
        "--statistic",
        metavar="S[=W],…",
        help="; ".join(f"{c.id}: {c.description}" for c in STATISTICS),
    )
    group.add_argument(
        "--octaves", metavar="N|W,W,…", help="how many halvings, or a weight for each from the full"
    )
    group.add_argument(
        "--components",
        type=int,
        metavar="K",
        help="principal components that each layer's features are reduced to",
    )
    add_choice(group, "canvas", CANVASES)
    group.add_argument("--iterations", type=int, metavar="N", help="at each size of the canvas")


def given(options: argparse.Namespace) -> dict[str, Any]:
    """What was given of them, as settings of a recipe.

    Raises:
        BadInput: A text is not of its option's form.
    """
    plain = {
        name: getattr(options, name) for name in ("model", "canvas", "components", "iterations")
    }
    settings = {name: value for name, value in plain.items() if value is not None}
    if options.layers is not None:
        settings["layers"] = parse_weights(options.layers, "layer")
    if options.statistic is not None:
        settings["statistic"] = parse_weights(options.statistic, "statistic")
    if options.octaves is not None:
        settings["octaves"] = _octaves(options.octaves)
    return settings


def _octaves(text: str) -> tuple[float, ...]:
    if "," not in text:
        if not text.isdecimal() or not 1 <= int(text) <= 99:
            raise BadInput(f"“{text}” is no number of octaves: use one such as 5, or 1,1,0.5.")
        return (1.0,) * int(text)
    return tuple(parse_weight(part.strip(), "octave") for part in text.split(","))
