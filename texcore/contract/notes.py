"""Notes on a result for which Blender has a button, so that both know them by the same words."""

from __future__ import annotations

from collections.abc import Iterable

_CHANGES = {
    "y": "The photo changes from top to bottom",
    "x": "The photo changes from left to right",
}


def tell_change(axis: str) -> str:
    """Say that a photo is not one texture all over.

    Args:
        axis: Along which it changes, ``x`` or ``y``.

    Example:
        >>> tell_change("x").partition(",")[0]
        'The photo changes from left to right'
    """
    return (
        f"{_CHANGES[axis]}, so the texture has patches of all: keep the change with "
        f"progress {axis}, or learn from the even part only."
    )


def tells_change(notes: Iterable[str]) -> bool:
    """Return whether one of some notes says that the photo changes.

    Example:
        >>> tells_change(["All is well.", tell_change("y")])
        True
    """
    return any(note == tell_change(axis) for note in notes for axis in _CHANGES)
