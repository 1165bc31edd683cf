"""Blender in its window, which ``build.py test --desktop`` provides in ``TEXCORE_DESKTOP``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tools import console, desktop

ROOT = Path(__file__).parent.parent.parent
INSIDE = Path(__file__).parent / "inside"
CHECKS = ROOT / "tests" / "blender" / "inside"  #: whose helpers serve here too
SECONDS = 1800  # only against hanging for ever


@pytest.fixture(scope="session")
def run_in_window():
    """Runs a script of ``inside/`` in Blender's window; returns what it writes down as JSON."""
    words = os.environ.get("TEXCORE_DESKTOP")
    if not words:
        pytest.skip("no Blender with a window: “build.py test --desktop” provides one, if it can")
    blender = desktop.from_words(words)
    python = Path(os.environ["TEXCORE_ENGINE_PYTHON"])
    zip_ = Path(os.environ["TEXCORE_ZIP"])

    def run(script: str) -> dict:
        # Not pytest's own folder, whose path is too long for some sockets.
        with tempfile.TemporaryDirectory(prefix="texcore-desktop-") as name:
            folder = Path(name)
            seen = [ROOT, folder, python.parent.parent, Path(sys.base_prefix), zip_.parent]
            seen += [Path(os.environ[v]) for v in ("TEXCORE_HOME",) if v in os.environ]
            seen += _homes(python)
            command = blender.command(
                folder / "screen",
                seen,
                *("--factory-startup", "--enable-event-simulate", "--python-use-system-env"),
                *("--python", str(INSIDE / script)),
            )
            env = {
                **console.environment(desktop.environment(folder)),
                "TEXCORE_PYTHON": str(python),
                "TEXCORE_ZIP": str(zip_),
                "TEXCORE_TEST_FOLDER": str(folder),
                "TEXCORE_SCREEN": str(folder / "screen" / "Xvfb_screen0"),
                "PYTHONPATH": os.pathsep.join(str(f) for f in (INSIDE, CHECKS)),
                "OMP_NUM_THREADS": "1",
            }
            done = subprocess.run(
                [str(word) for word in command],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=SECONDS,
            )
            results = folder / "results.json"
            assert results.exists(), f"ended with {done.returncode}: {done.stdout[-5000:]}"
            return json.loads(results.read_text("utf-8"))

    return run


def _homes(python: Path) -> list[Path]:
    """Where an interpreter and its packages really lie, which a link may lead to."""
    code = "import sys; print(sys.base_prefix); print(*sys.path, sep='\\n')"
    said = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    return [Path(line) for line in said.stdout.splitlines() if line and Path(line).is_dir()]
