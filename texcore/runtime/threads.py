"""How idle threads wait; said before torch is imported, so nothing of it may be imported here."""

from __future__ import annotations

import os


def wait_politely() -> None:
    """Idle threads shall sleep soon, not spin, unless the user wants it otherwise.

    Where something else needs the processor too, and Blender does, spinning makes the engine
    several times slower. Children inherit it.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
