"""The settings of a task, each said once: what panel, scripts, command and queue read.

Those that decide the pixels are the recipe's, and are declared in `texcore.contract.recipe`. What
Blender adds is declared here in the same manner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ..bundled.texcore.contract.kinds_setting import KindsSetting
from ..bundled.texcore.contract.panel import Place, Section
from ..bundled.texcore.contract.recipe import MAX_SIZE, MIN_SIZE, OBJECT, SETTINGS, SOLID, Recipe
from ..bundled.texcore.contract.settings import (
    ChoiceSetting,
    Setting,
    TextSetting,
    choice,
    declare,
    flag,
    number,
    settings_of,
    sort_for_panel,
    whole,
)
from ..bundled.texcore.contract.words import Words
from ..engine import choices
from .declaring import DERIVED_MAPS, SIZES, SharesSetting, declare_image, declare_name

#: What only textures on objects are told, and not those of planes.
ON_OBJECTS = tuple(name for name, setting in SETTINGS.items() if setting.group == OBJECT)
#: What only solid textures are told.
IN_SOLIDS = tuple(name for name, setting in SETTINGS.items() if setting.group == SOLID)
# Defaults that are others here: what Blender shows has Blender's own axes.
_IN_BLENDER: dict[str, Any] = {"up": "z"}


@dataclass(frozen=True)
class Options:
    """What a user can ask for: the settings of one task.

    Each setting's description says what it is; an empty name is the active material, or no image.

    Attributes:
        object: Name of the object that the texture is made for; empty for a plane.
        width: In pixels; 0: the image's, times `times`; of several maps, the largest's.
        height: In pixels; 0: the image's, times `times`.
        times: Of a side that is 0.
        recipe: The settings that decide the pixels, without a size.
        live: Whether there shall be previews.
        press: A word that the textures of one press share; empty for one by itself.
        sharing: Names of further materials that get the texture where they have the same photo.
        everywhere: Whether all nodes of a material that hold the image get it, if none is named.
    """

    material: str = declare_name(
        "Material",
        "Name of a material. Empty: the active one",
        german=Words("Material", "Name eines Materials. Leer: das aktive"),
        option=False,
    )
    image: str = declare_name(
        "Image",
        "Name of the image to learn from. Empty: the one that the panel names",
        german=Words(
            "Bild", "Name des Bildes, von dem gelernt wird. Leer: das, das die Leiste nennt"
        ),
    )
    object: str = declare_name(
        "Object",
        "Name of a mesh object to make a texture for, over its surface, in its own UV map",
        german=Words(
            "Objekt",
            "Name eines Mesh-Objekts, für dessen Oberfläche und eigene UV-Map eine Textur gemacht "
            "wird",
        ),
    )
    solid: bool = flag(
        False,
        label="Solid",
        description="Make a solid texture: a cube of voxels whose cuts look like the image, looked "
        "up in the object's own space by nodes",
        german=Words(
            "Massiv",
            "Eine massive Textur machen: einen Würfel aus Voxeln, dessen Schnitte aussehen wie das "
            "Bild; Knoten schlagen sie im eigenen Raum des Objekts nach",
        ),
    )
    width: int = whole(
        0,
        0,
        MAX_SIZE,
        label="Width",
        description="In pixels; 0: the image's own",
        option=False,
        german=Words("Breite", "In Pixeln; 0: wie das Bild"),
    )
    height: int = whole(
        0,
        0,
        MAX_SIZE,
        label="Height",
        description="In pixels; 0: the image's own",
        option=False,
        german=Words("Höhe", "In Pixeln; 0: wie das Bild"),
    )
    times: int = 1
    recipe: Recipe = field(default_factory=lambda: Recipe(**_IN_BLENDER))
    device: str = choice(
        "auto",
        choices.DEVICES,
        label="Compute On",
        description="Where the engine computes. Left out: as the preferences say",
        german=Words(
            "Rechnen mit", "Womit die Engine rechnet. Ohne Angabe: wie in den Einstellungen"
        ),
    )
    weights: str = declare(
        TextSetting(
            default="auto",
            label="Weights",
            description="auto, vgg19, vgg16, random or the path of a file",
            metavar="WORD|FILE",
            german=Words("Gewichte", "auto, vgg19, vgg16, random oder der Pfad einer Datei"),
        )
    )
    keep_density: bool = flag(
        True,
        label="Keep Scale",
        description="When the size changes, adjust the node's Mapping so that everything in the "
        "texture stays as large on the surface as it was",
        option=False,
        panel=Place(20),
        for_scripts="Adjust the node's Mapping to the new size, so that everything stays as large",
        german=Words(
            "Maßstab behalten",
            "Ändert sich die Größe, das Mapping des Knotens anpassen, damit alles in der Textur "
            "auf der Fläche so groß bleibt, wie es war",
            "Das Mapping des Knotens an die neue Größe anpassen, damit alles so groß bleibt",
        ),
    )
    mix: str = declare_image(
        "Mix With",
        "A second exemplar: the texture becomes something between the two",
        panel=Place(10, Section.COMPANIONS),
        german=Words(
            "Mischen mit", "Ein zweites Vorbild: die Textur wird etwas zwischen den beiden"
        ),
    )
    mix_weight: float = number(
        1.0,
        0.01,
        100.0,
        label="Weight",
        description="Of the second exemplar beside the first, which weighs 1",
        metavar="W",
        panel=Place(20, Section.COMPANIONS),
        in_presets=False,
        soft_most=4.0,
        german=Words("Gewicht", "Des zweiten Vorbilds neben dem ersten, das 1 wiegt"),
    )
    blend: str = declare_image(
        "Blend Map",
        "White where the second exemplar shall be, black where the first; empty: a mixture of both",
        panel=Place(25, Section.COMPANIONS),
        german=Words(
            "Verteilung",
            "Weiß, wo das zweite Vorbild sein soll, schwarz, wo das erste; leer: beide gemischt",
        ),
    )
    flow: str = declare_image(
        "Flow Map",
        "In the object's UV map: red to the right and green upwards is where the photo's top "
        "points; where it is mid-grey, Up tells",
        panel=Place(30, Section.OBJECT),
        german=Words(
            "Richtungen",
            "In der UV-Map des Objekts: Rot nach rechts und Grün nach oben sagen, wohin das Oben "
            "des Fotos zeigt; wo sie mittelgrau ist, gilt „Oben“",
        ),
    )
    scale_map: str = declare_image(
        "Scale Map",
        "In the object's UV map: black where the photo's things shall be half as large as Scale "
        "says, white where twice as large; where it is mid-grey, Scale tells",
        panel=Place(40, Section.OBJECT),
        german=Words(
            "Größen",
            "In der UV-Map des Objekts: Schwarz, wo die Dinge des Fotos halb so groß sein sollen, "
            "wie „Maßstab“ sagt, Weiß, wo doppelt so groß; wo sie mittelgrau ist, gilt „Maßstab“",
        ),
    )
    mask: str = declare_image(
        "Regions",
        "A colour for each region of the exemplar, each learnt for itself",
        panel=Place(30, Section.COMPANIONS),
        german=Words(
            "Bereiche", "Eine Farbe für jeden Bereich des Vorbilds; jeder wird für sich gelernt"
        ),
    )
    target_mask: str = declare_image(
        "New Regions",
        "Where each region shall be in the new texture; empty: as in the exemplar",
        panel=Place(40, Section.COMPANIONS),
        german=Words(
            "Neue Bereiche", "Wo jeder Bereich in der neuen Textur sein soll; leer: wie im Vorbild"
        ),
    )
    repair: str = declare_image(
        "Repair Mask",
        "Only what is white in this mask is made anew; all else of the image stays as it is",
        panel=Place(20, Section.REPAIR),
        german=Words(
            "Maske",
            "Nur was in dieser Maske weiß ist, wird neu gemacht; alles andere am Bild bleibt",
        ),
    )
    maps: bool = flag(
        False, label="All Maps", description="Make all maps of the material, as one", option=False
    )
    derive: tuple[str, ...] = declare(
        KindsSetting(
            default=(),
            choices=DERIVED_MAPS,
            label="Derive Maps",
            description="Guess these maps from the new base color, where the material has none. "
            "They are estimates: a stain becomes a dent",
            metavar="KIND,KIND…",
            panel=Place(10, Section.DERIVED),
            german=Words(
                "Texturen ableiten",
                "Diese Texturen aus der neuen Grundfarbe erraten, wo das Material keine hat. Es "
                "sind Schätzungen: Ein Fleck wird zur Delle",
            ),
        )
    )
    live: bool = False
    press: str = ""
    sharing: tuple[str, ...] = ()
    everywhere: bool = False

    @property
    def repairs(self) -> bool:
        """Whether a part of the image alone is made anew, and all else of it stays."""
        return bool(self.repair) or self.recipe.renew != "all"


@dataclass(frozen=True)
class PanelSettings:
    """What the panel asks in its own way, or only for itself."""

    all_maps: bool = flag(
        True,
        label="All Maps",
        description="Make all maps of the material anew, as one, so that they belong together, and "
        "not the image above alone",
        panel=Place(5),
        german=Words(
            "Alle Texturen",
            "Alle Texturen des Materials als eine neu machen, sodass sie zusammengehören, und "
            "nicht nur das Bild oben",
        ),
    )
    size: str = choice(
        "same",
        SIZES,
        label="Size",
        description="Of the new texture",
        panel=Place(10),
        german=Words("Größe", "Der neuen Textur"),
    )
    width: int = whole(
        1024,
        MIN_SIZE,
        MAX_SIZE,
        label="Width",
        description="In pixels",
        panel=Place(11),
        step=64,
        german=Words("Breite", "In Pixeln"),
    )
    height: int = whole(
        1024,
        MIN_SIZE,
        MAX_SIZE,
        label="Height",
        description="In pixels",
        panel=Place(12),
        step=64,
        german=Words("Höhe", "In Pixeln"),
    )
    rectangle: tuple[float, float, float, float] = declare(
        SharesSetting(
            default=(0.25, 0.25, 0.5, 0.5),
            label="Rectangle",
            description="Left, top, width and height of the part that is learnt from, as shares of "
            "the photo",
            panel=Place(3, Section.ADVANCED),
            in_presets=False,
            german=Words(
                "Rechteck",
                "Links, oben, Breite und Höhe des Teils, von dem gelernt wird, als Anteile am Foto",
            ),
        )
    )
    live: bool = flag(
        True,
        label="Live Preview",
        description="Show the texture in the making on the object and in the Image Editor",
        panel=Place(10, Section.ADVANCED),
        german=Words(
            "Live-Vorschau", "Die entstehende Textur auf dem Objekt und im Bildeditor zeigen"
        ),
    )


OPTIONS = settings_of(Options)
PANEL_SETTINGS = settings_of(PanelSettings)


def list_recipe_settings() -> dict[str, Setting]:
    """Return the recipe's settings that an artist sets by name, in the panel's order.

    Each has the choices only that an artist has, and Blender's own default.
    """
    return {s.name: _adapt(s) for s in sort_for_panel(SETTINGS.values())}


def list_panel_settings() -> dict[str, Setting]:
    """Return all settings of the panel by name, in its order."""
    everything = (*PANEL_SETTINGS.values(), *OPTIONS.values(), *list_recipe_settings().values())
    return {s.name: s for s in sort_for_panel(everything)}


def list_task_settings() -> dict[str, Setting]:
    """Return all settings of a task by name: what a queue's item can hold."""
    found: dict[str, Setting] = {}
    for entry in fields(Options):
        if entry.name == "recipe":
            found |= {name: SETTINGS[name] for name in list_recipe_settings()}
        elif entry.name in OPTIONS:
            found[entry.name] = OPTIONS[entry.name]
    return found


