"""Errors whose message is meant to be read by an artist."""

from __future__ import annotations


class TexcoreError(Exception):
    """One clear sentence: what is wrong and what to do. Shown as it is, without a traceback."""


class BadInput(TexcoreError):
    """Something given by the user cannot be used: a file, a size, a name."""


class Unavailable(TexcoreError):
    """Something needed is not there: weights, a device, a package."""


class Cancelled(TexcoreError):
    """The user asked to stop. Nothing was written."""

    def __init__(self, message: str = "Cancelled; nothing was changed.") -> None:
        super().__init__(message)


class OutOfMemory(TexcoreError):
    """The device's memory does not hold the run."""
