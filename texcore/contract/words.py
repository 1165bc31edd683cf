"""Words that an artist reads, in English and in German."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What an artist reads of a setting or a choice, in another language than English."""

    label: str = ""
    description: str = ""
    for_scripts: str = ""


NO_WORDS = Words()


class Choice(NamedTuple):
    """One value of a setting: its name in files, its label, and a line of plain words.

    In German these are needed only where an artist sees them, which is in Blender.
    """

    id: str
    label: str
    description: str
    german: Words = NO_WORDS

    def list_translations(self) -> list[tuple[str, str]]:
        """List all that is read of it in English, each with its German; empty for none."""
        return list(zip((self.label, self.description), self.german, strict=False))
