"""A recipe: everything that decides a result, as data that goes to JSON and back.

Same exemplar, recipe and device give the same pixels. The engine stores the recipe in what it
writes (`RECIPE_KEY`), the extension on the image, so that any texture can be made again.

Standard library only: the extension imports this file for its menus.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

from .errors import BadInput
from .weighted import Weights, checked_numbers, checked_weights

RECIPE_VERSION = 1
RECIPE_KEY = "texcore:recipe"
MIN_SIZE, MAX_SIZE = 32, 16384
MAX_OCTAVES, MAX_MIX = 8, 16
MIN_EXEMPLAR = 16  #: pixels a side; in fewer there is no texture to learn


class Choice(NamedTuple):
    """One value of a setting: its name in files, its label, and a line of plain words."""

    id: str
    label: str
    description: str


MODELS = (
    Choice("default", "Texcore", "Sharp and true to structure; the best choice for most pictures"),
    Choice("gatys", "Gatys", "Gatys 2015: the original, small structure at a single scale"),
    Choice("multiscale", "Multi-scale", "Snelgrove 2017: few layers on a pyramid of five octaves"),
    Choice(
        "smooth", "Smooth", "Deeper layers and a term against grain, by Adam from uniform noise"
    ),
    Choice("regions", "Regions", "Each region of a mask its own texture, its shape kept"),
    Choice("gap", "Averages", "Global average pooling: the mean of each feature, nothing else"),
)
# Those that need no picture but the exemplar.
PLAIN_MODELS = tuple(model for model in MODELS if model.id != "regions")
QUALITIES = (
    Choice("draft", "Draft", "Quick look: a third of the standard's time"),
    Choice("standard", "Standard", "For most work"),
    Choice("high", "High", "Twice the standard's time, for final textures"),
)
TILINGS = (
    Choice("xy", "Both ways", "Repeats without a seam sideways and upwards"),
    Choice("x", "Sideways", "Repeats left to right only"),
    Choice("y", "Upwards", "Repeats bottom to top only"),
    Choice("none", "Not at all", "A picture with borders"),
)
ENCODINGS = (
    Choice("auto", "From the file", "sRGB, except files of linear light such as EXR"),
    Choice("srgb", "sRGB", "Colour as displayed"),
    Choice(
        "linear", "Linear", "Scene-linear colour; synthesised as displayed, written back linear"
    ),
    Choice("data", "Data", "Numbers, not colour: normals, roughness, height"),
)
WEIGHTS = ("auto", "vgg19", "vgg16", "random")
DEVICES = ("auto", "cuda", "mps", "cpu")
CANVASES = (
    Choice("auto", "The model's", "As the model has it"),
    Choice("spectral", "Spectral", "Noise under the exemplar's own spectrum is optimised"),
    Choice("pixels", "Pixels", "The texels themselves are optimised, as in the papers"),
)
STATISTICS = (
    Choice("gram", "Gram matrix", "Products of features: what appears together"),
    Choice("gap", "Average", "Mean of each feature: global average pooling"),
    Choice("covariance", "Covariance", "Products of features about their means"),
    Choice("deviation", "Deviation", "Standard deviation of each feature"),
)
ARRANGEMENTS = (
    Choice(
        "auto",
        "Automatic",
        "As in the photo if the texture is about as large, else new; patterns as they join best",
    ),
    Choice("photo", "As in the photo", "Large things stay where they are, but along the border"),
    Choice(
        "new", "New", "Pieces of the photo, sewn together in a new way; other ones for each seed"
    ),
)
INITS = ("auto", "patchwork", "noise", "uniform", "picture")
BIT_DEPTHS = ("auto", "8", "16", "float")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a result besides the exemplar's pixels and the device.

    Attributes:
        size: Width and height in pixels, each in `MIN_SIZE`...`MAX_SIZE`; None: the exemplar's.
        model: Name of a texture model, see `MODELS`.
        quality: How much work, see `QUALITIES`.
        tile: Axes on which the result wraps, see `TILINGS`.
        arrangement: Where large things lie, see `ARRANGEMENTS`; for models that start from a
            patchwork.
        straighten: Whether a photo whose lines lean or converge is made upright first, see
            `texcore.layout.straightening`; for those models, and pictures without alpha or maps.
        seed: 0...2³²−1; another seed, another texture.
        encoding: What the exemplar's numbers mean, see `ENCODINGS`.
        bit_depth: Of the file written, see `BIT_DEPTHS`; ``auto``: the exemplar's.
        network: Fingerprint of the feature network; empty until a run has chosen one.
        exemplar: SHA-256 of the exemplar's decoded pixels; empty until a run has read it.
        precision: Of the convolutions, ``float32``, ``bfloat16`` or ``auto`` for what the device
            does best.
        maps: Of a material made as one, the kinds of all its maps, joined by commas in their order;
            empty for a picture by itself.
        layers: Of the network, each with its weight; None: the model's.
        octaves: Weights at full size, half, a quarter, …, at most `MAX_OCTAVES`; None: the model's.
        statistic: Terms, see `STATISTICS`, each with its weight; None: the model's.
        components: Principal components that each layer's features are reduced to; None: all, or
            the model's.
        iterations: At each size of the canvas; None: as many as model and quality say.
        canvas: What is optimised, see `CANVASES`.
        init: What it starts from: a ``patchwork`` of the exemplar, ``noise``, ``uniform`` noise, a
            ``picture``, or ``auto`` for the model's.
        init_strength: Share of noise in the start, 0...1; the rest is the picture, or the mean
            colour where there is none. None: the model's.
        mix: Weights of further exemplars beside the first, which weighs 1.
        pictures: What each further picture was for, and the SHA-256 of its decoded pixels; empty
            until a run has read them.
        version: Of this format.
    """

    size: tuple[int, int] | None = None
    model: str = "default"
    quality: str = "standard"
    tile: str = "xy"
    arrangement: str = "auto"
    straighten: bool = True
    seed: int = 0
    encoding: str = "auto"
    bit_depth: str = "auto"
    network: str = ""
    exemplar: str = ""
    precision: str = "auto"
    maps: str = ""
    layers: Weights | None = None
    octaves: tuple[float, ...] | None = None
    statistic: Weights | None = None
    components: int | None = None
    iterations: int | None = None
    canvas: str = "auto"
    init: str = "auto"
    init_strength: float | None = None
    mix: tuple[float, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    version: int = RECIPE_VERSION

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            BadInput: A value is not one of those allowed.
        """
        for name, allowed in _ALLOWED.items():
            value = getattr(self, name)
            if value not in allowed:
                raise BadInput(f"“{value}” is no {name.replace('_', ' ')}: use {_listed(allowed)}.")
        for name in ("network", "exemplar", "maps"):
            if not isinstance(getattr(self, name), str):
                raise BadInput(f"The recipe's {name} is not a text.")
        if self.size is not None:
            check_size(*self.size)
        if (
            isinstance(self.seed, bool)
            or not isinstance(self.seed, int)
            or not 0 <= self.seed < 2**32
        ):
            raise BadInput(f"The seed is {self.seed}: use a whole number from 0 to {2**32 - 1}.")
        self._check_model()
        if self.version != RECIPE_VERSION:
            raise BadInput(
                f"The recipe is of version {self.version}; this Texcore reads {RECIPE_VERSION}."
            )

    def _check_model(self) -> None:
        """The settings that change a model."""
        # Whatever holds them, JSON's objects and lists too, they become plain tuples.
        for name, what in (("layers", "layer"), ("statistic", "statistic")):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, checked_weights(value, what))
        for term, _ in self.statistic or ():
            if term not in _TERMS:
                raise BadInput(f"“{term}” is no statistic: use {_listed(_TERMS)}.")
        if self.octaves is not None:
            octaves = checked_numbers(self.octaves, "octave", MAX_OCTAVES)
            object.__setattr__(self, "octaves", octaves)
        for name in ("components", "iterations"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
                raise BadInput(f"The {name} are {value}: use a whole number.")
            if value is not None and not 1 <= value <= _MOST[name]:
                raise BadInput(f"The {name} are {value}: use 1 to {_MOST[name]}.")
        strength = self.init_strength
        if strength is not None and (
            isinstance(strength, bool)
            or not isinstance(strength, (int, float))
            or not 0 <= strength <= 1
        ):
            raise BadInput(f"The start's noise is {strength}: use a number from 0 to 1.")

        if self.mix:
            object.__setattr__(self, "mix", checked_numbers(self.mix, "further exemplar", MAX_MIX))
        elif self.mix != ():
            object.__setattr__(self, "mix", ())
        pairs = list(self.pictures.items()) if isinstance(self.pictures, Mapping) else self.pictures
        if not isinstance(pairs, (list, tuple)) or not all(
            isinstance(pair, (list, tuple)) and len(pair) == 2 and set(map(type, pair)) == {str}
            for pair in pairs
        ):
            raise BadInput("The recipe's pictures are not texts by name.")
        object.__setattr__(self, "pictures", tuple((role, digest) for role, digest in pairs))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` reads them back to an equal recipe."""
        plain = asdict(self)
        plain["size"] = list(self.size) if self.size else None
        for name in ("layers", "statistic"):
            if plain[name] is not None:
                plain[name] = dict(plain[name])
        if self.octaves is not None:
            plain["octaves"] = list(self.octaves)
        plain["mix"], plain["pictures"] = list(self.mix), dict(self.pictures)
        return plain

    @classmethod
    def from_json(cls, value: Any) -> Recipe:
        """A recipe from JSON values; what is left out takes its default.

        Raises:
            BadInput: It is not an object, or a name or value in it is not known.
        """
        if not isinstance(value, Mapping):
            raise BadInput("The recipe is not a JSON object.")
        unknown = set(value) - {f.name for f in fields(cls)}
        if unknown:
            raise BadInput(f"The recipe has a setting this Texcore does not know: {min(unknown)}.")
        given = dict(value)
        size = given.get("size")
        if size is not None:
            if not isinstance(size, (list, tuple)) or len(size) != 2:
                raise BadInput(f"The recipe's size is {size!r}: use [width, height] in pixels.")
            given["size"] = tuple(size)
        return cls(**given)

    def dumps(self) -> str:
        """As one line of JSON text."""
        return json.dumps(self.to_json(), separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Recipe:
        """A recipe from JSON text.

        Raises:
            BadInput: The text is not a recipe.
        """
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise BadInput("The recipe is not JSON.") from None
        return cls.from_json(value)


def check_size(width: int, height: int) -> None:
    """Check a size in pixels.

    Raises:
        BadInput: It is not a whole number, or out of `MIN_SIZE`...`MAX_SIZE`.
    """
    for n in (width, height):
        if isinstance(n, bool) or not isinstance(n, int) or not MIN_SIZE <= n <= MAX_SIZE:
            raise BadInput(
                f"The size is {width} × {height}: use {MIN_SIZE} to {MAX_SIZE} pixels a side."
            )


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


_ALLOWED: dict[str, tuple[str, ...]] = {
    "model": tuple(c.id for c in MODELS),
    "quality": tuple(c.id for c in QUALITIES),
    "tile": tuple(c.id for c in TILINGS),
    "arrangement": tuple(c.id for c in ARRANGEMENTS),
    "encoding": tuple(c.id for c in ENCODINGS),
    "bit_depth": BIT_DEPTHS,
    "precision": ("auto", "float32", "bfloat16"),
    "canvas": tuple(c.id for c in CANVASES),
    "init": INITS,
}
_TERMS = tuple(c.id for c in STATISTICS)
_MOST = {"components": 4096, "iterations": 100_000}


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1]
