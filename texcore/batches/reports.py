"""Reports of batches: JSON Lines, an outcome a line; those of parts can be put together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from ..contract.errors import BadInput, TexcoreError
from ..contract.files import explain, write_whole
from ..contract.parts import WHOLE, Part
from ..contract.plain import WrongShape, from_plain, parse_json, to_plain
from .outcomes import Outcome
from .rows import Row

_STEM = "report"
_UNTOLD = "no report tells of it."
_GONE = "its result is not there, or was made of other files or settings."


def name_report(folder: Path, part: Part = WHOLE) -> Path:
    """Name the report of a part in the output folder: ``report-2-of-8.jsonl``."""
    own = "" if part == WHOLE else f"-{part.number}-of-{part.of}"
    return folder / f"{_STEM}{own}.jsonl"


class ReportFile:
    """A report in the making, with a line for each row as soon as it has ended.

    What a process that is killed has written can be read, but for a last line that is cut.

    Args:
        path: Written anew.
        rows: How many rows the whole batch has.

    Raises:
        BadInput: It cannot be written.
    """

    def __init__(self, path: Path, rows: int) -> None:
        self.path, self._rows = path, rows
        try:
            self._file: TextIO = path.open("w", encoding="utf-8", newline="\n")
        except OSError as e:
            raise _say_unwritable(path, e) from None

    def add(self, outcome: Outcome) -> None:
        """Write what became of a row."""
        try:
            self._file.write(_dump(replace(outcome, rows=self._rows)))
            self._file.flush()
        except OSError as e:
            raise _say_unwritable(self.path, e) from None

    def close(self) -> None:
        """Write no more."""
        self._file.close()


@dataclass(frozen=True)
class Merged:
    """Several reports as one.

    Attributes:
        outcomes: One for each row that has failed or whose result is there, by number.
        missing: Why each other row's result is missing, a sentence each, by name.
    """

    outcomes: list[Outcome]
    missing: dict[str, str]

    @property
    def ok(self) -> bool:
        """Whether every row's result is there."""
        return not self.missing and all(outcome.ok for outcome in self.outcomes)


def list_reports(places: Sequence[Path]) -> list[Path]:
    """Return the reports that are meant: files as they are, of folders those in them, by age."""
    found = []
    for place in places:
        within = place.glob(f"{_STEM}*.jsonl") if place.is_dir() else [place]
        found += sorted(within, key=_tell_age)
    return found


def merge(
    paths: Iterable[Path], rows: Sequence[Row], find: Callable[[Row], Outcome | None]
) -> Merged:
    """Put reports together: of each row its last line, as far as it still holds.

    Lines of rows that the queue does not have any more are left out.

    Args:
        paths: Of the reports, the newest last.
        rows: Of the whole batch.
        find: Tells what a row's result is, if it is there and of what is asked for now.

    Raises:
        BadInput: A report cannot be read.
    """
    told = {outcome.name: outcome for path in paths for outcome in read_report(path)}
    merged = Merged([], {})
    for row in rows:
        try:
            outcome = _check(told.get(row.name), row, find)
            merged.outcomes.append(replace(outcome, row=row.number, rows=len(rows)))
        except TexcoreError as e:
            merged.missing[row.name] = str(e)
    return merged


def _check(told: Outcome | None, row: Row, find: Callable[[Row], Outcome | None]) -> Outcome:
    """Return what has been told of a row if that still holds, else what is there now.

    Raises:
        BadInput: Its result is missing.
    """
    if told is None:
        raise BadInput(_UNTOLD)
    found = find(row) if told.ok else told
    if found is None:
        raise BadInput(_GONE)
    return told if told.digest == found.digest else found


def _tell_age(path: Path) -> float:
    """When a file was written last; one that is not there is told of when it is read."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def read_report(path: Path) -> list[Outcome]:
    """Read the outcomes of a report; a last line that is cut is passed over.

    Raises:
        BadInput: It cannot be read, or is no report.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as e:
        raise BadInput(f"The report “{path}” cannot be read ({explain(e)}).") from None
    outcomes = []
    for number, line in enumerate(lines[:-1], 1):  # the last one has no end: nothing, or a cut one
        if not line.strip():
            continue
        try:
            outcomes.append(from_plain(Outcome, parse_json(line)))
        except WrongShape:
            raise BadInput(f"Line {number} of “{path}” is none of a batch's report.") from None
    return outcomes


def write_report(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write a whole report, or nothing.

    Raises:
        BadInput: It cannot be written.
    """
    try:
        write_whole(path, "".join(map(_dump, outcomes)).encode())
    except OSError as e:
        raise _say_unwritable(path, e) from None


def count_states(outcomes: Iterable[Outcome]) -> Mapping[str, int]:
    """Count outcomes by their state."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.state] = counts.get(outcome.state, 0) + 1
    return counts


def _dump(outcome: Outcome) -> str:
    return json.dumps(to_plain(outcome), separators=(",", ":")) + "\n"


def _say_unwritable(path: Path, error: OSError) -> BadInput:
    return BadInput(f"The report “{path}” cannot be written ({explain(error)}): choose another.")
