"""Run with ``python -m texcore``."""

import os
import sys

# Before torch is imported: idle threads shall sleep soon, not spin. Where something else needs the
# processor too, and Blender does, spinning makes the engine several times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