def change_options(options: Options, values: Mapping[str, Any]) -> Options:
    """Return options with other values; those of the recipe's settings go into the recipe.

        >>> change_options(Options(), {"seed": 3, "material": "Wall"}).recipe.seed
        3

    Args:
        options: What is changed.
        values: By the names of `list_task_settings`, or of further fields of `Options`.

    Raises:
        BadInput: A value of the recipe cannot be.
    """
    of_recipe = list_recipe_settings().keys() & values.keys()
    recipe = replace(options.recipe, **{name: values[name] for name in of_recipe})
    others = {name: value for name, value in values.items() if name not in of_recipe}
    return replace(options, **{"recipe": recipe, **others})


def pick_recipe(recipe: Recipe) -> Recipe:
    """Return what an artist has set of the recipe of a result."""
    return Recipe(**{name: getattr(recipe, name) for name in list_recipe_settings()})


def forget_others(recipe: Recipe, kind: str = "") -> Recipe:
    """Return the recipe of one kind of texture: what only others are told is as if never told.

    Args:
        recipe: As the panel has it.
        kind: `OBJECT` or `SOLID`; empty for a texture of a plane.
    """
    told = {OBJECT: ON_OBJECTS, SOLID: IN_SOLIDS}
    others = [name for group, names in told.items() if group != kind for name in names]
    return replace(recipe, **{name: SETTINGS[name].default for name in others})


def _adapt(setting: Setting) -> Setting:
    """Return a setting with the choices only that the panel shows, and Blender's default."""
    setting = replace(setting, default=_IN_BLENDER.get(setting.name, setting.default))
    if isinstance(setting, ChoiceSetting):
        return replace(setting, choices=setting.shown)
    return setting
