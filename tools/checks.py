"""Every check there is: format, lint, types and tests, on every Blender that can be had."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import blenders, desktop, engine
from .blenders import Blender
from .console import Command, Failure, note, run_showing, say, step
from .environments import Environment, site_packages, with_pip
from .package import STAGE, make_zip
from .project import BUILD, ROOT, requirements


def test(words: Sequence[str], in_a_window: bool = False) -> None:
    """Set up whatever is missing, then run every check.

    Args:
        words: For pytest.
        in_a_window: Drive Blender's window too, where one can be had.

    Raises:
        Failure: A check found something, or what it needs could not be had.
    """
    engine_python = engine.set_up()
    engine.fetch_weights(engine_python)
    python = _test_environment(engine_python)
    with step("Blenders"):
        found = _all_wheels()
    env = {
        "TEXCORE_ZIP": str(make_zip(found[0], BUILD / "test")),
        "TEXCORE_ENGINE_PYTHON": str(engine_python),
        "TEXCORE_BPY": os.pathsep.join(f"{b.version}={b.program}" for b in found),
    }
    if in_a_window:
        try:
            env["TEXCORE_DESKTOP"] = desktop.to_words(desktop.find())
        except Failure as failure:
            note(f"NOT TESTED in a window: {failure}")
    checks: dict[str, Command] = {
        "format": ["ruff", "format", "--check", "."],
        "lint": ["ruff", "check", "."],
        "types": ["mypy", "--pretty"],
        "types of the extension": ["mypy", "--pretty", STAGE],
        "tests": ["pytest", *words],
    }
    failed = [name for name, check in checks.items() if not _passes(name, python, check, env)]
    if failed:
        raise Failure(f"Not passed: {', '.join(failed)}.")
    say("\nEverything passed.")


def _passes(name: str, python: Path, check: Command, env: Mapping[str, str]) -> bool:
    """Run one check and show what it says; the others run all the same."""
    with step(name.capitalize()):
        try:
            run_showing([python, "-m", *check], doing=f"checking {name}", env=env, cwd=ROOT)
        except Failure as failure:
            note(str(failure))
            return False
    return True


def _test_environment(engine_python: Path) -> Path:
    """The tools for testing, in front of the engine's own packages."""

    def install(environment: Environment) -> str:
        how = with_pip(environment)
        # A path file shows it the engine's packages: PyTorch is not installed twice.
        file = site_packages(environment.python) / "engine.pth"
        file.write_text(f"{site_packages(engine_python)}\n", encoding="utf-8")
        return how

    with step("Test environment"):
        tools = requirements("dev")
        return Environment("test", tools, engine_python, str(engine_python)).ensure(install)


def _all_wheels() -> list[Blender]:
    """Each bpy wheel that can be had, oldest first; one that cannot is named."""
    found = []
    for version in sorted(blenders.WHEELS):
        try:
            found.append(blenders.wheel(version))
        except Failure as failure:
            note(f"NOT TESTED with Blender {version}: {failure}")
    if not found:
        raise Failure("No Blender could be had, so the extension cannot be tested.")
    return found
