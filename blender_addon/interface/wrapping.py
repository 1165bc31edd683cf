"""Sentences in panels: Blender's labels are single lines that lose their end."""

from __future__ import annotations

import functools
import re

import blf
import bpy

# Pixels at a resolution scale of 1: what lies beside a line of text in a box of a sidebar, namely
# margins, tabs and a scroll bar; what an icon takes; and what a line has however narrow the region.
_BESIDE_PIXELS = 68
_ICON_PIXELS = 20
_LEAST_PIXELS = 80
# A line may end after a space, and after a hyphen within a word.
_BREAK = re.compile(r"(?<= )|(?<=\w-)(?=\w)")
_FONT = 0  # the number that `blf` gives the font of the interface


def draw_text(
    layout: bpy.types.UILayout,
    text: str,
    context: bpy.types.Context,
    icon: str = "NONE",
    beside: int = 0,
) -> None:
    """Draw text as as many labels as the region's width asks for, the first with an icon.

    Args:
        layout: To draw into.
        text: In the artist's language.
        context: Of the region.
        icon: Of the first line.
        beside: Pixels that something beside it takes, at a resolution scale of 1.
    """
    scale = context.preferences.system.ui_scale
    taken = _BESIDE_PIXELS + beside + (_ICON_PIXELS if icon != "NONE" else 0)
    room = max(_LEAST_PIXELS, context.region.width / scale - taken)
    points = bpy.context.preferences.ui_styles[0].widget.points
    column = layout.column(align=True)
    column.scale_y = 0.8
    for i, line in enumerate(_wrap(text, round(room * scale), points * scale)):
        # It is translated whole: a line may be a word or a name that Blender has German for.
        icon_ = icon if i == 0 or icon == "NONE" else "BLANK1"
        column.label(text=line, icon=icon_, translate=False)


@functools.lru_cache(maxsize=256)  # a panel is drawn again at every move of the mouse over it
def _wrap(text: str, room: int, points: float) -> tuple[str, ...]:
    """Divide a text into lines that are as full as they can be.

    A size such as “256 × 256”, and whatever else has no-break spaces, stays on one line. A word
    that no line holds is divided.

    Args:
        text: Any text; its line breaks count as spaces.
        room: The pixels of a line.
        points: The size of the letters.
    """
    blf.size(_FONT, points)
    whole = re.sub(r"[ \t\n]+", " ", text).strip(" ")
    whole = whole.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
    lines, line = [], ""
    for piece in _BREAK.split(whole):
        if line and not _fits(line + piece, room):
            lines.append(line)
            line = ""
        line += piece
        while not _fits(line, room):
            count = _count_fitting(line, room)
            lines.append(line[:count])
            line = line[count:]
    return tuple(each.strip(" ").replace("\N{NO-BREAK SPACE}", " ") for each in [*lines, line])


def _fits(line: str, room: int) -> bool:
    """Return whether a line, without the spaces at its end, is no wider than its room."""
    return bool(blf.dimensions(_FONT, line.rstrip(" "))[0] <= room)


def _count_fitting(word: str, room: int) -> int:
    """Return how many letters of a word fit into the room of a line, at least one."""
    return next((n for n in range(len(word) - 1, 1, -1) if _fits(word[:n], room)), 1)
