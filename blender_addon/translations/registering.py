"""Texcore in the artist's language, for as long as the add-on is enabled."""

from __future__ import annotations

import bpy

from .. import add_on
from ..bundled.texcore.contract.engine_sets import ENGINE_SETS
from ..bundled.texcore.contract.recipe import SETTINGS
from ..bundled.texcore.contract.sentences import SENTENCES
from ..bundled.texcore.contract.settings import list_german
from ..engine import choices
from ..synthesis.settings import OPTIONS, PANEL_SETTINGS
from ..synthesis.supplied import SUPPLIED
from . import german

_ANY, _OPERATOR = "*", "Operator"


def table() -> dict[str, dict[tuple[str, str], str]]:
    """All languages as Blender takes them: locale → (context, message) → translation."""
    own = german.PREFERENCES | german.DOING | german.UNTILING | german.SOLIDS | german.SENTENCES
    texts = own | _list_settings()
    words = {(_ANY, message): text for message, text in texts.items()}
    # Blender looks for the text of a button in the operators' context, for a title in any.
    words |= {(_OPERATOR, message): text for message, text in german.OPERATORS.items()}
    words |= {(_ANY, message): text for message, text in german.OPERATORS.items()}
    words |= {(add_on.CONTEXT, message): text for message, text in _list_settings().items()}
    words |= {(add_on.CONTEXT, message): text for message, text in SENTENCES.items()}
    return {"de_DE": words, "de": words}


def _list_settings() -> dict[str, str]:
    """The German of all settings, presets and sets for engines, which they have themselves."""
    settings = (*SETTINGS.values(), *OPTIONS.values(), *PANEL_SETTINGS.values())
    weights = [pair for choice in choices.WEIGHTS for pair in choice.list_translations()]
    presets = [pair for preset in SUPPLIED for pair in preset.words.list_translations()]
    engines = [pair for each in ENGINE_SETS.values() for pair in each.words.list_translations()]
    return list_german(settings) | dict(weights) | dict(presets) | dict(engines)


def register() -> None:
    """Add the translations."""
    bpy.app.translations.register(add_on.ID, table())


def unregister() -> None:
    """Remove the translations."""
    bpy.app.translations.unregister(add_on.ID)
