"""Blender in its window, which ``build.py test --desktop`` provides in ``TEXCORE_DESKTOP``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tools import desktop

ROOT = Path(__file__).parent.parent.parent
INSIDE = Path(__file__).parent / "inside"
CHECKS = ROOT / "tests" / "blender" / "inside"  #: whose helpers serve here too


@pytest.fixture(scope="session")
def run_in_window():
    """Runs a script of ``inside/`` in Blender's window; returns what it writes down as JSON."""
    words = os.environ.get("TEXCORE_DESKTOP")
    if not words:
        pytest.skip("no Blender with a window: “build.py test --desktop” provides one, if it can")
    blender = desktop.from_words(words)
    python = Path(os.environ["TEXCORE_ENGINE_PYTHON"])
    zip_ = Path(os.environ["TEXCORE_ZIP"])

    def run(script: str, size: tuple[int, int] = desktop.SCREEN) -> dict:
        # Not pytest's own folder, whose path is too long for some sockets.
        with tempfile.TemporaryDirectory(prefix="texcore-desktop-") as name:
            return blender.run_script(
                INSIDE / script,
                Path(name),
                [ROOT, zip_.parent, *desktop.list_engine_folders(python)],
                {
                    "TEXCORE_PYTHON": str(python),
                    "TEXCORE_ZIP": str(zip_),
                    "PYTHONPATH": os.pathsep.join(str(f) for f in (INSIDE, CHECKS)),
                    "OMP_NUM_THREADS": "1",
                },
                ["--enable-event-simulate"],
                size,
            )

    return run
