"""The built extension in throwaway profiles of every Blender there is.

``build.py test`` says what there is: ``TEXCORE_BPY`` (``version=python`` pairs, joined by
``os.pathsep``), ``TEXCORE_ZIP`` and ``TEXCORE_ENGINE_PYTHON``.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

INSIDE = Path(__file__).parent / "inside"
VERSIONS = ("4.2.23", "4.5.15", "5.0.1", "5.2.3")
SECONDS = 240


@dataclass
class Blender:
    """One Blender with the extension installed."""

    version: str
    python: Path
    environment: dict[str, str] = field(repr=False)

    def command(self, script: str, *words: str) -> list[str]:
        return [str(self.python), "-Xfaulthandler", "-Wignore", str(INSIDE / script), *words]

    def run(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(script, *words),
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
        )


def pythons() -> dict[str, Path]:
    """Path of the Python with each version of bpy."""
    pairs = (pair.split("=", 1) for pair in os.environ.get("TEXCORE_BPY", "").split(os.pathsep))
    return {version: Path(python) for version, python in (p for p in pairs if len(p) == 2)}


@pytest.fixture(scope="session", params=VERSIONS)
def blender(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Blender:
    """Each Blender, with the zip installed as an artist would install it."""
    python = pythons().get(request.param)
    if python is None:
        pytest.skip(f"Blender {request.param} is not in TEXCORE_BPY: “build.py test” provides it")
    home = tmp_path_factory.mktemp(f"profile-{request.param}")
    environment = {
        **os.environ,
        "BLENDER_USER_RESOURCES": str(home / "blender"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "TEXCORE_PYTHON": os.environ["TEXCORE_ENGINE_PYTHON"],
        "OMP_NUM_THREADS": "1",
    }
    blender = Blender(request.param, python, environment)
    done = blender.run("install.py", os.environ["TEXCORE_ZIP"])
    assert done.returncode == 0, done.stdout
    return blender
