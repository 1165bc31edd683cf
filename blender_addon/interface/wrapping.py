"""Sentences in panels: Blender's labels are single lines that lose their end."""

from __future__ import annotations

import textwrap

import bpy

from ..bundled.texcore.contract.estimates import round_seconds

PIXELS_PER_LETTER = 7  # of the interface font at its default size, a little generous


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
    width = context.region.width / context.preferences.system.ui_scale - 60 - beside
    column = layout.column(align=True)
    column.scale_y = 0.8
    for i, line in enumerate(_wrap(text, max(16, int(width / PIXELS_PER_LETTER)))):
        # It is translated whole: a line may be a word or a name that Blender has German for.
        icon_ = icon if i == 0 or icon == "NONE" else "BLANK1"
        column.label(text=line, icon=icon_, translate=False)


def _wrap(text: str, letters: int) -> list[str]:
    """Return the lines of a text; a size such as “256 × 256” and a file's size stay on one."""
    whole = text.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in textwrap.wrap(whole, letters)]


def duration(seconds: float) -> str:
    """A time in words short enough for a progress bar, such as “1 min 20 s”."""
    whole = max(1, round(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def rough_duration(seconds: float) -> str:
    """A time as somebody tells it who does not know exactly, such as “25 s” or “8 min”."""
    whole = round_seconds(seconds)
    return duration(whole) if whole < 120 or whole >= 3600 else f"{whole // 60} min"
