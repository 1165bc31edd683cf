"""The presets that come with Texcore: values of the panel's settings, each with its words.

A preset sets what any of these presets is about (`ABOUT`), what it does not name to the default;
every other setting stays as the artist has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..bundled.texcore.contract.words import Choice, Words
from .settings import list_panel_settings


@dataclass(frozen=True)
class Preset:
    """A preset that comes with Texcore.

    Attributes:
        words: Its name in scripts, and what an artist reads.
        values: Of settings of the panel, by their names.
    """

    words: Choice
    values: Mapping[str, Any]


SUPPLIED = (
    Preset(
        Choice(
            "quick",
            "Quick Look",
            "A draft as large as the photo, to see what will come of it",
            Words(
                "Schneller Blick", "Ein Entwurf, so groß wie das Foto: um zu sehen, was daraus wird"
            ),
        ),
        {"quality": "draft"},
    ),
    Preset(
        Choice(
            "tileable",
            "Tileable Photo",
            "The photo itself, but for its border, which is sewn together anew",
            Words("Foto zum Kacheln", "Das Foto selbst bis auf den Rand, der neu vernäht wird"),
        ),
        {"arrangement": "photo", "novelty": 0.0},
    ),
    Preset(
        Choice(
            "four_times",
            "Four Times the Photo",
            "Twice as wide and as high, its large things in new places",
            Words("Vier Mal das Foto", "Doppelt so breit und hoch, Großes an neuen Stellen"),
        ),
        {"size": "double", "arrangement": "new"},
    ),
    Preset(
        Choice(
            "material",
            "Whole Material",
            "Height, normals, roughness and AO too, guessed where the material has none",
            Words(
                "Ganzes Material",
                "Auch Höhe, Normalen, Rauheit und AO, geraten, wo das Material keine hat",
            ),
        ),
        {"derive": ("height", "normal", "roughness", "ao")},
    ),
)
#: Names of the settings that the presets are about.
ABOUT = tuple(dict.fromkeys(name for preset in SUPPLIED for name in preset.values))


def complete_values(id: str) -> dict[str, Any]:
    """Return all that a preset sets, by the names of the panel's settings.

    Args:
        id: Its name in scripts.

    Raises:
        BadInput: A value is none of its setting.
    """
    settings = list_panel_settings()
    (values,) = [preset.values for preset in SUPPLIED if preset.words.id == id]
    return {name: settings[name].check(values.get(name, settings[name].default)) for name in ABOUT}
