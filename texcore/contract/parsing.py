"""Read JSON that anybody may have written, as values that everything after it can bear.

Python's own reader lets through what breaks later: numbers that no computer has, what is no number,
and nesting so deep that whoever walks through it does not come back.
"""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Iterator
from typing import Any, NoReturn

_DEEPEST = 64
_MOST_BITS = 64
# Characters that a sentence quotes of a value.
_QUOTED = 60


class WrongShape(ValueError):
    """A value is not of the type that its place has; the message says which and why."""


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Whole numbers have at most 64 bits, others are finite, and nothing lies deeper than 64.

        >>> parse_json('{"seed": 3}')
        {'seed': 3}

    Raises:
        WrongShape: It is no JSON, or one that nobody means. What it says goes behind a subject: “is
            nested deeper than 64”.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise WrongShape(_TOO_DEEP) from None
    except WrongShape:
        raise
    except ValueError as e:
        raise WrongShape(f"is not JSON: {e}") from None
    _check(value)
    return value


def quote(value: Any) -> str:
    """Return a value as a sentence quotes it: on one line, and cut where it is long.

    Example:
        >>> quote("seven"), quote(7.5), quote(["a", None]), len(quote("x" * 1000))
        ('seven', '7.5', "['a', None]", 60)
    """
    text = value if isinstance(value, str) else _short.repr(value)
    text = "".join(c if c.isprintable() else " " for c in text[: 2 * _QUOTED])
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"


class _Short(reprlib.Repr):
    """Python's own words for a value, as far as they are short; any whole number has some."""

    def repr_int(self, x: int, level: int) -> str:
        return str(x) if x.bit_length() <= 4 * _QUOTED else f"a number of {x.bit_length()} bits"


_short = _Short()
_short.maxstring = _short.maxother = _short.maxlong = _QUOTED
_TOO_DEEP = f"is nested deeper than {_DEEPEST}"


def _check(value: Any) -> None:
    """Refuse numbers that are too large, and nesting that is too deep, without nesting itself."""
    level, depth = [value], 0
    while level:
        for entry in level:
            if type(entry) is int and entry.bit_length() > _MOST_BITS:
                raise WrongShape(f"has a whole number of {entry.bit_length()} bits")
            if type(entry) is float and not math.isfinite(entry):
                raise WrongShape("has a number that is too large")
        level = [inner for entry in level for inner in _inside(entry)]
        depth += 1
        if depth > _DEEPEST:
            raise WrongShape(_TOO_DEEP)


def _inside(entry: Any) -> Iterator[Any]:
    if type(entry) is dict:
        yield from entry.values()
    elif type(entry) is list:
        yield from entry


def _refuse_constant(name: str) -> NoReturn:
    raise WrongShape(f"is not JSON, which has no {name}")
