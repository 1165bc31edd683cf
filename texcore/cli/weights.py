"""``weights``: fetch the network's weights now."""

from __future__ import annotations

import argparse

from ..contract.errors import Unavailable
from .bar import Bar


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its argument."""
    parser = verbs.add_parser("weights", help="fetch the network's weights now")
    parser.set_defaults(run=run)
    parser.add_argument("choice", nargs="?", default="auto", metavar="auto|vgg19|vgg16|FILE")


def run(options: argparse.Namespace) -> int:
    """Fetch or find them and print the network's name; returns the exit status."""
    from ..features import weights

    bar = Bar()
    try:
        network, notes = weights.load(options.choice, bar.show)
    finally:
        bar.close()
    print(network.name)
    if weights.RANDOM_NOTE in notes:
        reasons = "; ".join(f"{name}: {why}" for name, why in weights.why_failed().items())
        raise Unavailable(f"No network's weights could be fetched ({reasons}). {notes[0]}")
    if notes and options.choice != "random":
        raise Unavailable(notes[0])
    return 0
