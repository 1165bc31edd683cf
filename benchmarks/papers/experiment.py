"""Say what an experiment of a paper is: words of the command line, and where they lead."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

#: Of a quick run, which shows the way and is said to be one: pixels a side, and evaluations.
QUICK_SIDE, QUICK_ITERATIONS = 128, 100
#: Pixels a side of a picture in a figure, at most.
TILE = 240


@dataclass(frozen=True)
class Experiment:
    """One run of the engine.

    Attributes:
        name: Within its part; the words of others name it in braces.
        label: Stands below its picture.
        words: Of the command line, without what the other fields say. ``{name}`` stands for the
            file of a source (`sources.SOURCES`) or of another experiment of the part.
        exemplar: Source that it learns from.
        side: Of the exemplar and of the result, in pixels.
        iterations: Evaluations; None for as many as the model has.
        verb: Of the command line: ``synthesize``, ``segment`` or ``train``.
        changes: Fields of the model's preset that are other ones here.
        quick_iterations: Of the quick run; None for as many as the model has.
        kept_at: Evaluations after which its picture is kept as well, as ``result-N.png``; None to
            keep the last one only. Figures name it with the experiment, as ``name@N``.
    """

    name: str
    label: str
    exemplar: str
    words: tuple[str, ...] = ()
    side: int = 256
    iterations: int | None = 1000
    verb: str = "synthesize"
    changes: tuple[tuple[str, float], ...] = ()
    quick_iterations: int | None = QUICK_ITERATIONS
    kept_at: int | None = None

    @property
    def suffix(self) -> str:
        """Of the file it makes."""
        return ".safetensors" if self.verb == "train" else ".png"

    def at_quick(self) -> Experiment:
        """Give the same at a size that a processor makes in a minute."""
        side = self.side * QUICK_SIDE // 256
        return replace(self, side=side, iterations=self.quick_iterations, kept_at=None)

    def fill(self, files: Mapping[str, Path]) -> list[str]:
        """Put files in the place of their names."""
        named = {name: str(path) for name, path in files.items()}
        return [word.format_map(named) for word in self.words]

    def digest(self, files: Mapping[str, Path]) -> str:
        """Name all that decides its result, in 12 letters: a change of any makes it another one.

        Args:
            files: Those that `fill` names, and the exemplar.
        """
        said = [self.verb, self.exemplar, str(self.side), str(self.iterations), repr(self.changes)]
        said += [] if self.kept_at is None else [f"kept at {self.kept_at}"]
        whole = hashlib.sha256("\n".join([*said, *self.words]).encode())
        for name in sorted(self.needs | {self.exemplar}):
            whole.update(_contents(files[name]))
        return whole.hexdigest()[:12]

    @property
    def needs(self) -> set[str]:
        """Names of the files in its words."""
        return {
            part.split("}")[0] for word in self.words for part in word.split("{")[1:] if "}" in part
        }


@dataclass(frozen=True)
class Part:
    """What is run of a paper; the words about it stand in docs/papers.md.

    Attributes:
        name: Of the part, on the command line and in the page.
        experiments: In the order in which they are run.
        rows: Of its figure: names of experiments or of sources.
        tile: Pixels a side of a picture in its figure, at most.
    """

    name: str
    experiments: tuple[Experiment, ...]
    rows: tuple[tuple[str, ...], ...]
    tile: int = TILE

    def get(self, name: str) -> Experiment | None:
        """Find an experiment by its name; None if it is a source's."""
        return next((e for e in self.experiments if e.name == name), None)


def _contents(path: Path) -> bytes:
    """Of a file, or of all pictures of a folder."""
    if path.is_dir():
        return b"".join(p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file())
    return path.read_bytes()
