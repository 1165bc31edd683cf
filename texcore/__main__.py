"""Run with ``python -m texcore``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
