"""``doctor``: what is here, what is missing, what mends it."""

from __future__ import annotations

import argparse


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser("doctor", help="what is here, what is missing, what mends it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the report; returns the exit status, 1 where something is missing."""
    from ..service.doctor import examine

    report = examine()
    print("\n".join(report.lines))
    print("ready" if report.ready else "not ready")
    return 0 if report.ready else 1
