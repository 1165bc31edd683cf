"""Say where a setting stands in Blender's panel."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Section(Enum):
    """The parts of Blender's panel, from top to bottom."""

    MAIN = (1, "")
    REPAIR = (2, "Repair")
    COMPANIONS = (3, "Mix and Regions")
    DERIVED = (4, "Derive Maps")
    OBJECT = (5, "On an Object")
    SOLID = (6, "Solid")
    ADVANCED = (7, "Advanced")

    @property
    def rank(self) -> int:
        """The smaller, the higher up."""
        return self.value[0]

    @property
    def label(self) -> str:
        """What the part is called; empty for what is always seen."""
        return self.value[1]


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
        return self.section.rank, self.rank
