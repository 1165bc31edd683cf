"""A setting whose value is several kinds of maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import BadInput
from .map_kinds import check_derivable
from .parsing import quote
from .settings import Setting
from .words import Choice


@dataclass(frozen=True, kw_only=True)
class KindsSetting(Setting):
    """Several kinds of maps, in the order of the choices; a text has commas between them."""

    choices: tuple[Choice, ...]

    def list_translations(self) -> list[tuple[str, str]]:  # noqa: D102
        of_choices = [pair for choice in self.choices for pair in choice.list_translations()]
        return super().list_translations() + of_choices

    def _checked(self, value: Any) -> tuple[str, ...]:
        words = value.split(",") if isinstance(value, str) else value
        if not isinstance(words, (list, tuple, set)):
            raise BadInput(f"The {self._subject} {quote(value)}: use a list of kinds of maps.")
        given = {str(word).strip() for word in words} - {""}
        check_derivable(sorted(given))
        return tuple(choice.id for choice in self.choices if choice.id in given)
