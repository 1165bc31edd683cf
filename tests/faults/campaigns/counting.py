"""What a campaign tried, what came of it, and what fell."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Of one campaign.

    Attributes:
        title: What was done, in a few words.
        tried: How many faults there were.
        counts: How many ended in which way.
        fallen: What should not have happened, a line each; empty if all was as it should be.
        remark: Something else that was measured, in words.
        series: What was measured at each fault, by names with their units.
        moments: When each kill was, in seconds: the part of the work that it met, since its
            beginning.
        seconds: That it took.
    """

    title: str
    tried: int = 0
    counts: Counter = field(default_factory=Counter)
    fallen: list[str] = field(default_factory=list)
    remark: str = ""
    series: dict[str, list[float]] = field(default_factory=dict)
    moments: list[tuple[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    begun: float = field(default_factory=time.monotonic, repr=False)

    def note(self, ending, *wrong):
        """Count one fault by how it ended, and what was wrong with that."""
        self.tried += 1
        self.counts[ending] += 1
        self.fallen += wrong

    def done(self):
        self.seconds = time.monotonic() - self.begun
        return self

    def row(self):
        """It in the table of docs/reliability.md."""
        ways = "; ".join(f"{number:,} {ending}" for ending, number in sorted(self.counts.items()))
        ways += f". {self.remark}" if self.remark else ""
        return (
            f"| {self.title} | {self.tried:,} | {ways} | {len(self.fallen)} | {self.seconds:.0f} |"
        )
