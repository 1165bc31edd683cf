"""The settings of a row of a batch: what queue and command line of ``texcore batch`` have.

Those that decide the pixels are the recipe's. What a row adds is declared here, under the names
that a queue of Blender's has, so that ``{"image": "bark.png", "seed": 3}`` is a row of both: there
``image`` names an image of the file, here a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .choices import DEVICES
from .kinds_setting import KindsSetting
from .map_kinds import DERIVABLE, KINDS
from .recipe import MAX_SIZE, OBJECT, SETTINGS, SOLID
from .settings import Setting, TextSetting, choice, declare, flag, number, settings_of, whole
from .words import Choice

FORMATS = (
    Choice("auto", "", "as the picture's: PNG, TIFF or EXR"),
    Choice("png", "", "PNG"),
    Choice("tif", "", "TIFF"),
    Choice("exr", "", "OpenEXR"),
    Choice("jpg", "", "JPEG, for pictures by themselves"),
)


def _words(description: str, metavar: str, default: str = "", option: bool = True) -> Any:
    """Declare a text that names something."""
    return declare(
        TextSetting(default=default, description=description, metavar=metavar, option=option)
    )


@dataclass(frozen=True)
class RowSettings:
    """What a row can say besides the settings of a recipe.

        >>> RowSettings(image="photos/*.jpg").name
        '{stem}'

    Each setting's description says what it is. Paths are relative to the queue's folder.
    """

    image: str = _words("A picture, a folder of maps, or a pattern of either", "PATH", option=False)
    name: str = _words(
        "Of the result below the output folder, without a suffix; {stem} is the picture's name, "
        "{seed} and so on any setting, {row} the row's number",
        "NAME",
        default="{stem}",
    )
    width: int = whole(0, 0, MAX_SIZE, description="In pixels; 0: the picture's own", option=False)
    height: int = whole(0, 0, MAX_SIZE, description="In pixels; 0: the picture's own", option=False)
    format: str = choice("auto", FORMATS, description="Of the files to write")
    device: str = choice(
        "auto", tuple(Choice(id, "", id) for id in DEVICES), description="Where it is computed"
    )
    weights: str = _words(
        "auto, vgg19, vgg16, random, random-vgg or the path of a file", "WORD|FILE", default="auto"
    )
    mix: str = _words("A second exemplar", "PATH")
    mix_weight: float = number(
        1.0, 0.01, 100.0, description="Of the second exemplar beside the first", metavar="W"
    )
    mask: str = _words("A colour for each region of the exemplar", "PATH")
    target_mask: str = _words("Where each region shall be in the result", "PATH")
    derive: tuple[str, ...] = declare(
        KindsSetting(
            default=(),
            choices=tuple(Choice(id, "", KINDS[id].label) for id in DERIVABLE),
            description="Guess these maps where they are not given: " + ", ".join(DERIVABLE),
            metavar="KIND,KIND…",
        )
    )
    derive_first: bool = flag(
        False, description="Guess them from the exemplar and synthesise them too"
    )


#: What a row adds to a recipe, by name.
OWN_SETTINGS = settings_of(RowSettings)
#: Those settings of a recipe that a row can have, by name.
RECIPE_SETTINGS = {
    name: setting
    for name, setting in SETTINGS.items()
    if (setting.option or setting.panel) and setting.group not in (OBJECT, SOLID)
}
#: All settings that a row can have, by name.
ROW_SETTINGS: dict[str, Setting] = {**OWN_SETTINGS, **RECIPE_SETTINGS}
