"""Finding a Blender: an installed one, or the bpy wheel in an environment of its own."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .console import Command, Failure, note, run, step
from .environments import Environment, find_python, with_pip

OLDEST = (4, 2)

#: The bpy wheels the extension is tested with, and the one Python each of them runs on. The
#: demonstration takes the last one whose Python is there.
WHEELS = {"4.2.23": "3.11", "4.5.15": "3.11", "5.2.3": "3.13", "5.0.1": "3.11"}


@dataclass(frozen=True)
class Blender:
    """A Blender that can run scripts.

    Attributes:
        version: Such as ``5.0.1``.
        program: Blender itself, or a Python that has the bpy wheel.
        is_wheel: Which of the two.
    """

    version: str
    program: Path
    is_wheel: bool

    def script(self, path: Path, *words: str) -> Command:
        """The command that runs a script with these words behind it, with default settings."""
        if self.is_wheel:
            return [self.program, "-W", "ignore::DeprecationWarning", path, *words]
        start: Command = [
            self.program,
            "--background",
            "--factory-startup",
            "--python-exit-code",
            "1",
        ]
        return [*start, "--python", path, "--", *words]

    def extension_tool(self, *words: str) -> Command:
        """The command that runs Blender's own tool for building and checking extensions."""
        if not self.is_wheel:
            return [self.program, "--factory-startup", "--command", "extension", *words]
        pattern = "**/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
        tools = sorted(self.program.parent.parent.glob(pattern))
        if not tools:
            raise Failure(f"The bpy wheel of {self.program} has no extension tool; remove it.")
        return [self.program, tools[0], *words]


@contextmanager
def profile() -> Iterator[dict[str, str]]:
    """The variables of a throwaway profile, so that nobody's own settings are read or changed."""
    with TemporaryDirectory(prefix="texcore-profile-", ignore_cleanup_errors=True) as folder:
        yield {"BLENDER_USER_RESOURCES": folder}


def find() -> Blender:
    """``$BLENDER``, else ``blender`` on the path, else the bpy wheel.

    Raises:
        Failure: ``$BLENDER`` is no usable Blender, or nothing could be had.
    """
    with step("Blender"):
        blender = installed() or newest_wheel()
        note(f"Blender {blender.version}: {blender.program}")
    return blender


def newest_wheel() -> Blender:
    """The bpy wheel for a Python on this machine, the running one first.

    Raises:
        Failure: No Python here has a bpy wheel, or it could not be installed.
    """
    version = pick(_running(), {python for python in WHEELS.values() if find_python(python)})
    return wheel(version)


def pick(running: str, present: set[str]) -> str:
    """The version of the bpy wheel to take.

    Args:
        running: Version of the Python that runs this, such as ``3.11``.
        present: Versions of all Pythons on this machine that bpy has a wheel for.

    Raises:
        Failure: None fits.
    """
    for wanted in ({running}, present):
        for version, python in reversed(WHEELS.items()):
            if python in wanted:
                return version
    needed = " or ".join(sorted(set(WHEELS.values())))
    raise Failure(
        f"No Blender found: install one from {OLDEST[0]}.{OLDEST[1]} on, or name it in $BLENDER,"
        f" or install Python {needed}, for which there is the bpy wheel."
    )


def wheel(version: str) -> Blender:
    """The bpy wheel of this version, installed in an environment of its own if it is not yet.

    Raises:
        Failure: Its Python is missing, or it could not be installed.
    """
    python = find_python(WHEELS[version])
    if python is None:
        raise Failure(f"Blender {version} needs Python {WHEELS[version]}, which is not here.")
    environment = Environment(f"bpy-{version}", (f"bpy=={version}",), python)
    return Blender(version, environment.ensure(with_pip), is_wheel=True)


def parse_version(text: str) -> str:
    """The version in what ``blender --version`` prints; empty if it is something else's."""
    found = re.search(r"^Blender (\d+\.\d+(?:\.\d+)?)", text, re.MULTILINE)
    return found.group(1) if found else ""


def installed() -> Blender | None:
    """``$BLENDER``, else ``blender`` on the path; None if there is none that is new enough.

    Raises:
        Failure: ``$BLENDER`` is no usable Blender.
    """
    named = os.environ.get("BLENDER")
    program = named or shutil.which("blender")
    if not program:
        return None
    try:
        version = parse_version(run([program, "--version"], doing=f"asking {program}", timeout=60))
    except Failure:
        if named:
            raise
        version = ""
    if version and tuple(int(n) for n in version.split(".")[:2]) >= OLDEST:
        return Blender(version, Path(program), is_wheel=False)
    what = f"Blender {version}" if version else "no Blender"
    if named:
        raise Failure(f"$BLENDER is {what}: {OLDEST[0]}.{OLDEST[1]} or newer is needed.")
    note(f"{program} is {what}, {OLDEST[0]}.{OLDEST[1]} or newer is needed; taking the bpy wheel.")
    return None


def _running() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
