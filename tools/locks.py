"""The lists of exact versions and hashes that the add-on's set-up installs from."""

from __future__ import annotations

import sys
from pathlib import Path

from texcore.contract.files import replacing

from .console import Command, Failure, note, run, step
from .engine import UV
from .environments import Environment, with_pip
from .project import ROOT, requirements

FOLDER = ROOT / "blender_addon" / "engine_setup" / "locks"
INDEX = "https://pypi.org/simple"  #: everybody's: a mirror has the same files, a company's more
OLDEST_PYTHON = "3.10"
HEADER = """\
# Made by “python3 build.py lock” from the ranges in pyproject.toml; for every system and Python.
"""


def lock() -> None:
    """Make the lists again, of the newest versions that fit; each whole or not at all.

    Raises:
        Failure: The package index cannot be reached, or has nothing that fits.
    """
    with step("Lists of exact versions and hashes"):
        uv = Environment("uv", UV, Path(sys.executable)).ensure(with_pip)
        _write(uv, "engine", requirements())
        _write(uv, "uv", ("uv>=0.9,<1",))


def _write(uv: Path, name: str, ranges: tuple[str, ...]) -> None:
    path = FOLDER / f"{name}.txt"
    with replacing(path) as unfinished:
        wanted = unfinished.with_suffix(".in")
        try:
            wanted.write_text("".join(f"{line}\n" for line in ranges), encoding="utf-8")
            command: Command = [
                *(uv, "-m", "uv", "pip", "compile", wanted, "--output-file", unfinished),
                *("--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"),
                *("--no-config", "--default-index", INDEX),
                *("--no-annotate", "--no-header", "--quiet"),
            ]
            run(command, doing=f"locking {name}")
        finally:
            wanted.unlink(missing_ok=True)
        text = unfinished.read_text(encoding="utf-8")
        if "--hash=sha256:" not in text:
            raise Failure(f"The package index gave no hashes for {name}: try again.")
        unfinished.write_text(HEADER + text, encoding="utf-8")
    note(str(path))
