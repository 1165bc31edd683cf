"""Errors whose message is meant to be read by an artist."""

from __future__ import annotations

import re

# What ends a line, or steers a terminal; a file's name may have any of it.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class TexcoreError(Exception):
    r"""One clear sentence: what is wrong and what to do. Shown as it is, without a traceback.

    Whatever it quotes, it is one line.

    Attributes:
        setting: Name of the setting that the sentence is about, so that an interface can add where
            that is found there; empty for none.

    Example:
        >>> str(BadInput("“two\nlines.png” is not there: check the path."))
        '“two lines.png” is not there: check the path.'
    """

    def __init__(self, message: str = "", setting: str = "") -> None:
        super().__init__(_CONTROLS.sub(" ", message))
        self.setting = setting


class BadInput(TexcoreError):
    """Something given by the user cannot be used: a file, a size, a name."""


class BadUnwrapping(BadInput):
    """The object given is not unwrapped so that a texture can be made for it."""


class Unavailable(TexcoreError):
    """Something needed is not there: weights, a device, a package."""


class Cancelled(TexcoreError):
    """The user asked to stop. Nothing was written."""

    def __init__(self, message: str = "Cancelled; nothing was changed.", setting: str = "") -> None:
        super().__init__(message, setting)


class OutOfMemory(TexcoreError):
    """The device's memory does not hold the run."""
