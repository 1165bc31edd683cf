"""A Python for the engine: one that uv fetches, or one of this computer; never Blender's own."""

from __future__ import annotations

import glob
import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .place import Failed
from .programs import Programs
from .uv import IMPATIENT

#: The one that uv fetches; uv, which is checked by its own hash, knows that of each build of it.
FETCHED = "3.12.16"
OLDEST, NEWEST = (3, 10), (3, 14)  #: those that PyTorch has builds for
_ASK_SECONDS = 20

_ABOUT = (
    "import sys, struct, json, venv, ensurepip;"
    "print(json.dumps([*sys.version_info[:2], struct.calcsize('P')]))"
)


def provide(programs: Programs, uv: Path | None, anew: bool = False) -> Path:
    """A Python to make the environment with: uv's own, else one of this computer.

    Args:
        programs: Runs uv, and asks Pythons.
        uv: Its program; None if there is none.
        anew: Fetch uv's own though it is there. The old one stays until the new one is unpacked:
            an environment that is in use runs on it.

    Raises:
        Failed: There is none.
    """
    if uv is not None:
        try:
            find = [str(uv), "python", "find", "--managed-python", FETCHED]
            if anew or not programs.answers(find):
                again = ["--reinstall"] * anew
                install = [str(uv), "python", "install", "--no-bin", *again, FETCHED]
                programs.run(install, "fetching Python", IMPATIENT | {"UV_HTTP_TIMEOUT": "60"})
            said = programs.run(find, "looking for Python")
            return Path(said.strip().splitlines()[-1])
        except Failed as e:
            programs.note(f"{e} Going on with a Python of this computer.")
    found = next(candidates(programs), None)
    if found is None:
        wanted = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        raise Failed(
            f"No Python could be fetched, and none from {wanted} is on this computer: install one "
            "from python.org and try again, or choose a Python.",
            "python",
        )
    return found


def candidates(programs: Programs, version: tuple[int, int] | None = None) -> Iterator[Path]:
    """Pythons of this computer that really run and can make environments.

    Version managers leave a command for every version on the path, also for those that are switched
    off and end with an error: so each is asked.

    Args:
        programs: Runs them.
        version: The only one wanted; None: any that PyTorch has builds for.
    """
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    names = ["python3", "python", *(f"python3.{minor}" for minor in minors)]
    paths = [found for name in names if (found := shutil.which(name))]
    home = Path.home()
    windows = sys.platform == "win32"
    folders = [
        (os.environ.get("PYENV_ROOT") or home / ".pyenv", "versions/3.*/bin/python"),
        (home / ".local/share/uv/python", "cpython-3.*/bin/python"),
        ("/opt/homebrew/bin", "python3.*"),
        ("/Library/Frameworks/Python.framework/Versions", "3.*/bin/python3"),
    ]
    if windows:
        local = os.environ.get("LOCALAPPDATA", str(home / "AppData/Local"))
        folders = [
            (f"{local}/Programs/Python", "Python3*/python.exe"),
            ("C:/", "Python3*/python.exe"),
        ]
    for folder, pattern in folders:
        paths += sorted(glob.glob(str(Path(folder) / pattern)), reverse=True)  # noqa: PTH207
    for path in dict.fromkeys(paths):
        about = examine(programs, Path(path))
        if about is not None and version in (None, about):
            yield Path(path)


def examine(programs: Programs, path: Path) -> tuple[int, int] | None:
    """A Python's version, if an environment can be made with it."""
    try:
        said = programs.run(
            [path, "-I", "-c", _ABOUT], "asking it", seconds=_ASK_SECONDS, quiet=True
        )
        major, minor, pointer = json.loads(said.strip().splitlines()[-1])
    except (Failed, ValueError, IndexError):
        return None
    fits = OLDEST <= (major, minor) <= NEWEST and pointer == 8
    return (major, minor) if fits else None


def wheel_python(folder: Path) -> tuple[int, int]:
    """The Python that a folder's wheel of PyTorch is for.

    Raises:
        Failed: The folder has none for this computer.
    """
    system = {"linux": "linux", "darwin": "macosx", "win32": "win"}.get(sys.platform, "")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for wheel in sorted(folder.glob("torch-*.whl"), reverse=True):
        tags = re.search(r"-cp3(\d+)-cp3\d+t?-(.+)\.whl$", wheel.name)
        if tags and system in tags[2] and machine in tags[2].replace("amd64", "x86_64"):
            return 3, int(tags[1])
    raise Failed(
        f"The folder {folder} has no wheel of PyTorch for this computer: it must hold torch-….whl "
        "and the wheels of everything that the engine needs.",
        "wheels",
    )
