"""Write the table of the settings in docs/blender.md, from the settings themselves."""

from __future__ import annotations

import re

from texcore.contract.recipe import SETTINGS
from texcore.contract.settings import ChoiceSetting, Setting, sort_for_panel

from .console import note
from .project import ROOT

DOCUMENT = ROOT / "docs" / "blender.md"
_BEGINNING = "<!-- Written by `python3 build.py docs` from texcore/contract/recipe.py. -->\n"
_END = "<!-- The end of what is written by it. -->\n"
_WRITTEN = re.compile(f"(?<={re.escape(_BEGINNING)}).*(?={re.escape(_END)})", re.DOTALL)


def write() -> None:
    """Write the table anew."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(renew(text), encoding="utf-8", newline="\n")
    note(f"{DOCUMENT.relative_to(ROOT)} has the settings as the table has them.")


def renew(text: str) -> str:
    """Return the document's text with the table as it should be."""
    rows = [_row(setting) for setting in sort_for_panel(SETTINGS.values())]
    table = "\n".join(["", "| Setting | In the part | |", "|---|---|---|", *rows, "", ""])
    return _WRITTEN.sub(lambda _: table, text)


def _row(setting: Setting) -> str:
    words = setting.description
    if isinstance(setting, ChoiceSetting):
        of_each = [f"*{choice.label}* – {choice.description}" for choice in setting.shown]
        words = "<br>".join([words, *of_each])
    part = setting.panel.section.label if setting.panel else ""
    return f"| {setting.label} | {part} | {words} |"
