"""Say a setting once: its name, type, default, range, and its words for an artist.

A class of settings is a dataclass whose fields are declared with `choice`, `flag`, `whole` and the
other functions of this module. Each puts a `Setting` into its field, which checks a value from
outside, reads one from a command line, and carries the words. Recipes, command lines, Blender's
properties, presets and queues all read these; none of them lists settings of its own.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Cake:
    ...     layers: int = whole(3, 1, 9, noun="layers are", description="One above the other")
    >>> settings_of(Cake)["layers"].parse("4")
    4
    >>> settings_of(Cake)["layers"].check(12)
    Traceback (most recent call last):
        ...
    texcore.contract.errors.BadInput: The layers are 12: use 1 to 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from .errors import BadInput
from .panel import Place
from .parsing import quote
from .weighted import checked_numbers, checked_weights, parse_weight, parse_weights
from .words import NO_WORDS, Choice, Words

_KEY = "setting"
S = TypeVar("S", bound="Setting")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A value of any kind, which is not checked; the base of all settings.

    Attributes:
        name: The field's, which is its name in files, too; set by `settings_of`.
        default: The value of what is left out.
        label: In the interface; empty for what no artist sees.
        description: A line of plain words, without a full stop.
        for_scripts: The same line for who writes a script in Blender, where it differs.
        german: Label and lines in German, for what an artist sees in Blender.
        noun: What it is called in sentences, with its verb: ``seed is``, ``components are``.
        panel: Where an artist sets it in Blender; None for nowhere.
        in_presets: Whether the presets that an artist makes of the panel's settings keep it.
        option: Whether it is an option of the command line.
        group: The heading that it stands under there; empty for the first.
        metavar: What stands for its value there.
        optional: Whether None, for what the model or the exemplar says, is a value.
        model_field: The field of `texcore.models.model.TextureModel` that a value other than the
            default replaces; empty for none.
    """

    name: str = ""
    default: Any = None
    label: str = ""
    description: str = ""
    for_scripts: str = ""
    german: Words = NO_WORDS
    noun: str = ""
    panel: Place | None = None
    in_presets: bool = True
    option: bool = True
    group: str = ""
    metavar: str = ""
    optional: bool = False
    model_field: str = ""

    def check(self, value: Any) -> Any:
        """Return a value from outside as the one to keep.

        Raises:
            BadInput: It cannot be one of this setting.
        """
        return None if self.optional and value is None else self._checked(value)

    def parse(self, text: str) -> Any:
        """Return the value that a command line gives in words.

        Raises:
            BadInput: It cannot be one of this setting.
        """
        return self.check(text)

    def to_json(self, value: Any) -> Any:
        """Return a checked value as plain JSON, which `check` takes back."""
        return list(value) if isinstance(value, tuple) else value

    def list_translations(self) -> list[tuple[str, str]]:
        """List all that an artist reads of it in English, each with its German; empty for none."""
        words = (self.label, self.description, self.for_scripts)
        return [pair for pair in zip(words, self.german, strict=True) if pair[0]]

    def _checked(self, value: Any) -> Any:
        return value

    @property
    def _subject(self) -> str:
        return self.noun or f"{self.name.replace('_', ' ')} is"


@dataclass(frozen=True, kw_only=True)
class ChoiceSetting(Setting):
    """One of several words.

    Attributes:
        choices: All there are.
        in_panel: Those that an artist sees in Blender; None for all.
        explained: Whether the panel says below it what the chosen one means.
    """

    choices: tuple[Choice, ...]
    in_panel: tuple[Choice, ...] | None = None
    explained: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """The words themselves."""
        return tuple(choice.id for choice in self.choices)

    @property
    def shown(self) -> tuple[Choice, ...]:
        """Those that an artist sees in Blender."""
        return self.choices if self.in_panel is None else self.in_panel

    def list_translations(self) -> list[tuple[str, str]]:  # noqa: D102
        of_choices = [pair for choice in self.shown for pair in choice.list_translations()]
        return super().list_translations() + of_choices

    def _checked(self, value: Any) -> str:
        if value not in self.ids:
            name = self.name.replace("_", " ")
            raise BadInput(f"“{quote(value)}” is no {name}: use {listed(self.ids)}.")
        return str(value)


