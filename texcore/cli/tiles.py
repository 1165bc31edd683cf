"""The option for UDIM tiles."""

from __future__ import annotations

import argparse

from ..contract.errors import BadInput
from ..contract.udim import list_numbers


def add(parser: argparse.ArgumentParser) -> None:
    """Add the option: ``tiles`` is then the numbers of tiles, none for a texture in one piece."""
    parser.add_argument(
        "--tiles",
        type=_read,
        default=(),
        metavar="N|WxH",
        help="write UDIM tiles, so many across and up, each of the size asked for; OUT has <UDIM> "
        "where their numbers go",
    )


def _read(text: str) -> tuple[int, ...]:
    across, _, up = text.partition("x")
    try:
        return list_numbers(int(across), int(up or across))
    except (BadInput, ValueError) as e:
        said = str(e) if isinstance(e, BadInput) else f"“{text}” is no number of tiles: use 2x2"
        raise argparse.ArgumentTypeError(said) from None
