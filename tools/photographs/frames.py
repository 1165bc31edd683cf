"""The documents' photographs of Blender's window: how large each is, and what is taken with it."""

from __future__ import annotations

from typing import NamedTuple


class Frame(NamedTuple):
    """How a photograph is taken.

    Attributes:
        size: Width and height in pixels; its upper right corner is that of an editor.
        window: Width and height of the window, in pixels.
        scale: Of the interface, as the preferences have it.
    """

    size: tuple[int, int]
    window: tuple[int, int] = (1280, 900)
    scale: float = 1.0


#: By the name of the file in ``docs``. The function that takes one has its name in `scenes`.
FRAMES = {
    "panel": Frame((900, 620)),
    "advanced": Frame((640, 998), window=(1280, 1060)),
    "running": Frame((900, 680)),
    "done": Frame((1280, 692), window=(1284, 760), scale=0.8),
    "variations": Frame((1050, 696), window=(1054, 724)),
    "derive": Frame((1110, 798), window=(1114, 880)),
    "error": Frame((750, 818)),
    "objects-blender": Frame((986, 850), scale=0.85),
    "remote": Frame((750, 680)),
    "solid-blender": Frame((986, 850), scale=0.85),
}
