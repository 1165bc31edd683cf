"""The built extension in throwaway profiles of every Blender there is.

``build.py test`` says what there is: ``TEXCORE_BPY`` (``version=python`` pairs, joined by
``os.pathsep``), ``TEXCORE_ZIP`` and ``TEXCORE_ENGINE_PYTHON``.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

INSIDE = Path(__file__).parent / "inside"
VERSIONS = ("4.2.23", "4.5.15", "5.0.1", "5.2.3")
#: Modules of checks that tell of Python and the system, not of Blender: pipes, threads, programs.
OF_PYTHON = ("channel", "remote", "setting_up")
#: For a script, or a check of those that one Blender runs. Only against hanging for ever.
SECONDS = 240


@dataclass
class Blender:
    """One Blender with the extension installed."""

    version: str
    python: Path
    environment: dict[str, str] = field(repr=False)

    def command(self, script: str, *words: str) -> list[str]:
        return [str(self.python), "-Xfaulthandler", "-Wignore", str(INSIDE / script), *words]

    def run(
        self, script: str, *words: str, seconds: float = SECONDS
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(script, *words),
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
        )

    def outcomes(self, checks: Sequence[str], folder: Path) -> dict[str, tuple[str, float]]:
        """What went wrong in each check, or nothing, and its seconds.

        One Blender runs them all. If it does not survive a check, or a check has no end, another
        one goes on with the next.
        """
        seen: dict[str, tuple[str, float]] = {}
        while left := [check for check in checks if check not in seen]:
            path = folder / f"after-{len(seen)}.jsonl"
            words = (str(path), str(SECONDS), *left)
            done = self.run("run.py", *words, seconds=SECONDS * (len(left) + 1))
            assert path.exists(), f"ended with {done.returncode}: {done.stdout[-5000:]}"
            for line in path.read_text("utf-8").splitlines():
                name, said, seconds = json.loads(line)
                seen[name] = said, seconds
            fatal = next((check for check in left if check not in seen), None)
            if fatal is not None:
                said = f"Blender ended with {done.returncode} in it: {done.stdout[-5000:]}"
                seen[fatal] = said, 0.0
        return seen


def pythons() -> dict[str, Path]:
    """Path of the Python with each version of bpy."""
    pairs = (pair.split("=", 1) for pair in os.environ.get("TEXCORE_BPY", "").split(os.pathsep))
    return {version: Path(python) for version, python in (p for p in pairs if len(p) == 2)}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, unless they are asked for, what Blenders between the first and the last repeat."""
    if config.option.keyword:
        return
    between = [f"[{version}-{module}." for version in VERSIONS[1:-1] for module in OF_PYTHON]
    left_out = [item for item in items if any(name in item.nodeid for name in between)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


class OneProcessForEachBlender(LoadScopeScheduling):
    """Several Blenders side by side, the tests of each after one another in one process.

    xdist's own groups do nothing under pytest 9.2, which keeps the names of tests elsewhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        versions = [version for version in VERSIONS if f"[{version}" in nodeid]
        return versions[0] if versions else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return OneProcessForEachBlender(config, log)


@pytest.fixture(scope="session", params=VERSIONS)
def blender(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Blender:
    """Each Blender, with the zip installed as an artist would install it."""
    python = pythons().get(request.param)
    if python is None:
        pytest.skip(f"Blender {request.param} is not in TEXCORE_BPY: “build.py test” provides it")
    return install(request.param, python, tmp_path_factory.mktemp(f"profile-{request.param}"))


def install(version: str, python: Path, home: Path) -> Blender:
    """Make a profile in a folder, and install the zip there as an artist would."""
    (home / "temporary").mkdir()
    environment = {
        **os.environ,
        # What the checks, Blender and the engine leave goes where pytest clears it away.
        "TMPDIR": str(home / "temporary"),
        "BLENDER_USER_RESOURCES": str(home / "blender"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "TEXCORE_PYTHON": os.environ["TEXCORE_ENGINE_PYTHON"],
        "OMP_NUM_THREADS": "1",
    }
    blender = Blender(version, python, environment)
    done = blender.run("install.py", os.environ["TEXCORE_ZIP"])
    assert done.returncode == 0, done.stdout
    return blender
