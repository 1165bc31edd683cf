"""The benchmark: an environment to measure and draw in, and a Blender for its part."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from . import blenders, engine
from .blenders import Blender
from .console import Command, Failure, note, run, run_showing, step
from .environments import Environment, before_engine
from .package import make_zip
from .project import BUILD, ROOT, requirements

#: Sides of the images handed over in Blender, in pixels.
SIDES = ("1024", "2048")
MARKER = "bench: "  #: begins the line of benchmarks/speed/blender.py that holds the figures


def bench(python: str | None, words: Sequence[str]) -> None:
    """Measure everything and write it into benchmarks/.

    Args:
        python: One that has PyTorch; nothing is installed then. None for the engine's own.
        words: For ``benchmarks.speed``.

    Raises:
        Failure: PyTorch is missing, or measuring failed.
    """
    interpreter = _own(words) if python is None else _given(python)
    handed = _handed_over(nothing_installed=python is not None)
    typed = shlex.join(["python3", "build.py", *sys.argv[1:]])
    about = ["--command", typed, "--blender", json.dumps(handed)]
    command: Command = [interpreter, "-m", "benchmarks.speed", *words, *about]
    with step("Measuring; other programs should rest"):
        run_showing(command, doing="measuring", cwd=ROOT)


def _given(python: str) -> Path:
    code = "import torch, numpy, sys; print(torch.__version__); print(sys.executable)"
    with step("The Python given"):
        version, found = run([python, "-c", code], doing=f"trying {python}").split()[-2:]
        note(f"{found}, PyTorch {version}")
    return Path(found)


def _own(words: Sequence[str]) -> Path:
    engine_python = engine.set_up()
    if "random" not in words and "random-vgg" not in words:
        engine.fetch_weights(engine_python)
    return set_up_plotting(engine_python)


def set_up_plotting(engine_python: Path) -> Path:
    """Make an environment with matplotlib in front of the engine's packages; gives its Python."""
    with step("Benchmark environment"):
        environment = Environment("bench", requirements("bench"), engine_python, str(engine_python))
        return environment.ensure(before_engine(engine_python))


def _handed_over(nothing_installed: bool) -> dict[str, object]:
    """What the hand-over in Blender takes, or why it was not measured."""
    try:
        blender = blenders.installed() if nothing_installed else blenders.find()
        if blender is None:
            return {"why": "there is no Blender on the path."}
        return _measured(blender)
    except Failure as failure:
        note(f"The hand-over in Blender is left out: {failure}")
        return {"why": str(failure).splitlines()[0]}


def _measured(blender: Blender) -> dict[str, object]:
    path = make_zip(blender, BUILD / "bench")
    with (
        step(f"Hand-over in Blender {blender.version}"),
        blenders.profile() as env,
        TemporaryDirectory() as folder,
    ):
        script: Command = blender.script(
            ROOT / "benchmarks" / "speed" / "blender.py", str(path), folder, *SIDES
        )
        said = run(script, doing="handing images over in Blender", env=env)
    lines = [line for line in said.splitlines() if line.startswith(MARKER)]
    if not lines:
        raise Failure("Blender ended without figures.")
    found: dict[str, object] = json.loads(lines[-1].removeprefix(MARKER))
    return found
