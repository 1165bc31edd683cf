"""Notes on a result that a program knows by a code, as for a button, and not by their words."""

from __future__ import annotations

PHOTO_CHANGES = "photo changes"  #: the photo is not one texture all over
STRAIGHTENED = "straightened"  #: the exemplar was straightened before anything was learnt from it

_CHANGES = {
    "y": "The photo changes from top to bottom",
    "x": "The photo changes from left to right",
}


class Note(str):
    """A sentence that the user should know, with a code.

    Attributes:
        code: One of this module's.

    Example:
        >>> note = Note("It was straightened.", STRAIGHTENED)
        >>> print(note, [note.code])
        It was straightened. ['straightened']
    """

    code: str

    def __new__(cls, sentence: str, code: str) -> Note:
        """Make a note of a sentence."""
        note = super().__new__(cls, sentence)
        note.code = code
        return note


def tell_change(axis: str) -> Note:
    """Say that a photo is not one texture all over.

    Args:
        axis: Along which it changes, ``x`` or ``y``.

    Example:
        >>> tell_change("x").partition(",")[0]
        'The photo changes from left to right'
    """
    sentence = (
        f"{_CHANGES[axis]}, so the texture has patches of all: keep the change with "
        f"progress {axis}, or learn from the even part only."
    )
    return Note(sentence, PHOTO_CHANGES)
