"""Run with ``python -m texcore``."""

import sys

from .runtime.threads import wait_politely

wait_politely()

from .cli import main  # noqa: E402 – may import torch

if __name__ == "__main__":
    sys.exit(main())
