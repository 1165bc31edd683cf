"""``python -m texcore.link HOST``: an engine on another computer, as if it were beside Blender."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ..contract.errors import TexcoreError
from .hosts import check_host
from .relay import Relay


def main(arguments: Sequence[str]) -> int:
    """Pass messages on; returns 0, or 2 for a host that is none."""
    try:
        (host,) = arguments
        checked = check_host(host)
    except ValueError:
        sys.stderr.write("Give the name of one computer, as ssh knows it.\n")
        return 2
    except TexcoreError as e:
        sys.stderr.write(f"{e}\n")
        return 2
    status = Relay(checked, sys.stdin.buffer, sys.stdout.buffer).run()
    sys.stdout.flush()
    # A thread may be waiting for the client's next line; nobody waits for it.
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
