"""Run the papers' experiments and write their figures; ``build.py papers`` runs this.

Figures and tables are written of the parts that are asked for; all others stay as they are.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from . import composing
from .experiment import Experiment, Part
from .parts import PARTS
from .running import Cache, make_all


def main() -> int:
    """Run what is asked for, then write the figures of all that there is."""
    parser = argparse.ArgumentParser(prog="papers", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help=f"of {', '.join(PARTS)}; or one of its runs, as gatys/beach-pool4",
    )
    parser.add_argument("--quick", action="store_true", help="half the side, 100 evaluations")
    parser.add_argument("--compose", action="store_true", help="run nothing")
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR")
    given = parser.parse_args()
    # Stopped from outside it clears its unfinished run away, as it does for Ctrl+C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        chosen = [choose(words) for words in given.parts or PARTS]
    except ValueError as e:
        print(e, file=sys.stderr)
        return 2
    cache, failed = Cache(given.cache.absolute()), 0
    if not given.compose:
        try:
            failed = make_all(cache, chosen, given.quick)
        except KeyboardInterrupt:
            print("Stopped; the same command goes on from here.")
            return 130
    for path in composing.write_all(cache, [part for part, _ in chosen]):
        print(f"wrote {path}")
    if failed:
        print(f"{failed} experiments were not made; the same command tries them again.")
    return min(failed, 1)


def choose(words: str) -> tuple[Part, tuple[Experiment, ...]]:
    """Give the part, and the experiments of it, that a word of the command line means.

    Raises:
        ValueError: There is none of that name.
    """
    name, _, one = words.partition("/")
    if name not in PARTS:
        raise ValueError(f"There is no part “{name}”: use {', '.join(PARTS)}.")
    part = PARTS[name]
    chosen = tuple(e for e in part.experiments if one in ("", e.name))
    if not chosen:
        names = ", ".join(e.name for e in part.experiments)
        raise ValueError(f"There is no run “{one}” in {name}: use one of {names}.")
    return part, chosen


if __name__ == "__main__":
    sys.exit(main())
