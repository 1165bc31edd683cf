"""Options that name pictures beside the exemplar."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from ..contract import map_names
from ..contract.errors import BadInput
from ..contract.files import safely
from ..contract.jobs import Companions
from ..contract.map_kinds import PICTURE
from ..contract.options import Groups
from ..contract.weighted import checked_weight
from . import map_options


def add(parser: argparse.ArgumentParser, groups: Groups) -> None:
    """Add them, in groups of their own; ``groups`` holds those that there are."""
    groups["start"].add_argument(
        "--init", metavar="noise|uniform|FILE", help="what to start from (default: the model's)"
    )
    group = parser.add_argument_group("several exemplars")
    group.add_argument(
        "--mix",
        action="append",
        default=[],
        metavar="FILE[:WEIGHT]",
        help="a texture between the exemplar, of weight 1, and this; repeatable",
    )
    group.add_argument(
        "--blend",
        type=Path,
        metavar="MAP",
        help="instead one beside the other: black the exemplar, white the one of --mix",
    )
    group = parser.add_argument_group("repairing")
    group.add_argument(
        "--repair",
        type=Path,
        metavar="MASK",
        help="make anew only what is white in it; all else stays bit for bit",
    )
    group.add_argument(
        "--keep", type=Path, metavar="MASK", help="the opposite: what is white in it stays"
    )
    group = parser.add_argument_group("regions")
    group.add_argument(
        "--mask",
        type=Path,
        metavar="auto|MASK",
        help="the exemplar's regions, a colour each; auto finds two, or things, and writes "
        "OUT.mask.png",
    )
    group.add_argument(
        "--target-mask", type=Path, metavar="MASK", help="the result's (default: the exemplar's)"
    )
    group.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="LABEL=PICTURE",
        help="a region's texture from another picture; its label is its colour, #rrggbb, or its "
        "number from dark to light; repeatable",
    )
    group.add_argument(
        "--parts", type=Path, metavar="DIR", help="write the exemplar's regions, cut out, there"
    )


def read(options: argparse.Namespace) -> tuple[Companions, dict[str, Any]]:
    """Return the pictures that were given, and what of them belongs into a recipe.

    Where all maps of a material are made, a folder of maps stands for a picture.

    Raises:
        BadInput: A text is not of its option's form, or a folder holds no maps.
    """
    settings: dict[str, Any] = {}
    start: dict[str, Path] = {}
    if options.init in ("noise", "uniform"):
        settings["init"] = options.init
    elif options.init is not None:
        start = _read_maps(options, Path(options.init))
        settings["init"] = "picture"
    mix = [_weighted(text) for text in options.mix]
    # With none given, a recipe's own stay.
    if any(weight is not None for _, weight in mix):
        settings["mix"] = tuple(1.0 if weight is None else weight for _, weight in mix)
    regions = {}
    for text in options.region:
        label, equals, path = text.partition("=")
        if not equals or not label or not path:
            raise BadInput(f"“{text}” names no region's picture: use LABEL=PICTURE.")
        regions[label] = _read_maps(options, Path(path))
    companions = Companions(
        start=start,
        mix=[_read_maps(options, path) for path, _ in mix],
        blend=options.blend,
        mask=options.mask,
        target_mask=options.target_mask,
        regions=regions,
        parts=options.parts,
        repair=options.repair,
        keep=options.keep,
    )
    return companions, settings


def _read_maps(options: argparse.Namespace, path: Path) -> dict[str, Path]:
    """A picture that stands for the exemplar, or a folder of maps that stands for all of its."""
    if safely(path.is_dir):
        return dict(map_names.find(path).maps)
    return {"base_color" if map_options.ask_for_maps(options) else PICTURE: path}


def _weighted(text: str) -> tuple[Path, float | None]:
    """``FILE`` or ``FILE:WEIGHT``; a colon may also be in the file's own name."""
    found = re.fullmatch(r"(.+):(\d+\.?\d*|\.\d+)", text)
    if found and not safely(Path(text).exists):
        return Path(found[1]), checked_weight(float(found[2]), "picture")
    return Path(text), None
