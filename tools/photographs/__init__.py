"""Photographs of Blender's real window for the documents, taken anew whenever the panel changes.

`frames` says how each is taken, `scenes` what is done in Blender before, with what the tests in the
window have too: `stepping`, `screen` and `pointer` of ``tests/desktop/inside``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from texcore.contract.user_folders import HOME_VARIABLE, cache_dir

from .. import blenders, desktop, engine
from ..console import Failure, note, run, step
from ..package import make_zip
from ..project import BUILD, ROOT
from .frames import FRAMES

HERE = Path(__file__).parent
EXEMPLAR = ROOT / "demo" / "exemplar.png"
#: What scripts in the window import.
INSIDE = (HERE, ROOT / "tests" / "desktop" / "inside", ROOT / "tests" / "blender" / "inside")


def photograph(names: Sequence[str]) -> None:
    """Take photographs into ``docs``.

    Args:
        names: Of `frames.FRAMES`; none for all.

    Raises:
        Failure: There is no such photograph, no window, or what it shall show did not come.
    """
    unknown = [name for name in names if name not in FRAMES]
    if unknown:
        raise Failure(f"There is no photograph {unknown[0]}: there are {', '.join(FRAMES)}.")
    python = engine.set_up()
    engine.fetch_weights(python)
    blender, zip_ = desktop.find(), make_zip(blenders.find(), BUILD / "photographs")
    with tempfile.TemporaryDirectory() as measured:
        with step("how long a texture takes here"):
            _measure(Path(measured), python)
        for name in names or FRAMES:
            with step(name), _home() as folder:
                shutil.copytree(measured, folder / "texcore")
                _take(blender, name, folder, zip_, python)


def _measure(home: Path, python: Path) -> None:
    """Make a texture, so that the panel of this user can say how long the next will take."""
    shutil.copytree(cache_dir() / "weights", home / "cache" / "weights")
    run(
        [python, "-m", "texcore", "synthesize", EXEMPLAR, "-o", home / "texture.png"],
        doing="making a texture",
        env={HOME_VARIABLE: str(home)},
        cwd=ROOT,
    )


def _take(blender: desktop.Desktop, name: str, folder: Path, zip_: Path, python: Path) -> None:
    """Take one and develop it."""
    frame = FRAMES[name]
    env = {
        HOME_VARIABLE: str(folder / "texcore"),
        "TEXCORE_ZIP": str(zip_),
        "TEXCORE_PHOTOGRAPH": name,
        "TEXCORE_TEST_PICTURE": str(EXEMPLAR),
        "PYTHONPATH": os.pathsep.join(map(str, INSIDE)),
        "TEXCORE_PYTHON": str(python),
    }
    seen = [ROOT, zip_.parent, *desktop.list_engine_folders(python)]
    found = blender.run_script(HERE / "scenes.py", folder, seen, env, size=frame.window)
    if wrong := found[name.replace("-", "_")]:
        raise Failure(f"{name}: {wrong}")
    picture = ROOT / "docs" / f"{name}.jpg"
    run(
        [python, HERE / "developing.py", folder / "shot.npy", picture], doing="developing", cwd=ROOT
    )
    note(str(picture.relative_to(ROOT)))


@contextmanager
def _home() -> Iterator[Path]:
    """A user's folder with a name that may be seen in a photograph, gone afterwards.

    Raises:
        Failure: There is such a folder, as where another takes photographs.
    """
    folder = Path(tempfile.gettempdir()) / "artist"
    try:
        folder.mkdir()
    except FileExistsError:
        raise Failure(f"{folder} is there already: remove it.") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
