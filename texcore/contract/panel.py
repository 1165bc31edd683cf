"""Say where a setting stands in Blender's panel."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Section(Enum):
    """The parts of Blender's panel, from top to bottom."""

    MAIN = 1
    REPAIR = 2
    COMPANIONS = 3
    DERIVED = 4
    OBJECT = 5
    SOLID = 6
    ADVANCED = 7


class Place(NamedTuple):
    """Where a setting stands in Blender's panel.

    Attributes:
        rank: The smaller, the higher up in its section. No two of a section have the same.
        section: The part of the panel.
    """

    rank: int
    section: Section = Section.MAIN

    @property
    def order(self) -> tuple[int, int]:
        """What places are sorted by."""
        return self.section.value, self.rank
