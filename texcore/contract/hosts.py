"""Names of other computers."""

from __future__ import annotations

import re

from .errors import BadInput

_HOST = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._-]{0,63}@)?[A-Za-z0-9_\[][A-Za-z0-9._:\]-]{0,252}")


def check_host(name: str) -> str:
    """Return the name of a computer, as ``~/.ssh/config`` knows it, or ``user@host``.

        >>> check_host(" render@studio ")
        'render@studio'

    Raises:
        BadInput: It is none, or ssh would take it for something else.
    """
    host = name.strip()
    if not _HOST.fullmatch(host):
        raise BadInput(
            f"“{host[:80]}” is no name of a computer: give one of your ~/.ssh/config, or user@host."
        )
    return host
