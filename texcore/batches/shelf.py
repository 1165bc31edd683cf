"""Where the results of a batch lie: each whole or absent, with a record of what it was made of.

A row is made in a folder of its own, which nobody looks into, and moved to its place in one step.
Just before, its record is written: the digest of what it was made of and those of its files. So a
result that is there has a record; a record whose files are not there, or are others, is that of a
process that was killed between the two steps, and the row is made again. What somebody else has put
in the place of a result, or changed about one, is left alone.

Several processes and machines may use one folder at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import __version__
from ..contract.errors import BadInput
from ..contract.files import explain, name_beside, safely, write_whole
from ..contract.leftovers import clear_leftovers, mark
from ..contract.plain import WrongShape, from_plain, parse_json, to_plain
from .outcomes import THERE, KeptFile, Outcome
from .planning import Plan, digest_file, name_files, plan_row
from .rows import OWN_FOLDER, Row


@dataclass(frozen=True)
class _Record:
    """What is written of a result just before it is put in its place.

    Attributes:
        outcome: Of the row when it was made.
        before: SHA-256 of the files that lie there until then.
    """

    outcome: Outcome
    before: list[str] = field(default_factory=list)


class Shelf:
    """The output folder of a batch.

    Args:
        folder: Made if need be.

    Raises:
        BadInput: It cannot be made, or not be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._work = folder / OWN_FOLDER / "work"
        self._records = folder / OWN_FOLDER / "rows"
        try:
            self._work.mkdir(parents=True, exist_ok=True)
            self._records.mkdir(exist_ok=True)
        except OSError as e:
            raise BadInput(
                f"The folder “{folder}” cannot be used for the results ({explain(e)}): choose "
                "another."
            ) from None

    def clear(self) -> None:
        """Take away what processes that are no more have left half made."""
        clear_leftovers(self._work)

    def find(self, plan: Plan) -> Outcome | None:
        """Return what a row's result is, if it is there and of the very same files and recipe.

        Raises:
            BadInput: Somebody else's file is in its place, or somebody has changed it.
        """
        record = self._read_record(plan)
        there = self._list_there(plan, record)
        if record is None:
            if there:
                raise BadInput(
                    f"“{there[0]}” is there and was not made by a batch: move it, or choose "
                    "another folder or name."
                )
            return None
        as_recorded = {self.folder / f.path: f for f in record.outcome.files.values()}
        known = {file.sha256 for file in as_recorded.values()} | set(record.before)
        whole = len(there) == len(as_recorded)
        for path in there:
            file = as_recorded.get(path)
            if file and _is_unchanged(path, file):
                continue
            digest = digest_file(path) if safely(path.is_file) else ""
            if digest not in known:
                raise BadInput(
                    f"“{path}” was changed since it was made: move it away to have it made again."
                )
            whole &= file is not None and file.sha256 == digest
        if not whole or record.outcome.digest != plan.digest:
            return None
        return replace(record.outcome, row=plan.row.number, name=plan.row.name, state=THERE)

    def find_row(self, row: Row) -> Outcome | None:
        """Return what a row's result is; see `find`.

        Raises:
            BadInput: The same, or the row's files or settings cannot be.
        """
        return self.find(plan_row(row))

    @contextlib.contextmanager
    def making(self, plan: Plan) -> Iterator[tuple[Path, Path]]:
        """Give a row a folder to be made in, which is gone afterwards, and a name for a checkpoint.

        Checkpoints of the row as it was asked for before are deleted.
        """
        told = hashlib.sha256(f"{plan.digest} {__version__}".encode()).hexdigest()[:16]
        stem = hashlib.sha256(plan.row.name.encode()).hexdigest()[:16]
        checkpoint = self._work / f"{stem}-{told}"
        own = name_beside(checkpoint, ".checkpoint").name
        for old in self._work.glob(f"{stem}-*.checkpoint"):
            if old.name != own:
                with contextlib.suppress(OSError):
                    old.unlink()
        room = self._work / f"{mark()}-{stem}"
        room.mkdir(exist_ok=True)
        try:
            yield room, checkpoint
        finally:
            shutil.rmtree(room, ignore_errors=True)

    def describe(self, plan: Plan, made: dict[str, Path]) -> dict[str, KeptFile]:
        """Describe files as they will be in their place.

        Args:
            plan: Of the row.
            made: By kind, in the row's room.
        """
        files = {}
        for kind, path in made.items():
            there = path.stat()
            target = self._place(plan, path).relative_to(self.folder).as_posix()
            files[kind] = KeptFile(target, there.st_size, there.st_mtime_ns, digest_file(path))
        return files

    def put(self, plan: Plan, room: Path, outcome: Outcome) -> None:
        """Put a row's files into their place, in one step, after its record.

        Raises:
            BadInput: They cannot be put there; what was there is as it was.
        """
        before = self._read_record(plan)
        record = _Record(outcome, self._list_old(before) if before else [])
        path = self._name_record(plan)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / plan.row.name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(to_plain(record)).encode())
            if plan.alone:
                ((kind, file),) = outcome.files.items()
                (room / name_files(plan)[kind]).replace(self.folder / file.path)
            else:
                self._swap(plan, room)
        except OSError as e:
            raise BadInput(
                f"The result of “{plan.row.name}” cannot be written ({explain(e)})."
            ) from None
        if before:
            self._drop(before.outcome, outcome)

    def _list_old(self, record: _Record) -> list[str]:
        """SHA-256 of what may lie there: the result, and older ones if it was never put there."""
        files = record.outcome.files.values()
        came = all(_is_unchanged(self.folder / file.path, file) for file in files)
        return [*(file.sha256 for file in files), *([] if came else record.before)]

    def _drop(self, old: Outcome, new: Outcome) -> None:
        """Delete the files of an older result that are no part of the new one."""
        kept = {file.path for file in new.files.values()}
        for file in old.files.values():
            path = self.folder / file.path
            if file.path not in kept and _is_unchanged(path, file):
                with contextlib.suppress(OSError):
                    path.unlink()

    def _swap(self, plan: Plan, room: Path) -> None:
        """Put a folder into the place of an old one, if there is one."""
        target = self.folder / plan.row.name
        if not target.is_dir():
            room.rename(target)
            return
        aside = self._work / f"{room.name}-old"
        target.rename(aside)
        try:
            room.rename(target)
        except BaseException:
            aside.rename(target)
            raise
        shutil.rmtree(aside, ignore_errors=True)

    def _place(self, plan: Plan, made: Path) -> Path:
        """Where a file that was made belongs."""
        target = self.folder / plan.row.name
        return target.with_name(target.name + made.suffix) if plan.alone else target / made.name

    def _list_there(self, plan: Plan, record: _Record | None) -> list[Path]:
        """What lies in the places of a row's result; whatever a folder of one holds, too."""
        target = self.folder / plan.row.name
        places = {self.folder / f.path for f in record.outcome.files.values()} if record else set()
        if plan.alone:
            (name,) = name_files(plan).values()
            places.add(self._place(plan, Path(name)))
        elif safely(target.is_dir):
            places |= {path for path in target.iterdir() if not _is_of_the_system(path.name)}
        return sorted(path for path in places if os.path.lexists(path))

    def _name_record(self, plan: Plan) -> Path:
        place = self._records / plan.row.name
        return name_beside(place, ".json")

    def _read_record(self, plan: Plan) -> _Record | None:
        try:
            return from_plain(_Record, parse_json(self._name_record(plan).read_bytes()))
        except (OSError, WrongShape, BadInput):
            return None


def _is_unchanged(path: Path, file: KeptFile) -> bool:
    """Whether a file is the very one that was put there, by a look at its outside."""
    try:
        there = path.stat()
    except OSError:
        return False
    return (there.st_size, there.st_mtime_ns) == (file.bytes, file.changed)


def _is_of_the_system(name: str) -> bool:
    """Whether a file is one that systems leave in folders that somebody has looked at."""
    return name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini")
