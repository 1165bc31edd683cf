"""The papers' experiments run again, and the exemplars that they learn from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from texcore.contract.user_folders import cache_dir

from . import blenders, engine
from .bench import set_up_plotting
from .console import Command, note, run_showing, step
from .project import ROOT

#: Finished runs are kept here between calls, by all that decides them.
CACHE = cache_dir() / "papers"


def papers(words: Sequence[str], cache: Path) -> None:
    """Run the experiments that are not run yet, and write docs/papers.md.

    Args:
        words: For ``benchmarks.papers``: parts, ``--quick``, ``--compose``.
        cache: Folder of the finished runs.

    Raises:
        Failure: An experiment could not be run.
    """
    python = engine.set_up()
    if "--compose" not in words:
        engine.fetch_weights(python)
    python = set_up_plotting(python)
    command: Command = [python, "-m", "benchmarks.papers", *words, "--cache", str(cache)]
    with step("The papers' experiments; hours, and what is finished is not run again"):
        note(f"finished runs: {cache}")
        run_showing(command, doing="running the papers' experiments", cwd=ROOT)


def exemplars(names: Sequence[str]) -> None:
    """Render demo/exemplars anew.

    Args:
        names: Of the scenes; none for all of them.

    Raises:
        Failure: There is no Blender, or a scene could not be rendered.
    """
    blender = blenders.find()
    script = blender.script(ROOT / "demo" / "render_scenes.py", *names)
    with step("Rendering the exemplars"):
        run_showing(script, doing="rendering the exemplars", cwd=ROOT)
