"""Names or octaves with a weight each, as recipes hold them and command lines give them.

Standard library only: the extension imports it with the recipe.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import BadInput
from .parsing import quote

MOST_NAMES = 256  #: that a recipe weighs; no network has so many layers
Weights = tuple[tuple[str, float], ...]
"""Names, each with its weight, 0 or more."""


def parse_weights(text: str, what: str) -> Weights:
    """``conv1_1,pool2=0.5`` as names with weights, 1 where none is given.

    Args:
        text: As given.
        what: What is weighed, for the error's sentence.

    Raises:
        BadInput: A name is missing or stands twice, or a weight is no number of 0 or more.
    """
    pairs = []
    for part in text.split(","):
        name, equals, number = part.strip().partition("=")
        pairs.append((name, parse_weight(number, what) if equals else 1.0))
    return checked_weights(pairs, what)


def parse_weight(text: str, what: str) -> float:
    """A weight as a number.

    Raises:
        BadInput: It is none.
    """
    try:
        weight = float(text)
    except ValueError:
        raise BadInput(
            f"“{quote(text)}” is no {what}’s weight: use a number such as 0.5."
        ) from None
    return checked_weight(weight, what)


def checked_weight(value: Any, what: str) -> float:
    """A weight that came from outside.

    Raises:
        BadInput: It is not a finite number of 0 or more.
    """
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 <= value <= sys.float_info.max:
        raise BadInput(f"“{quote(value)}” is no {what}’s weight: use a number of 0 or more.")
    return float(value)


def checked_weights(value: Any, what: str) -> Weights:
    """Names with weights, from a mapping or from pairs.

    Raises:
        BadInput: It is neither, or a name or weight in it cannot be.
    """
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(pairs, Sequence) or isinstance(pairs, str) or not all(map(_is_pair, pairs)):
        raise BadInput(f"“{quote(value)}” gives no weights: use a weight for each {what}.")
    if len(pairs) > MOST_NAMES:
        raise BadInput(f"{len(pairs)} {what}s are given weights: give {MOST_NAMES} at most.")
    names = set[str]()
    for name, _ in pairs:
        if not isinstance(name, str) or not name:
            raise BadInput(f"“{quote(name)}” is no name of a {what}.")
        if name in names:
            raise BadInput(f"The {what} “{quote(name)}” is given twice.")
        names.add(name)
    checked = tuple((name, checked_weight(weight, what)) for name, weight in pairs)
    if not any(weight for _, weight in checked):
        raise BadInput(f"No {what} weighs anything: give one a weight above 0.")
    return checked


def checked_numbers(value: Any, what: str, most: int) -> tuple[float, ...]:
    """Weights without names, of at least one and at most so many things.

    Raises:
        BadInput: They are not.
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not 1 <= len(value) <= most:
        raise BadInput(f"“{quote(value)}” gives no weights: use 1 to {most}, one for each {what}.")
    checked = tuple(checked_weight(weight, what) for weight in value)
    if not any(checked):
        raise BadInput(f"No {what} weighs anything: give one a weight above 0.")
    return checked


def _is_pair(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2
