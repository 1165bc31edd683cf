"""The demonstration: the whole way from a clone to a rendered before and after."""

from __future__ import annotations

from pathlib import Path

from texcore.contract.recipe import MAX_SIZE, MIN_SIZE

from . import blenders, engine
from .console import Failure, make_folder, note, run, run_showing, say, step
from .package import make_zip
from .project import BUILD, ROOT

EXEMPLAR = ROOT / "demo" / "exemplar.png"
MARKER = "demo: "  #: begins the lines of demo/before_after.py that are for the terminal


def demo(picture: Path, size: int, quality: str, output: Path) -> None:
    """Make everything needed, synthesise a texture in Blender and render it.

    Args:
        picture: The exemplar.
        size: Longer side of the texture in pixels; 0 for the exemplar's.
        quality: Name of a quality of `texcore.contract.recipe`.
        output: Folder for the results.

    Raises:
        Failure: A step went wrong.
    """
    if not picture.is_file():
        raise Failure(f"There is no picture {picture}.")
    if size and not MIN_SIZE <= size <= MAX_SIZE:
        raise Failure(f"The size is {size}: use {MIN_SIZE} to {MAX_SIZE} pixels.")
    picture, output = picture.resolve(), make_folder(output).resolve()
    python = engine.set_up()
    engine.fetch_weights(python)
    blender = blenders.find()
    path = make_zip(blender, BUILD / "demo")
    with step(f"{picture.name} in Blender {blender.version}"), blenders.profile() as env:
        words = [str(path), str(picture), str(output), "--size", str(size), "--quality", quality]
        run_showing(
            blender.script(ROOT / "demo" / "before_after.py", *words),
            doing="making the texture in Blender",
            marker=MARKER,
            env=env | {"TEXCORE_PYTHON": str(python)},
        )
    with step("Before and after"):
        result = output / "before-after.png"
        pictures = [output / "before.png", output / "after.png", result]
        run([python, ROOT / "demo" / "compose.py", *pictures], doing="composing the renders")
        note(f"{result}")
    say(f"\nLook at {result}; {output / 'demo.blend'} holds the scene with its new texture.")
