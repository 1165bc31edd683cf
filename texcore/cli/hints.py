"""Add the option to a sentence that is about one: Blender, which shows the same, has none."""

from __future__ import annotations

from ..contract.errors import TexcoreError
from ..contract.notes import Note

# What there is on the command line by the setting of an error, or by the code of a note.
_HINTS = {
    "base color": "--map base_color=FILE",
    "mask": "--mask",
    "mix": "--mix",
    "object": "texcore surface",
    "resume": "--resume",
    "straightened": "--no-straighten",
    "tiles": "--tiles",
    "weights": "--weights",
}


def add_hint(said: TexcoreError | str) -> str:
    """Return an error or a note as the command line prints it.

    Example:
        >>> add_hint(TexcoreError("The checkpoint is damaged: start anew.", setting="resume"))
        'The checkpoint is damaged: start anew. (See --resume.)'
    """
    about = ""
    if isinstance(said, TexcoreError):
        about = said.setting
    elif isinstance(said, Note):
        about = said.code
    hint = _HINTS.get(about)
    return f"{said} (See {hint}.)" if hint else str(said)
