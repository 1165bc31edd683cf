"""A recipe: everything that decides a result, as data that goes to JSON and back.

Same exemplar, recipe and device give the same pixels. The engine stores the recipe in what it
writes (`RECIPE_KEY`), the extension on the image, so that any texture can be made again.

Standard library only: the extension imports this file for its menus.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .choices import (
    ARRANGEMENTS,
    BIT_DEPTHS,
    CANVASES,
    CUBES,
    CUTS,
    ENCODINGS,
    FORMS,
    INITS,
    MODELS,
    PARTS,
    PLAIN_MODELS,
    PRECISIONS,
    PROGRESSIONS,
    QUALITIES,
    RECTANGLE,
    RENEWALS,
    STATISTICS,
    TILINGS,
    UPS,
)
from .errors import BadInput
from .panel import Place, Section
from .parsing import WrongShape, parse_json, quote
from .part_setting import PartSetting
from .settings import (
    DigestsSetting,
    NumbersSetting,
    SizeSetting,
    WeightsSetting,
    choice,
    declare,
    flag,
    number,
    settings_of,
    text,
    whole,
)
from .weighted import Weights
from .words import Words

RECIPE_VERSION = 2  #: of the recipes that are made
#: Those that are read. Of version 1 every layout's detail began as noise, and had a hundred
#: evaluations and more at every size, and pixels began full of noise; its recipes make the pixels
#: that they made.
RECIPE_VERSIONS = (1, 2)
RECIPE_KEY = "texcore:recipe"
MIN_SIZE, MAX_SIZE = 32, 16384
MAX_OCTAVES, MAX_MIX, MAX_SCALE = 8, 16, 16
MIN_EXEMPLAR = 16  #: pixels a side; in fewer there is no texture to learn
#: Each channel of an 8-bit picture of one colour varies by no more than so many of 255 levels: by
#: traces of compression or dithering.
FLAT_LEVELS = 2.5


# Settings that recipes of version 1 do not have.
_SINCE_VERSION_2 = (
    *("novelty", "learn_from", "progress", "renew", "border", "even_light"),
    *("up", "scale", "even", "voxels", "cuts", "span", "form", "encodings"),
)
_MODEL = "texture model"
_START = "start"
OBJECT = "object"  #: heading of what only textures on objects have
SOLID = "solid texture"  #: heading of what only solid textures have


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a result besides the exemplar's pixels and the device.

    This is the table of the settings: a command line, Blender's panel, its presets and queues
    read it, see `texcore.contract.settings`. A value that cannot be raises `BadInput` at once.

        >>> Recipe(size=(512, 512), seed=3).tile
        'xy'

    What changes along an axis cannot repeat along it, so `progress` takes that axis out of `tile`:

        >>> Recipe(progress="y").tile
        'x'

    Each setting's description says what it is; of a choice, `texcore.contract.choices` lists the
    values. None as a value is what the model or the exemplar says.

    Attributes:
        version: Of this format.
    """

    size: tuple[int, int] | None = declare(
        SizeSetting(
            label="Size",
            description="Of the new texture in pixels; left out: the exemplar's",
            metavar="N|WxH",
            least=MIN_SIZE,
            most=MAX_SIZE,
            optional=True,
        )
    )
    model: str = choice(
        "default",
        MODELS,
        label="Model",
        description="What the network looks at",
        in_panel=PLAIN_MODELS,
        panel=Place(40, Section.ADVANCED),
        explained=True,
        group=_MODEL,
        german=Words("Modell", "Worauf das Netz schaut"),
    )
    quality: str = choice(
        "standard",
        QUALITIES,
        label="Quality",
        description="How much work is done",
        panel=Place(60),
        explained=True,
        german=Words("Qualität", "Wie viel Arbeit getan wird"),
    )
    tile: str = choice(
        "xy",
        TILINGS,
        label="Tiling",
        description="Where the texture repeats",
        panel=Place(30),
        german=Words("Kachelung", "Wo sich die Textur wiederholt"),
    )
    arrangement: str = choice(
        "auto",
        ARRANGEMENTS,
        label="Arrangement",
        description="Where large things lie in the texture",
        panel=Place(20, Section.ADVANCED),
        german=Words("Anordnung", "Wo große Dinge in der Textur liegen"),
    )
    learn_from: str = declare(
        PartSetting(
            default="all",
            choices=PARTS,
            in_panel=(*PARTS, RECTANGLE),
            label="Learn From",
            description="Which part of the photo the texture is made from",
            metavar="WORD|X,Y,W,H",
            panel=Place(2, Section.ADVANCED),
            german=Words("Lernen von", "Aus welchem Teil des Fotos die Textur gemacht wird"),
        )
    )
    progress: str = choice(
        "none",
        PROGRESSIONS,
        label="Progress",
        description="How the texture changes; along that way it cannot repeat",
        panel=Place(1, Section.ADVANCED),
        german=Words(
            "Verlauf", "Wie sich die Textur verändert; in dieser Richtung wiederholt sie sich nicht"
        ),
    )
    renew: str = choice(
        "all",
        RENEWALS,
        label="Make New",
        description="What of the photo is made anew",
        panel=Place(10, Section.REPAIR),
        german=Words("Neu machen", "Was am Foto neu gemacht wird"),
    )
    border: float = number(
        0.1,
        0.01,
        0.4,
        label="Border",
        noun="border is",
        description="Width of the band that is made anew where only the border is, as a share of "
        "the photo's shorter side",
        metavar="W",
        panel=Place(15, Section.REPAIR),
        german=Words(
            "Rand",
            "Breite des Streifens, der neu gemacht wird, wo es nur der Rand wird, als Anteil an "
            "der kürzeren Seite des Fotos",
        ),
    )
    straighten: bool = flag(
        True,
        label="Straighten",
        description="Make lines that lean or converge in the photo upright and level first",
        panel=Place(30, Section.ADVANCED),
        german=Words(
            "Begradigen",
            "Linien, die im Foto schief stehen oder zusammenlaufen, zuerst gerade richten",
        ),
    )
    even_light: float = number(
        0.0,
        0,
        1,
        label="Even Light",
        noun="even light is",
        description="How much of uneven light and soft shadows is taken out of the photo first; "
        "texture and colours stay",
        metavar="N",
        panel=Place(12, Section.ADVANCED),
        german=Words(
            "Licht ebnen",
            "Wie viel von ungleichem Licht und weichen Schatten zuerst aus dem Foto genommen wird; "
            "Struktur und Farben bleiben",
        ),
    )
    even: float = number(
        0.0,
        0,
        1,
        label="Even Out",
        noun="evening out is",
        description="How much of what stands out in the new texture is drawn in, such as one "
        "bright stone, by which the eye would find that it repeats",
        metavar="N",
        panel=Place(13, Section.ADVANCED),
        german=Words(
            "Angleichen",
            "Wie viel von dem, was in der neuen Textur heraussticht, zurückgenommen wird, etwa ein "
            "heller Stein, an dem das Auge die Wiederholung fände",
        ),
    )
    novelty: float = number(
        0.25,
        0,
        1,
        label="Novelty",
        noun="novelty is",
        description="From as sharp as the photo (0) to nothing repeated from it (1), which takes "
        "several times as long",
        metavar="N",
        panel=Place(80),
        german=Words(
            "Neuheit",
            "Von so scharf wie das Foto (0) bis zu nichts daraus wiederholt (1), was um ein "
            "Mehrfaches länger dauert",
        ),
    )
    seed: int = whole(
        0,
        0,
        2**32 - 1,
        label="Seed",
        description="Another seed, another texture",
        metavar="N",
        panel=Place(90),
        in_presets=False,
        german=Words("Startwert", "Ein anderer Startwert, eine andere Textur"),
    )
    encoding: str = choice(
        "auto", ENCODINGS, label="Encoding", description="What the exemplar's numbers mean"
    )
    bit_depth: str = choice(
        "auto", BIT_DEPTHS, label="Bit Depth", description="Of the file that is written"
    )
    network: str = text(
        description="Fingerprint of the feature network; empty until a run has chosen one"
    )
    exemplar: str = text(
        description="SHA-256 of the exemplar's decoded pixels; empty until a run has read it"
    )
    precision: str = choice(
        "auto",
        PRECISIONS,
        label="Precision",
        description="Of the network's convolutions",
        option=False,
    )
    maps: str = text(
        description="Of a material made as one, the kinds of all its maps in their order, with "
        "commas between them; empty for a picture by itself"
    )
    encodings: str = text(
        description="Of such a material, what the numbers of each of its maps mean, in the same "
        "order; empty in recipes of before"
    )
    layers: Weights | None = declare(  # noqa: RUF009 – it makes a field
        WeightsSetting(
            thing="layer",
            description="Of the network, with weights: conv1_1,pool2=0.5",
            metavar="L[=W],…",
            group=_MODEL,
            optional=True,
            model_field="layers",
        )
    )
    octaves: tuple[float, ...] | None = declare(
        NumbersSetting(
            thing="octave",
            most=MAX_OCTAVES,
            description="How many halvings, or a weight for each from the full size",
            metavar="N|W,W,…",
            group=_MODEL,
            optional=True,
            model_field="octaves",
        )
    )
    statistic: Weights | None = declare(  # noqa: RUF009 – it makes a field
        WeightsSetting(
            thing="statistic",
            names=STATISTICS,
            description="; ".join(f"{c.id}: {c.description}" for c in STATISTICS),
            metavar="S[=W],…",
            group=_MODEL,
            optional=True,
            model_field="statistic",
        )
    )
    components: int | None = whole(
        None,
        1,
        4096,
        noun="components are",
        description="Principal components that each layer's features are reduced to",
        metavar="K",
        group=_MODEL,
        model_field="components",
    )
    iterations: int | None = whole(
        None,
        1,
        100_000,
        noun="iterations are",
        description="At each size of the canvas",
        metavar="N",
        group=_MODEL,
    )
    canvas: str = choice(
        "auto", CANVASES, description="What is optimised", group=_MODEL, model_field="canvas"
    )
    init: str = choice(
        "auto",
        INITS,
        description="What it starts from",
        option=False,
        group=_START,
        model_field="start",
    )
    init_strength: float | None = number(
        None,
        0,
        1,
        noun="start's noise is",
        description="Share of noise in the start; the rest is the picture, or its mean colour",
        metavar="S",
        group=_START,
        model_field="noise",
    )
    up: str = choice(
        "y",
        UPS,
        label="Up",
        description="Which axis of an object points upwards, as the photo's top does",
        panel=Place(20, Section.OBJECT),
        group=OBJECT,
        german=Words("Oben", "Welche Achse eines Objekts nach oben zeigt, wie im Foto dessen Oben"),
    )
    scale: float = number(
        1.0,
        1 / MAX_SCALE,
        MAX_SCALE,
        label="Scale",
        noun="scale is",
        description="How large the photo's things are on an object; 1: a pixel for a pixel",
        metavar="F",
        panel=Place(10, Section.OBJECT),
        group=OBJECT,
        german=Words(
            "Maßstab",
            "Wie groß die Dinge des Fotos auf einem Objekt sind; 1: ein Pixel für einen Pixel",
        ),
    )
    voxels: str = choice(
        "64",
        CUBES,
        label="Voxels",
        description="Of the side of a solid texture, which is a cube that repeats",
        panel=Place(10, Section.SOLID),
        group=SOLID,
        german=Words("Voxel", "Der Kante einer massiven Textur: ein Würfel, der sich wiederholt"),
    )
    cuts: str = choice(
        "all",
        CUTS,
        label="Cuts",
        description="Which cuts through a solid texture look like the photo",
        panel=Place(20, Section.SOLID),
        group=SOLID,
        explained=True,
        german=Words("Schnitte", "Welche Schnitte durch eine massive Textur wie das Foto aussehen"),
    )
    span: float = number(
        0.35,
        0.05,
        1.0,
        label="Span",
        noun="span is",
        description="How much of the photo's shorter side is as long as a solid texture's; the "
        "photo is scaled so",
        metavar="N",
        panel=Place(30, Section.SOLID),
        group=SOLID,
        german=Words(
            "Ausschnitt",
            "Welcher Anteil an der kürzeren Seite des Fotos so lang ist wie die Kante einer "
            "massiven Textur; danach richtet sich der Maßstab des Fotos",
        ),
    )
    form: str = choice(
        "flat",
        FORMS,
        description="What the texture was made as; a run writes it down",
        option=False,
    )
    mix: tuple[float, ...] = declare(
        NumbersSetting(
            thing="further exemplar",
            most=MAX_MIX,
            default=(),
            description="Weights of further exemplars beside the first, which weighs 1",
            option=False,
        )
    )
    pictures: tuple[tuple[str, str], ...] = declare(
        DigestsSetting(
            default=(),
            description="What each further picture was for, and the SHA-256 of its decoded pixels; "
            "empty until a run has read them",
            option=False,
        )
    )
    version: int = RECIPE_VERSION

    def __post_init__(self) -> None:
        """Check every value, and keep it as a plain one.

        Raises:
            BadInput: A value is not one of those allowed.
        """
        for name, setting in settings_of(type(self)).items():
            object.__setattr__(self, name, setting.check(getattr(self, name)))
        if self.progress in self.tile:
            left = self.tile.replace(self.progress, "") or "none"
            object.__setattr__(self, "tile", left)
        if type(self.version) is not int or self.version not in RECIPE_VERSIONS:
            raise BadInput(
                f"The recipe is of version {quote(self.version)}: "
                f"this Texcore reads 1 to {RECIPE_VERSION}."
            )

    def tell_encoding(self, kind: str) -> str | None:
        """Return what the numbers of a map of the material mean; None where it does not tell.

        A map's own recipe says of `encoding` what those of that map do, and tells of all here.

        Raises:
            BadInput: It tells what no numbers mean.
        """
        told = dict(zip(self.maps.split(","), self.encodings.split(","), strict=False))
        if not self.encodings or kind not in told:
            return None
        encoding: str = SETTINGS["encoding"].check(told[kind])
        return encoding

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; `from_json` reads them back to an equal recipe."""
        plain = {name: s.to_json(getattr(self, name)) for name, s in SETTINGS.items()}
        if self.version == 1:
            for name in _SINCE_VERSION_2:
                del plain[name]
        return {**plain, "version": self.version}

    @classmethod
    def from_json(cls, value: Any) -> Recipe:
        """Return the recipe of JSON values; what is left out takes its default.

        Raises:
            BadInput: It is not an object, or a name or value in it is not known.
        """
        if not isinstance(value, Mapping):
            raise BadInput("The recipe is not a JSON object.")
        unknown = set(value) - {*SETTINGS, "version"}
        if unknown:
            name = quote(min(map(str, unknown)))
            raise BadInput(f"The recipe has a setting this Texcore does not know: {name}.")
        return cls(**value)

    def dumps(self) -> str:
        """Return it as one line of JSON text."""
        return json.dumps(self.to_json(), separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Recipe:
        """Return the recipe of a JSON text.

        Raises:
            BadInput: The text is not a recipe.
        """
        try:
            return cls.from_json(parse_json(text))
        except WrongShape as e:
            raise BadInput(f"The recipe {e}.") from None


#: The settings of a recipe by name, in its order; every other part of Texcore reads them here.
SETTINGS = settings_of(Recipe)


def default_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of a result as large as its exemplar, within the limits."""
    return min(max(width, MIN_SIZE), MAX_SIZE), min(max(height, MIN_SIZE), MAX_SIZE)


def check_exemplar(name: str, width: int, height: int) -> None:
    """Check that a picture is large enough to learn from; sides in pixels.

    Raises:
        BadInput: A side is shorter than `MIN_EXEMPLAR`.
    """
    if min(width, height) < MIN_EXEMPLAR:
        raise BadInput(
            f"“{name}” has {width} × {height} pixels: "
            f"a texture needs at least {MIN_EXEMPLAR} × {MIN_EXEMPLAR}."
        )
