"""Turn dataclasses into plain JSON values and back, by the types of their fields.

What comes from outside is checked whole before anything sees it: messages, recipes, queues,
checkpoints and the files of trained networks all go through `parse_json`, and what is no recipe
through `from_plain`. A library such as msgspec would do the same; but the extension runs in
Blender's own Python, which gets no packages.
"""

from __future__ import annotations

import functools
import os
import sys
import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from .errors import BadInput
from .parsing import WrongShape, parse_json, quote
from .recipe import Recipe

__all__ = ["WrongShape", "from_plain", "parse_json", "to_plain"]

M = TypeVar("M")


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
        BadInput: A recipe in it cannot be, or no file can have the name of a path.
    """
    return typing.cast(M, _of_dataclass(kind, value, kind.__name__))


def _of_dataclass(kind: type[Any], value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise WrongShape(f"{where} wants an object, not {type(value).__name__}")
    hints, needed = _fields_of(typing.cast(Hashable, kind))
    missing = [name for name in needed if name not in value]
    if missing:
        raise WrongShape(f"{where} lacks {missing[0]}")
    return kind(
        **{
            name: _converted(value[name], hint, f"{where}.{name}")
            for name, hint in hints.items()
            if name in value
        }
    )


@functools.cache
def _fields_of(kind: Hashable) -> tuple[dict[str, Any], list[str]]:
    """The types of a dataclass' fields by name, and those that have to be given."""
    hints = typing.get_type_hints(kind)
    own = fields(typing.cast("type[Any]", kind))
    needed = [f.name for f in own if f.default is f.default_factory is MISSING]
    return {f.name: hints[f.name] for f in own}, needed


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
        return {key: _converted(v, of_values, f"{where}.{quote(key)}") for key, v in value.items()}
    if origin in (list, tuple) and isinstance(value, list):
        of_entries, *_ = typing.get_args(hint)  # of a tuple, of any length: there are no others
        return origin(_converted(v, of_entries, f"{where}[{i}]") for i, v in enumerate(value))
    if hint is Recipe:
        return Recipe.from_json(value)
    if is_dataclass(hint):
        return _of_dataclass(typing.cast("type[Any]", hint), value, where)
    if hint is Path and isinstance(value, str):
        return _to_path(value)
    if hint is float and type(value) in (int, float) and abs(value) <= sys.float_info.max:
        return float(value)
    if type(value) is hint and hint is not float:
        return value
    shown = f"'{quote(value)}'" if isinstance(value, str) else quote(value)
    raise WrongShape(f"{where} is {shown}, not {getattr(hint, '__name__', hint)}")


def _to_path(value: str) -> Path:
    """A text as a path, if a file can have it as its name."""
    try:
        named = bool(value) and b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        named = False
    if not named:
        raise BadInput(f"“{quote(value)}” is no file's name: choose another.")
    return Path(value)
