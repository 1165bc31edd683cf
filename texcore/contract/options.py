"""Turn settings into options of a command line, and what was given back into values.

The engine's command line and the one inside Blender both do it here, so a setting in the table is
an option of both.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from .part_setting import PartSetting
from .settings import ChoiceSetting, FlagSetting, NumberSetting, Setting, WholeSetting

Groups = dict[str, Any]
"""Argument groups by title, made as they are needed."""


def add_options(
    parser: argparse.ArgumentParser, settings: Iterable[Setting], groups: Groups | None = None
) -> None:
    """Add an option for each setting, under the heading of its group.

    None has a default: what is not given comes from a recipe, or from the setting itself.

        >>> from .recipe import SETTINGS
        >>> parser = argparse.ArgumentParser()
        >>> add_options(parser, [SETTINGS["tile"], SETTINGS["seed"]])
        >>> read_options(parser.parse_args(["--seed", "7"]), SETTINGS.values())
        {'seed': 7}
    """
    groups = {} if groups is None else groups
    for setting in settings:
        heading = setting.group
        if heading and heading not in groups:
            groups[heading] = parser.add_argument_group(heading)
        target = groups[heading] if heading else parser
        target.add_argument(f"--{setting.name.replace('_', '-')}", **_keywords(setting))


def read_options(given: argparse.Namespace, settings: Iterable[Setting]) -> dict[str, Any]:
    """Return the values of those settings that were given, by name.

    Raises:
        BadInput: One cannot be.
    """
    values = {}
    for setting in settings:
        value = getattr(given, setting.name, None)
        if value is not None:
            read = setting.parse if isinstance(value, str) else setting.check
            values[setting.name] = read(value)
    return values


def write_options(given: argparse.Namespace, settings: Iterable[Setting]) -> list[str]:
    """Return the words that give another command line the same settings.

    >>> from .recipe import SETTINGS
    >>> parser, settings = argparse.ArgumentParser(), [SETTINGS["seed"], SETTINGS["straighten"]]
    >>> add_options(parser, settings)
    >>> write_options(parser.parse_args(["--seed", "7", "--no-straighten"]), settings)
    ['--seed=7', '--no-straighten']
    """
    words = []
    for setting in settings:
        name, value = setting.name.replace("_", "-"), getattr(given, setting.name, None)
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        elif value is not None:
            words.append(f"--{name}={value}")
    return words


def _keywords(setting: Setting) -> dict[str, Any]:
    """What ``add_argument`` is told of a setting."""
    text = f"{_explain(setting)}{_tell_default(setting)}".replace("%", "%%")
    if isinstance(setting, FlagSetting):
        return {"action": argparse.BooleanOptionalAction, "help": text}
    if isinstance(setting, ChoiceSetting) and not isinstance(setting, PartSetting):
        return {"choices": setting.ids, "help": text}
    keywords: dict[str, Any] = {"metavar": setting.metavar, "help": text}
    if isinstance(setting, WholeSetting):
        keywords["type"] = int
    elif isinstance(setting, NumberSetting):
        keywords["type"] = float
    return keywords


def _explain(setting: Setting) -> str:
    """Say what a setting is, and what each of its choices means."""
    if not isinstance(setting, ChoiceSetting):
        return setting.description
    words = "; ".join(f"{c.id}: {c.description}" for c in setting.choices)
    if isinstance(setting, PartSetting):
        words += "; X,Y,W,H: a rectangle in shares of the photo, from its upper left corner"
    return f"{setting.description}. {words}"


def _tell_default(setting: Setting) -> str:
    """Say in brackets what is taken where a setting is left out; nothing if its words say it."""
    default = setting.default
    if isinstance(default, bool):
        word = "yes" if default else "no"
    elif isinstance(default, (int, float)):
        word = f"{default:g}"
    elif isinstance(default, str) and default:
        word = default
    elif setting.model_field or isinstance(setting, WholeSetting):
        word = "the model's"
    else:
        return ""
    return f" (default: {word})"
