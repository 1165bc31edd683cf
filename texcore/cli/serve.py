"""``serve``: the engine as Blender's subprocess."""

from __future__ import annotations

import argparse


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser("serve", help="serve the Blender extension on stdin and stdout")
    parser.add_argument(
        "--remote",
        action="store_true",
        help="serve a client on another computer: files travel in the messages",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until stdin closes; returns the exit status."""
    if options.remote:
        from ..service.remote import serve_remote

        serve_remote()
    from ..service.server import serve

    return serve()
