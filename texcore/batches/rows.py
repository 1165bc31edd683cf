"""The rows of a batch, out of a queue: each a picture or a material, what is asked, and a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..contract.errors import BadInput
from ..contract.files import safely
from ..contract.parsing import quote
from ..contract.queues import Item, read_queue
from ..contract.row_settings import OWN_SETTINGS, ROW_SETTINGS

_PATTERN = re.compile(r"[*?\[]")
_FIELD = re.compile(r"\{(\w*)\}")
#: Folder in the output folder that is the batch's own.
OWN_FOLDER = ".texcore"


@dataclass(frozen=True)
class Row:
    """A texture to make, or all maps of a material.

    Attributes:
        number: Its place in the batch, from 1.
        name: Of its result below the output folder, without a suffix.
        image: Absolute path of the picture, or of the folder of maps.
        values: What is asked of it, by the names of `row_settings.ROW_SETTINGS`; what is left out
            has its default.
        folder: That of the queue, from which further paths start.
        wrong: What is wrong with it, in a sentence; empty if nothing is known to be.
    """

    number: int
    name: str
    image: Path = Path()
    values: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()
    wrong: str = ""

    def get(self, name: str) -> Any:
        """Return the value of one of the row's own settings."""
        return self.values.get(name, OWN_SETTINGS[name].default)

    def find_path(self, name: str) -> Path | None:
        """Return the absolute path that a setting names; None if it names none."""
        word = self.get(name)
        return self.folder / word if word else None

    @property
    def area(self) -> int:
        """Pixels asked for; 0 where the picture's own size is."""
        width, height = self.values.get("size") or (0, 0)
        return (self.get("width") or width) * (self.get("height") or height)


def read_rows(queue: Path, common: Mapping[str, Any]) -> list[Row]:
    """Read the rows of a queue; a pattern gives a row for each file or folder that it fits.

    What is wrong with a row is said in it and stops none of the others.

    Args:
        queue: Of the file.
        common: For what a row leaves out, by the names of `row_settings.ROW_SETTINGS`.

    Raises:
        BadInput: The queue cannot be read, or two rows would have one name.
    """
    folder = queue.absolute().parent
    rows = list[Row]()
    for item in read_queue(queue, ROW_SETTINGS):
        for image, wrong in _list_images(item, folder):
            rows.append(_make_row(len(rows) + 1, item, image, wrong, common, folder))
    _check_names(rows)
    return rows


def _list_images(item: Item, folder: Path) -> Iterator[tuple[Path, str]]:
    """Each picture that an item means, and what is wrong with it."""
    word = item.values.get("image", "")
    if item.wrong or not word:
        lacking = f"Item {item.number} of the queue has no image: give a picture, or a folder."
        yield Path(), item.wrong or lacking
        return
    path = folder / word
    if not _PATTERN.search(word) or safely(path.exists):
        yield path, ""
        return
    found = _find_fitting(word, folder)
    if not found:
        yield path, f"Item {item.number} of the queue: nothing fits “{quote(word)}”."
    for each in found:
        yield each, ""


def _find_fitting(pattern: str, folder: Path) -> list[Path]:
    """Find what fits a pattern that starts at a folder, or at the root; nothing hidden does."""
    start = Path(Path(pattern).anchor or folder)
    rest = str(Path(pattern).relative_to(start)) if Path(pattern).anchor else pattern
    try:
        found = [path for path in start.glob(rest) if not path.name.startswith(".")]
    except (OSError, ValueError):
        return []
    return sorted(found)


def _make_row(
    number: int, item: Item, image: Path, wrong: str, common: Mapping[str, Any], folder: Path
) -> Row:
    values = {**common, **item.values}
    values.pop("image", None)
    name = f"row {number}"
    if not wrong:
        try:
            name = _name(number, image, values)
        except BadInput as e:
            wrong = f"Item {item.number} of the queue: {e}"
    return Row(number, name, image, values, folder, wrong)


def _name(number: int, image: Path, values: Mapping[str, Any]) -> str:
    """Name a row's result by the pattern that it has.

    Raises:
        BadInput: It names a setting that there is not, or a place outside the output folder.
    """
    stem = image.name if safely(image.is_dir) else image.stem
    known = {name: setting.default for name, setting in ROW_SETTINGS.items()}
    known |= {**values, "stem": stem, "row": number}

    def fill(found: re.Match[str]) -> str:
        if found[1] not in known:
            raise BadInput(f"the name has {{{found[1]}}}: use {{stem}}, {{row}} or a setting.")
        value = known[found[1]]
        return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)

    name = _FIELD.sub(fill, values.get("name", OWN_SETTINGS["name"].default))
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or name.startswith(("/", "\\")) or ":" in name:
        raise BadInput(f"“{quote(name)}” is no name below the output folder.")
    if any(part.startswith(".") for part in parts):
        raise BadInput(f"“{quote(name)}” has a part that begins with a dot: choose another name.")
    return "/".join(parts)


def _check_names(rows: Sequence[Row]) -> None:
    """Check that no two results lie in one place.

    Raises:
        BadInput: Two do; on some systems upper and lower case are one.
    """
    seen: dict[str, Row] = {}
    for row in rows:
        if row.wrong:
            continue
        other = seen.setdefault(row.name.casefold(), row)
        if other is not row:
            raise BadInput(
                f"The rows {other.number} and {row.number} would both be called “{row.name}”: give "
                "each a name, or say with --name how, such as {stem}-{seed} or {stem}-{row}."
            )
    for row in seen.values():
        for above in list(PurePosixPath(row.name.casefold()).parents)[:-1]:
            if (outer := seen.get(str(above))) is not None:
                raise BadInput(
                    f"The row {row.number} would be called “{row.name}”, inside of “{outer.name}”, "
                    f"which is row {outer.number}: choose another name."
                )
