"""What became of a row: a line of the report, and the record that lies beside the results."""

from __future__ import annotations

from dataclasses import dataclass, field

#: It was made now; it had been made before, of the same files and the same recipe; it was not made.
MADE, THERE, FAILED = "made", "there", "failed"


@dataclass(frozen=True)
class KeptFile:
    """A file of a result.

    Attributes:
        path: Below the output folder, with slashes.
        bytes: Of the file.
        changed: When it was written, in nanoseconds since 1970.
        sha256: Of its content.
    """

    path: str
    bytes: int
    changed: int
    sha256: str


@dataclass(frozen=True)
class Outcome:
    """What became of a row.

    Attributes:
        row: Its number, from 1.
        name: Of its result.
        state: `MADE`, `THERE` or `FAILED`.
        digest: Of its files and its recipe; empty where they could not be read.
        message: What went wrong, in a sentence; else empty.
        files: Of the result, by kind of map.
        width, height: Of the largest, in pixels.
        evaluations: Of the objective.
        seconds: That it took to make.
        network: Fingerprint of the feature network.
        device: That was asked for.
        host: Name of the machine that made it.
        notes: What the user should know, a sentence each.
        rows: How many rows the batch has; 0 while nobody has said.
    """

    row: int
    name: str
    state: str
    digest: str = ""
    message: str = ""
    files: dict[str, KeptFile] = field(default_factory=dict)
    width: int = 0
    height: int = 0
    evaluations: int = 0
    seconds: float = 0.0
    network: str = ""
    device: str = ""
    host: str = ""
    notes: list[str] = field(default_factory=list)
    rows: int = 0

    @property
    def ok(self) -> bool:
        """Whether the result is there."""
        return self.state in (MADE, THERE)
