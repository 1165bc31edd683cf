"""``python -m texcore.link HOST``: an engine on another computer, as if it were beside Blender."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..contract.errors import TexcoreError
from ..contract.hosts import check_host
from .relay import Relay
from .setting_up import set_up


def main(arguments: Sequence[str] | None = None) -> int:
    """Pass messages on, or set the engine up; returns 0, 1 if that failed, 2 for no such host."""
    parser = argparse.ArgumentParser(prog="texcore.link", description=__doc__)
    parser.add_argument("host", help="the other computer, as ssh knows it")
    parser.add_argument("--set-up", type=Path, metavar="PACKAGE", help="with this engine_setup")
    parser.add_argument("--requirements", type=Path, help="for --set-up: what the engine needs")
    parser.add_argument("--place", type=Path, help="for --set-up: a folder for how far it is")
    given = parser.parse_args(arguments)
    try:
        host = check_host(given.host)
    except TexcoreError as e:
        sys.stderr.write(f"{e}\n")
        return 2
    if given.set_up is not None:
        brought = {"engine_setup": given.set_up, "requirements.txt": given.requirements}
        return set_up(host, brought, given.place)
    status = Relay(host, sys.stdin.buffer, sys.stdout.buffer).run()
    sys.stdout.flush()
    # A thread may be waiting for the client's next line; nobody waits for it.
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