@dataclass(frozen=True, kw_only=True)
class FlagSetting(Setting):
    """Yes or no."""

    def _checked(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise BadInput(f"The {self._subject} {quote(value)}: use true or false.")
        return value


@dataclass(frozen=True, kw_only=True)
class WholeSetting(Setting):
    """A whole number from ``least`` to ``most``.

    Attributes:
        least: The smallest.
        most: The greatest.
        step: How far a click on its field in the panel goes.
    """

    least: int
    most: int
    step: int = 1

    def _checked(self, value: Any) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole:
            raise BadInput(
                f"The {self._subject} {quote(value)}: use a whole number{self._from_to}."
            )
        if not self.least <= value <= self.most:
            raise BadInput(f"The {self._subject} {quote(value)}: use {self.least} to {self.most}.")
        return int(value)

    def parse(self, text: str) -> int | None:  # noqa: D102
        try:
            return self._checked(int(text))
        except ValueError:
            raise BadInput(
                f"The {self._subject} “{quote(text)}”: use a whole number{self._from_to}."
            ) from None

    @property
    def _from_to(self) -> str:
        return f" from {self.least} to {self.most}"


@dataclass(frozen=True, kw_only=True)
class NumberSetting(Setting):
    """A number from ``least`` to ``most``.

    Attributes:
        least: The smallest.
        most: The greatest.
        soft_most: As far as the mouse goes in the panel; None for `most`.
    """

    least: float
    most: float
    soft_most: float | None = None

    def _checked(self, value: Any) -> float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not self.least <= value <= self.most:
            bounds = f"{self.least:g} to {self.most:g}"
            raise BadInput(f"The {self._subject} {quote(value)}: use a number from {bounds}.")
        return float(value)

    def parse(self, text: str) -> float | None:  # noqa: D102
        try:
            return self._checked(float(text))
        except ValueError:
            return self._checked(text)


@dataclass(frozen=True, kw_only=True)
class SizeSetting(Setting):
    """Width and height in pixels, each from ``least`` to ``most``."""

    least: int
    most: int

    def _checked(self, value: Any) -> tuple[int, int]:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            raise BadInput(f"The recipe's size is {quote(value)}: use [width, height] in pixels.")
        width, height = value
        for n in value:
            if isinstance(n, bool) or not isinstance(n, int) or not self.least <= n <= self.most:
                bounds = f"{self.least} to {self.most}"
                raise BadInput(
                    f"The size is {quote(width)} × {quote(height)}: use {bounds} pixels a side."
                )
        return width, height

    def parse(self, text: str) -> tuple[int, int]:
        """Return ``512`` or ``1024x512`` as (width, height)."""
        parts = text.lower().replace("×", "x").split("x")
        try:
            numbers = [int(part) for part in parts]
        except ValueError:
            numbers = []
        if len(numbers) not in (1, 2):
            raise BadInput(f"“{quote(text)}” is no size: use pixels such as 512 or 1024x512.")
        return self._checked((numbers[0], numbers[-1]))


@dataclass(frozen=True, kw_only=True)
class WeightsSetting(Setting):
    """Names, each with a weight; ``thing`` is what a name is of, ``names`` those that there are."""

    thing: str
    names: tuple[Choice, ...] = ()

    def _checked(self, value: Any) -> tuple[tuple[str, float], ...]:
        weights = checked_weights(value, self.thing)
        known = tuple(choice.id for choice in self.names)
        for name, _ in weights if known else ():
            if name not in known:
                raise BadInput(f"“{quote(name)}” is no {self.thing}: use {listed(known)}.")
        return weights

    def parse(self, text: str) -> tuple[tuple[str, float], ...] | None:
        """Return ``conv1_1,pool2=0.5`` as names with weights."""
        return self._checked(parse_weights(text, self.thing))

    def to_json(self, value: Any) -> Any:  # noqa: D102
        return None if value is None else dict(value)


@dataclass(frozen=True, kw_only=True)
class NumbersSetting(Setting):
    """Weights in a row, at most ``most`` of them; ``thing`` is what each is of."""

    thing: str
    most: int

    def _checked(self, value: Any) -> tuple[float, ...]:
        nothing = isinstance(value, Sequence) and not isinstance(value, str) and not len(value)
        if nothing and self.default == ():
            return ()
        return checked_numbers(value, self.thing, self.most)

    def parse(self, text: str) -> tuple[float, ...]:
        """Return ``5`` as so many equal weights, ``1,1,0.5`` as these."""
        if "," in text:
            parts = text.split(",")
            return self._checked(tuple(parse_weight(part.strip(), self.thing) for part in parts))
        if not text.isdecimal() or not 1 <= int(text) <= 99:
            raise BadInput(
                f"“{quote(text)}” is no number of {self.thing}s: use one such as 5, or 1,1,0.5."
            )
        return self._checked((1.0,) * int(text))


@dataclass(frozen=True, kw_only=True)
class TextSetting(Setting):
    """A text of any kind."""

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise BadInput(f"The recipe's {self.name} is not a text.")
        return value


@dataclass(frozen=True, kw_only=True)
class DigestsSetting(Setting):
    """Texts by name, such as the digests of pictures by what they were for."""

    def _checked(self, value: Any) -> tuple[tuple[str, str], ...]:
        pairs = list(value.items()) if isinstance(value, Mapping) else value
        if not isinstance(pairs, (list, tuple)) or not all(
            isinstance(pair, (list, tuple)) and len(pair) == 2 and set(map(type, pair)) == {str}
            for pair in pairs
        ):
            raise BadInput(f"The recipe's {self.name} are not texts by name.")
        return tuple((name, digest) for name, digest in pairs)

    def to_json(self, value: Any) -> Any:  # noqa: D102
        return dict(value)


def declare(setting: Setting) -> Any:
    """Return the field of a dataclass that holds this setting."""
    return field(default=setting.default, metadata={_KEY: setting})


def choice(default: str, choices: tuple[Choice, ...], **words: Any) -> Any:
    """Declare one of several words; see `ChoiceSetting`."""
    return declare(ChoiceSetting(default=default, choices=choices, **words))


def flag(default: bool, **words: Any) -> Any:
    """Declare a yes or no; see `FlagSetting`."""
    return declare(FlagSetting(default=default, **words))


def whole(default: int | None, least: int, most: int, **words: Any) -> Any:
    """Declare a whole number; None as its default is a value, too; see `WholeSetting`."""
    optional = default is None
    return declare(
        WholeSetting(default=default, least=least, most=most, optional=optional, **words)
    )


def number(default: float | None, least: float, most: float, **words: Any) -> Any:
    """Declare a number; None as its default is a value, too; see `NumberSetting`."""
    optional = default is None
    return declare(
        NumberSetting(default=default, least=least, most=most, optional=optional, **words)
    )


def text(**words: Any) -> Any:
    """Declare a text, empty by default, that runs fill in; no command line asks for it."""
    return declare(TextSetting(default="", option=False, **words))


def settings_of(kind: type) -> dict[str, Setting]:
    """Return the settings of a dataclass by name, in its order."""
    found = {}
    for entry in fields(kind):
        if _KEY in entry.metadata:
            setting: Setting = entry.metadata[_KEY]
            found[entry.name] = _named(setting, entry.name)
    return found


def _named(setting: S, name: str) -> S:
    object.__setattr__(setting, "name", name)
    return setting


def sort_for_panel(settings: Iterable[Setting]) -> list[Setting]:
    """Return those that an artist sets in Blender, as the panel has them from top to bottom."""
    return sorted((s for s in settings if s.panel), key=lambda s: s.panel.order if s.panel else ())


def list_german(settings: Iterable[Setting]) -> dict[str, str]:
    """Return the German of all that is read of settings, by the English."""
    pairs = [pair for setting in settings for pair in setting.list_translations()]
    return {english: german for english, german in pairs if german}


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: ``a, b or c``."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
