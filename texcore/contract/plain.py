"""Turn dataclasses into plain JSON values and back, by the types of their fields.

What comes from outside is checked whole before anything sees it. A library such as msgspec would do
the same; but the extension runs in Blender's own Python, which gets no packages.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from .recipe import Recipe

M = TypeVar("M")


class WrongShape(ValueError):
    """A value is not of the type that its field has; the message says which and why."""


def to_plain(value: Any) -> Any:
    """Return a value as JSON has it: dataclasses become objects, paths and recipes too."""
    if isinstance(value, Recipe):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {key: to_plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(entry) for entry in value]
    return value


def from_plain(kind: type[M], value: Any) -> M:
    """Return a JSON object as the dataclass ``kind``; names it does not know are passed over.

        >>> from .jobs import MadeMap
        >>> from_plain(MadeMap, {"output": "new.png", "recipe": {"seed": 3}}).recipe.seed
        3

    Raises:
        WrongShape: A field is missing or has the wrong type.
        BadInput: A recipe in it cannot be.
    """
    return typing.cast(M, _of_dataclass(kind, value, kind.__name__))


def _of_dataclass(kind: type[Any], value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise WrongShape(f"{where} wants an object, not {type(value).__name__}")
    hints = _hints(typing.cast(Hashable, kind))
    given = {
        name: _converted(value[name], hint, f"{where}.{name}")
        for name, hint in hints.items()
        if name in value
    }
    try:
        return kind(**given)
    except TypeError as e:
        raise WrongShape(f"{where}: {e}") from None


@functools.cache
def _hints(kind: Hashable) -> dict[str, Any]:
    """The types of a dataclass' fields by name."""
    hints = typing.get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(typing.cast("type[Any]", kind))}


def _converted(value: Any, hint: Any, where: str) -> Any:
    """A JSON value as the type that a field has."""
    if hint is Any:
        return value
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        (hint,) = (h for h in typing.get_args(hint) if h is not type(None))
        return None if value is None else _converted(value, hint, where)
    if origin is dict and isinstance(value, dict):
        _, of_values = typing.get_args(hint)
        return {key: _converted(v, of_values, f"{where}.{key}") for key, v in value.items()}
    if origin is list and isinstance(value, list):
        (of_entries,) = typing.get_args(hint)
        return [_converted(v, of_entries, f"{where}[{i}]") for i, v in enumerate(value)]
    if hint is Recipe:
        return Recipe.from_json(value)
    if is_dataclass(hint):
        return _of_dataclass(typing.cast("type[Any]", hint), value, where)
    if hint is Path and isinstance(value, str):
        return Path(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, origin or hint) and not (hint is int and isinstance(value, bool)):
        return value
    raise WrongShape(f"{where} is {value!r}, not {getattr(hint, '__name__', hint)}")
