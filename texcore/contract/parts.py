"""Take one part of many rows, so that several machines do them together without asking anybody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from .errors import BadInput
from .parsing import quote

Row = TypeVar("Row")


@dataclass(frozen=True)
class Part:
    """One part of so many.

    Attributes:
        number: Of the part, from 1.
        of: How many parts there are.
    """

    number: int = 1
    of: int = 1

    def take(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows of this part: every ``of``-th, so that parts are about alike.

        Example:
            >>> [Part(number, 2).take("abcde") for number in (1, 2)]
            [['a', 'c', 'e'], ['b', 'd']]
        """
        return list(rows[self.number - 1 :: self.of])


#: The part that is all of it.
WHOLE = Part()


def parse_part(text: str) -> Part:
    """Return the part that a command line names, such as ``2/8``.

    Example:
        >>> parse_part("2/8")
        Part(number=2, of=8)

    Raises:
        BadInput: It names none.
    """
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text, re.ASCII)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise BadInput(f"“{quote(text)}” is no part: use one such as 2/8, from 1/8 to 8/8.")
    return Part(int(found[1]), int(found[2]))
