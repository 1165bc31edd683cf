"""Every check there is: format, lint, contracts, types and tests, on every Blender to be had."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import blenders, desktop, engine
from .blenders import Blender
from .console import Command, Failure, note, run_showing, say, step
from .environments import Environment, before_engine
from .package import STAGE, make_stage, make_zip
from .project import BUILD, ROOT, requirements

NOT_BUNDLED = ("--exclude", "/bundled/")
#: Tests on each processor core, but on no more than four.
SIDE_BY_SIDE = ("-n", "auto", "--maxprocesses", "4")
#: Those of a file after one another, for they share what it makes; `tests/conftest.py` says in
#: which order.
BY_FILE = (*SIDE_BY_SIDE, "--dist", "loadfile", "--no-loadscope-reorder")
NEED_NO_BLENDER = ("tests/texcore", "tests/tools")
#: What breaks is killed and waited for, and an artist's sessions wait for the window.
WAITING = (
    "tests/faults",
    "tests/desktop/test_low_window.py",
    "tests/desktop/test_amid.py",
    "tests/desktop/test_session.py",
    "tests/desktop/test_material_session.py",
    "tests/desktop/test_untiled.py",
)
#: Those of a Blender after one another, as their conftest says.
IN_BLENDER = ("tests/blender", *SIDE_BY_SIDE)
#: It measures, so nothing else may run.
ALONE = ("tests/desktop/test_ticks.py",)
SLOWEST = ("--durations", "10")  #: are told at the end
#: PyTorch would take all cores for each of the processes.
ONE_THREAD = {"OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Check:
    """A program that ends with 0 if it finds nothing wrong.

    Attributes:
        name: A word for people.
        command: The program and its arguments.
        env: Variables set on top of the environment.
    """

    name: str
    command: Command
    env: Mapping[str, str] = field(default_factory=dict)


def test(words: Sequence[str], in_a_window: bool = False, quick: bool = False) -> None:
    """Set up whatever is missing, then run every check, or those that are asked for.

    Args:
        words: For pytest: tests by name or folder, and its options. Only tests are run then.
        in_a_window: Drive Blender's window too, where one can be had.
        quick: Do without any Blender, and without the slow tests unless words name them.

    Raises:
        Failure: A check found something, or what it needs could not be had.
    """
    engine_python = engine.set_up()
    python = _test_environment(engine_python)
    env = {} if quick else _blenders(engine_python, in_a_window)
    pytest = (python, "-m", "pytest")
    if words:
        checks = [Check("tests", (*pytest, *words), env)]
    else:
        make_stage()
        checks = [*_of_the_sources(python), *_of_what_runs(pytest, env, quick)]
    failed = [check.name for check in checks if not _passes(check)]
    if failed:
        raise Failure(f"Not passed: {', '.join(failed)}.")
    say("\nWhat was asked for passed." if words or quick else "\nEverything passed.")


def faults(words: Sequence[str]) -> None:
    """Run the long campaigns of faults; they say what came of it, and write it if they are asked.

    Args:
        words: For ``tests.faults.campaigns``.

    Raises:
        Failure: Something fell, or what it needs could not be had.
    """
    engine_python = engine.set_up()
    python = _test_environment(engine_python)
    named = [word for word in words if word[:1].isalpha()]
    in_blender = not named or any(word.startswith("blender_") for word in named)
    env = _blenders(engine_python, in_a_window=False) if in_blender else {}
    command: Command = (python, "-m", "tests.faults.campaigns", *words)
    if not _passes(Check("campaigns of faults", command, {**env, **ONE_THREAD})):
        raise Failure("Something fell: the lines above say what.")


def _of_what_runs(pytest: Command, env: Mapping[str, str], quick: bool) -> list[Check]:
    """All tests, or the quick ones that need no Blender."""
    one_thread = {**env, **ONE_THREAD}
    if quick:
        words = (*pytest, *SLOWEST, *NEED_NO_BLENDER, *BY_FILE, "-m", "not slow")
        return [Check("quick tests of engine and tools", words, one_thread)]
    by_file = (*pytest, *SLOWEST, *NEED_NO_BLENDER, *WAITING, *BY_FILE)
    return [
        Check("tests of engine, tools, faults and windows", by_file, one_thread),
        Check("tests in Blender", (*pytest, *SLOWEST, *IN_BLENDER), env),
        Check("ticks in Blender's window", (*pytest, *ALONE), env),
    ]


def _blenders(engine_python: Path, in_a_window: bool) -> dict[str, str]:
    """The variables that tell the tests of the engine, the zip and each Blender.

    Raises:
        Failure: One of them could not be had.
    """
    engine.fetch_weights(engine_python)
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
    return env


def _of_the_sources(python: Path) -> list[Check]:
    """The checks that read the sources and run none of them, the quickest first."""
    # import-linter finds a package where an import would; its lines are as wide as a terminal.
    linter = {"PYTHONPATH": str(STAGE.parent), "COLUMNS": "100"}
    return [
        Check("format", (python, "-m", "ruff", "format", "--check", ".")),
        Check("lint", (python, "-m", "ruff", "check", ".")),
        Check("contracts", (python.with_name("lint-imports"), "--no-cache", "--no-logo"), linter),
        Check("types", (python, "-m", "mypy", "--pretty")),
        # What it bundles has been checked as the engine.
        Check("types of the extension", (python, "-m", "mypy", "--pretty", STAGE, *NOT_BUNDLED)),
    ]


def _passes(check: Check) -> bool:
    """Run one check and show what it says; the others run all the same."""
    with step(check.name.capitalize()):
        try:
            run_showing(check.command, doing=f"checking {check.name}", env=check.env, cwd=ROOT)
        except Failure as failure:
            note(str(failure))
            return False
    return True


def _test_environment(engine_python: Path) -> Path:
    """The tools for testing, in front of the engine's own packages."""
    with step("Test environment"):
        environment = Environment("test", requirements("dev"), engine_python, str(engine_python))
        return environment.ensure(before_engine(engine_python))


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
