"""Run with ``python -m texcore``, or from anywhere with ``python FOLDER/texcore``."""

import sys
from pathlib import Path

if not __package__:
    # Python has put the package's own folder in front, whose modules nobody shall take for others.
    sys.path[0] = str(Path(__file__).absolute().parents[1])

from texcore.runtime.threads import wait_politely

wait_politely()

from texcore.cli import main  # noqa: E402 – may import torch

if __name__ == "__main__":
    sys.exit(main())
