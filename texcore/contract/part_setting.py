"""A setting that says which part of a photo is meant: by a word, or as a rectangle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .errors import BadInput
from .parsing import quote
from .settings import ChoiceSetting, listed

# Of what rounding may make of a rectangle that reaches to the border.
_ROUNDING = 1e-4


class Rectangle(NamedTuple):
    """A part of a picture, in shares of its width and height, from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    def scale(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, width and height in a picture's pixels.

        Example:
            >>> Rectangle(0.25, 0, 0.5, 1).scale(200, 100)
            (50, 0, 100, 100)
        """
        left, top = round(self.left * width), round(self.top * height)
        right = min(width, round((self.left + self.width) * width))
        bottom = min(height, round((self.top + self.height) * height))
        return left, top, right - left, bottom - top


@dataclass(frozen=True, kw_only=True)
class PartSetting(ChoiceSetting):
    """One of several words, or a rectangle as four shares of the photo, ``X,Y,W,H``."""

    def _checked(self, value: Any) -> str:
        if value in self.ids:
            return str(value)
        rectangle = find_rectangle(value) if isinstance(value, str) else None
        if rectangle is None:
            raise BadInput(
                f"“{quote(value)}” is no part to learn from: use {listed(self.ids)}, or a "
                "rectangle X,Y,W,H in shares of the photo from its upper left corner, such as "
                "0.1,0,0.5,1."
            )
        return write_rectangle(rectangle)


def find_rectangle(text: str) -> Rectangle | None:
    """Return the rectangle that a part is, in shares of the photo; None if it is none.

    Example:
        >>> find_rectangle("0.1, 0, 0.5, 1")
        Rectangle(left=0.1, top=0.0, width=0.5, height=1.0)
        >>> find_rectangle("even"), find_rectangle("0.6,0,0.5,1")
        (None, None)
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    if len(numbers) != 4 or not all(math.isfinite(n) and 0 <= n <= 1 for n in numbers):
        return None
    left, top, width, height = numbers
    inside = max(left + width, top + height) <= 1 + _ROUNDING
    return Rectangle(left, top, width, height) if inside and min(width, height) > 0 else None


def write_rectangle(shares: Sequence[float]) -> str:
    """Write a rectangle as the value of such a setting; what lies outside of the photo is cut off.

    Example:
        >>> write_rectangle((0.25, 0.0, 0.9, 1.0))
        '0.25,0,0.75,1'
    """
    left, top = (min(max(share, 0.0), 0.99) for share in shares[:2])
    width, height = (
        min(max(share, 0.001), 1 - first)
        for share, first in zip(shares[2:], (left, top), strict=True)
    )
    return ",".join(f"{share:.4g}" for share in (left, top, width, height))
