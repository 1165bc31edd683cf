"""The documents' photographs of Blender's window: how large each is, and what is taken with it."""

from __future__ import annotations

from typing import NamedTuple

GAP = 12  #: pixels between the parts of a photograph


class Frame(NamedTuple):
    """How a photograph is taken.

    Attributes:
        size: Width and height of each of its parts, in pixels; their upper right corner is that of
            an editor.
        window: Width and height of the window, in pixels.
        scale: Of the interface, as the preferences have it.
        parts: How many are put side by side.
        has_engine: Whether there is an engine from the beginning.
    """

    size: tuple[int, int]
    window: tuple[int, int] = (1280, 900)
    scale: float = 1.0
    parts: int = 1
    has_engine: bool = True


#: By the name of the file in ``docs``. The function that takes one has its name in `scenes`.
FRAMES = {
    "panel": Frame((900, 620)),
    "running": Frame((900, 680)),
    "done": Frame((1280, 692), window=(1284, 760), scale=0.8),
    "variations": Frame((1050, 696), window=(1054, 724)),
    "derive": Frame((1110, 798), window=(1114, 880)),
    "error": Frame((750, 818)),
    "objects-blender": Frame((986, 850), scale=0.85),
    "first-run": Frame((750, 370), scale=1.3, parts=2, has_engine=False),
    "preferences": Frame((1280, 618), window=(1284, 650), has_engine=False),
}
