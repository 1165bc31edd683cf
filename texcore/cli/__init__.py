"""The command line: ``python -m texcore``.

Every verb is a module of its own here, with ``add`` for its options and ``run`` for its work.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence

from .. import __version__
from ..contract.errors import Cancelled, TexcoreError
from . import (
    batch,
    derive,
    doctor,
    ladder,
    pack,
    segment,
    serve,
    solid,
    surface,
    synthesize,
    train,
    weights,
)
from .hints import add_hint

# In the order of the help.
_VERBS = (
    *(synthesize, surface, solid, batch, derive, pack, segment),
    *(ladder, train, doctor, weights, serve),
)

# 128 + SIGINT, as shells expect of an interrupted program.
_INTERRUPTED = 130
# 128 + SIGPIPE
_PIPE_CLOSED = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit status: 0 done, 1 failed, 2 wrong use, 130 stopped."""
    # A terminal or file that knows no “×” gets a question mark, not the end of the program.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    if options.run is not serve.run:
        # A polite kill cleans up as Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = int(options.run(options))
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Who read the output has seen enough; nothing more shall be written to it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except TexcoreError as e:
        print(f"texcore: {add_hint(e)}", file=sys.stderr)
        return _INTERRUPTED if isinstance(e, Cancelled) else 1
    except KeyboardInterrupt:
        print("\ntexcore: stopped; nothing was written.", file=sys.stderr)
        return _INTERRUPTED
    except ModuleNotFoundError as e:
        if (e.name or "").split(".")[0] == "texcore":
            raise
        print(
            f"texcore: the Python package {e.name} is missing. "
            "Run “python3 build.py setup” and use .venv/bin/python.",
            file=sys.stderr,
        )
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="texcore", description="Synthesise seamless textures from your own pictures."
    )
    parser.add_argument("--version", action="version", version=f"texcore {__version__}")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for verb in _VERBS:
        verb.add(verbs)
    return parser
