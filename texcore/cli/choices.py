"""Options with a fixed set of answers, each with its own line of help."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..contract.recipe import Choice


def add_choice(parser: argparse._ActionsContainer, name: str, choices: Sequence[Choice]) -> None:
    """Add ``--name`` with these answers.

    It has no default: what is not given comes from a recipe.
    """
    parser.add_argument(
        f"--{name}",
        choices=[c.id for c in choices],
        help="; ".join(f"{c.id}: {c.description}" for c in choices),
    )
