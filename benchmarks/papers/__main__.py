"""Run the papers' experiments and write their figures; ``build.py papers`` runs this."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from . import composing
from .parts import PARTS
from .running import Cache, make_all


def main() -> int:
    """Run what is asked for, then write the figures of all that there is."""
    parser = argparse.ArgumentParser(prog="papers", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="half the side, 100 evaluations")
    parser.add_argument("--compose", action="store_true", help="run nothing")
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR")
    given = parser.parse_args()
    # Stopped from outside it clears its unfinished run away, as it does for Ctrl+C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    unknown = [name for name in given.parts if name not in PARTS]
    if unknown:
        print(f"There is no part “{unknown[0]}”: use {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    cache, failed = Cache(given.cache.absolute()), 0
    if not given.compose:
        chosen = [PARTS[name] for name in given.parts or PARTS]
        try:
            failed = make_all(cache, chosen, given.quick)
        except KeyboardInterrupt:
            print("Stopped; the same command goes on from here.")
            return 130
    for path in composing.write_all(cache):
        print(f"wrote {path}")
    if failed:
        print(f"{failed} experiments were not made; the same command tries them again.")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
