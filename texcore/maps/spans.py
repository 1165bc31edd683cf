"""Bring values of any size into reach of the work, and back.

Light and measured quantities have no upper limit, but a network's features do: their products leave
what 32 bits hold from some thousands on. Values up to `REACH` stay as they are, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..pictures import Pixels

REACH = 1000.0  #: so far from 0 values are worked on as they are; some files count to 255
# Values beyond are stretched so that all but these shares lie within 0...1.
_ENDS = (0.001, 0.999)


@dataclass(frozen=True)
class Span:
    """Values that are worked on as 0 and as 1.

    Example:
        >>> span = find_span(np.array([0, 50_000, 100_000], np.float32))
        >>> [round(float(x), 2) for x in span.shrink(np.array([50_000], np.float32))]
        [0.5]
        >>> find_span(np.array([0, 255], np.float32))
        Span(zero=0.0, one=1.0)
    """

    zero: float = 0.0
    one: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Whether values are worked on as they are."""
        return (self.zero, self.one) == (0.0, 1.0)

    def shrink(self, values: Pixels) -> Pixels:
        """Return values as they are worked on."""
        return values if self.is_plain else (values - self.zero) / (self.one - self.zero)

    def widen(self, values: Pixels) -> Pixels:
        """Return what `shrink` was given."""
        return values if self.is_plain else values * (self.one - self.zero) + self.zero

    def reach(self, values: Pixels) -> Span:
        """Return the span that brings these values into reach too: this one, if it does."""
        low, high = float(values.min()), float(values.max())
        farthest = max(self.zero - low, high - self.zero)
        if farthest <= REACH * (self.one - self.zero):
            return self
        zero, one = self.zero, self.one
        if self.is_plain:
            zero, one = (float(q) for q in np.quantile(values, _ENDS))
            farthest = max(zero - low, high - zero)
        return Span(zero, max(one, zero + farthest / REACH))


def find_span(values: Pixels) -> Span:
    """Return the span that brings values into reach: a plain one if they are."""
    return Span().reach(values)
