"""Turn settings into Blender's properties, for panels and operators alike."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import bpy

from ..add_on import CONTEXT
from ..bundled.texcore.contract.kinds_setting import KindsSetting
from ..bundled.texcore.contract.part_setting import PartSetting
from ..bundled.texcore.contract.settings import (
    ChoiceSetting,
    FlagSetting,
    NumberSetting,
    Setting,
    WholeSetting,
)
from ..bundled.texcore.contract.words import Choice
from ..images import exchange
from .declaring import ImageSetting, SharesSetting

T = TypeVar("T", bound=type)
NO_ICONS: Mapping[str, int] = MappingProxyType({})
#: Blender's whole numbers are signed, of 32 bits.
MAX_WHOLE = 2**31 - 1


def list_items(choices: Iterable[Choice]) -> list[tuple[str, str, str]]:
    """Return choices as an EnumProperty wants them."""
    return [(choice.id, choice.label, choice.description) for choice in choices]


def _list_pictured(
    choices: Iterable[Choice], icons: Mapping[str, int]
) -> list[tuple[str, str, str, int, int]]:
    """Return choices with their icons, and with the numbers that they have without, in files."""
    items = enumerate(list_items(choices))
    return [(*words, icons.get(words[0], 0), number) for number, words in items]


def property_of(
    setting: Setting, *, from_panel: bool = False, icons: Mapping[str, int] = NO_ICONS
) -> Any:
    """Return the property of Blender that holds a setting.

    Args:
        setting: The setting.
        from_panel: For an operator's: what a script leaves out is taken from the panel, so there
            is no default, every value is let through to be judged later, and images are named.
        icons: Numbers of the icons of its choices, by their ids.
    """
    words: dict[str, Any] = {
        "name": setting.label,
        "description": setting.description,
        "translation_context": CONTEXT,
    }
    if from_panel:
        words["description"] = setting.for_scripts or setting.description
        words["options"] = {"SKIP_SAVE"}  # else Blender repeats the last values
    else:
        words["default"] = setting.default
    if isinstance(setting, KindsSetting):
        return _make_flags(setting, words)
    if isinstance(setting, SharesSetting):
        return bpy.props.FloatVectorProperty(size=len(setting.default), min=0, max=1, **words)
    # A script gives a rectangle in the place of a word.
    if isinstance(setting, ChoiceSetting) and not (from_panel and isinstance(setting, PartSetting)):
        items = _list_pictured(setting.choices, icons) if icons else list_items(setting.choices)
        return bpy.props.EnumProperty(items=items, **words)
    if isinstance(setting, FlagSetting):
        return bpy.props.BoolProperty(**words)
    if isinstance(setting, (WholeSetting, NumberSetting)):
        return _make_number(setting, words, bounded=not from_panel)
    if isinstance(setting, ImageSetting) and not from_panel:
        return _make_image(words)
    return bpy.props.StringProperty(**words)


def add_properties(
    settings: Mapping[str, Setting],
    *,
    from_panel: bool = False,
    icons: Mapping[str, Mapping[str, int]] | None = None,
) -> Callable[[T], T]:
    """Return a decorator that gives a class of Blender's a property for each setting.

    They come after those that the class itself declares, or take their place.

    Args:
        settings: By name.
        from_panel: See `property_of`.
        icons: Numbers of icons by the names of settings, and then by the ids of their choices.
    """

    def add(cls: T) -> T:
        own = inspect.get_annotations(cls)
        made = {
            name: property_of(s, from_panel=from_panel, icons=(icons or {}).get(name, NO_ICONS))
            for name, s in settings.items()
        }
        cls.__annotations__ = {**own, **made}
        return cls

    return add


def _make_flags(setting: KindsSetting, words: dict[str, Any]) -> Any:
    options = {"ENUM_FLAG", *words.pop("options", ())}
    if "default" in words:
        words["default"] = set(words["default"])
    return bpy.props.EnumProperty(items=list_items(setting.choices), options=options, **words)


def _make_number(
    setting: WholeSetting | NumberSetting, words: dict[str, Any], bounded: bool
) -> Any:
    if isinstance(setting, WholeSetting):
        if bounded:
            most = min(setting.most, MAX_WHOLE)
            words |= {"min": setting.least, "max": most, "step": setting.step}
        return bpy.props.IntProperty(**words)
    if bounded:
        words |= {"min": setting.least, "max": setting.most}
        if setting.soft_most is not None:
            words["soft_max"] = setting.soft_most
    return bpy.props.FloatProperty(**words)


def _make_image(words: dict[str, Any]) -> Any:
    del words["default"]
    poll = lambda self, image: exchange.can_be_chosen(image)  # noqa: E731
    return bpy.props.PointerProperty(type=bpy.types.Image, poll=poll, **words)
