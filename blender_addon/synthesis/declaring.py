"""What Blender's own settings are declared with: their kinds and their choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..bundled.texcore.contract.panel import Place
from ..bundled.texcore.contract.settings import Setting, TextSetting, declare
from ..bundled.texcore.contract.words import Choice, Words

SIZES = (
    Choice(
        "same",
        "Same",
        "The size of the image it learns from",
        Words("Gleich", "So groß wie das Bild, von dem gelernt wird"),
    ),
    Choice(
        "double",
        "Double",
        "Twice the width and height of the image it learns from",
        Words("2 ×", "Doppelt so breit und hoch wie das Bild, von dem gelernt wird"),
    ),
    Choice("custom", "Custom", "Any width and height", Words("Eigene", "Jede Breite und Höhe")),
    # Further ones go to the end: Blender's files keep the number of a choice.
    *(
        Choice(
            str(side),
            label,
            f"{side} × {side} pixels",
            Words(label, f"{side} × {side} Pixel"),
        )
        for side, label in ((512, "512"), (1024, "1K"), (2048, "2K"), (4096, "4K"))
    ),
)
#: Maps that can be guessed from a new base color.
DERIVED_MAPS = (
    Choice(
        "height",
        "Height",
        "An estimate: dark is taken for deep. Into a Displacement node",
        Words("Höhe", "Eine Schätzung: Dunkles gilt als tief. In einen Verschiebungs-Knoten"),
    ),
    Choice(
        "normal",
        "Normal",
        "An estimate: the slopes of that height. Into a Normal Map node",
        Words("Normalen", "Eine Schätzung: die Neigungen dieser Höhen. In einen Knoten Normal Map"),
    ),
    Choice(
        "roughness",
        "Roughness",
        "An estimate: grain is taken for rough, raised for smooth",
        Words("Rauheit", "Eine Schätzung: Körniges gilt als rau, Erhabenes als glatt"),
    ),
    Choice(
        "ao",
        "AO",
        "An estimate: how deep in that height. Multiplied into the base color",
        Words("AO", "Eine Schätzung: wie tief in diesen Höhen. Mit der Grundfarbe multipliziert"),
    ),
    Choice(
        "curvature",
        "Curvature",
        "An estimate: edges of that height bright, hollows dark. Into a node by itself, to link",
        Words(
            "Krümmung",
            "Eine Schätzung: Kanten dieser Höhen hell, Vertiefungen dunkel. In einen Knoten für "
            "sich, zum Verbinden",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class SharesSetting(Setting):
    """Several numbers from 0 to 1, such as a rectangle's."""


@dataclass(frozen=True, kw_only=True)
class ImageSetting(TextSetting):
    """The name of an image of the file; empty for none. In the panel it is chosen from a list."""


def declare_name(label: str, description: str, german: Words, option: bool = True) -> Any:
    """Declare the name of a data-block, empty by default."""
    return declare(
        TextSetting(
            default="",
            label=label,
            description=description,
            german=german,
            option=option,
            metavar="NAME",
        )
    )


def declare_image(label: str, description: str, german: Words, panel: Place) -> Any:
    """Declare an image beside the first, which the panel lists and a script names."""
    return declare(
        ImageSetting(
            default="",
            label=label,
            description=description,
            for_scripts=f"Name of an image. {description}",
            german=Words(*german[:2], f"Name eines Bildes. {german.description}"),
            panel=panel,
            in_presets=False,
            metavar="NAME",
        )
    )
