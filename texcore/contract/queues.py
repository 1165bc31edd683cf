"""Read a queue: a file of rows, each of which asks for a texture by the names of settings.

Blender's command and the engine's batches both read theirs here, each with a table of settings of
its own. A queue is a JSON list of objects, JSON Lines (an object a line), or CSV, whose first line
names the settings of its columns; the suffix of its name says which.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BadInput
from .files import explain, show_name
from .parsing import WrongShape, parse_json, quote
from .settings import FlagSetting, Setting

_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
_DELIMITERS = {".csv": ",;", ".tsv": "\t"}
# Reads a value as the file has it: of JSON as it is, of CSV from a text.
_Read = Callable[[Setting, Any], Any]


@dataclass(frozen=True)
class Item:
    """A row of a queue.

    Attributes:
        number: Its place among the rows, from 1.
        values: Checked, by the names of their settings; what the row leaves out is not there.
        wrong: What is wrong with it, in a sentence; empty if nothing is.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    wrong: str = ""


def read_queue(path: Path, settings: Mapping[str, Setting]) -> list[Item]:
    r"""Read all rows of a queue; what is wrong with one is told in it and stops none of the rest.

        >>> import tempfile
        >>> from .recipe import SETTINGS
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "queue.csv")
        ...     _ = path.write_text("seed,tile\n7,x\n8,\n")
        ...     [item.values for item in read_queue(path, SETTINGS)]
        [{'seed': 7, 'tile': 'x'}, {'seed': 8}]

    Args:
        path: Of the file, in UTF-8.
        settings: By the names that a row can have.

    Raises:
        BadInput: The file cannot be read, is no queue, or holds no rows.
    """
    where = f"The queue {show_name(path)}"
    try:
        text = path.read_text(encoding="utf-8-sig")  # spreadsheets write a mark at the beginning
    except UnicodeDecodeError:
        raise BadInput(f"{where} is not UTF-8: save it as UTF-8 text.") from None
    except (OSError, ValueError) as e:
        why = explain(e) if isinstance(e, OSError) else "no file can have that name"
        raise BadInput(f"{where} cannot be read ({why}).") from None
    suffix = path.suffix.lower()
    if suffix in _DELIMITERS:
        items = list(_read_csv(where, text, _DELIMITERS[suffix], settings))
    elif suffix in (".jsonl", ".ndjson"):
        items = list(_read_lines(text, settings))
    else:
        items = _read_list(where, text, settings)
    if not items:
        raise BadInput(f"{where} is empty: give it a row for each texture to make.")
    return items


def _read_list(where: str, text: str, settings: Mapping[str, Setting]) -> list[Item]:
    try:
        rows = parse_json(text)
    except WrongShape as e:
        raise BadInput(f"{where} {e}.") from None
    if not isinstance(rows, list) or not rows:
        raise BadInput(f"{where} is not a list of textures to make.")
    return [_read_item(number, row, settings) for number, row in enumerate(rows, 1)]


def _read_lines(text: str, settings: Mapping[str, Setting]) -> Iterator[Item]:
    """Read an object from each line that is not empty."""
    number = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        number += 1
        try:
            row = parse_json(line)
        except WrongShape as e:
            yield Item(number, wrong=f"Item {number} of the queue {e}.")
            continue
        yield _read_item(number, row, settings)


def _read_csv(
    where: str, text: str, delimiters: str, settings: Mapping[str, Setting]
) -> Iterator[Item]:
    """Read a row from each line below that of the names; an empty cell is left out."""
    head = text.partition("\n")[0]
    delimiter = max(delimiters, key=head.count)
    try:
        # One list of cells a line; a cell in quotation marks may have several lines.
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if any(line)]
    except csv.Error as e:
        raise BadInput(f"{where} is not CSV: {e}.") from None
    names = [name.strip() for name in lines[0]] if lines else []
    for name in names:
        if name not in settings:
            raise BadInput(
                f"{where} has a column “{quote(name)}”, which is none of {', '.join(settings)}."
            )
        if names.count(name) > 1:
            raise BadInput(f"{where} has two columns “{quote(name)}”: keep one.")
    for number, cells in enumerate(lines[1:], 1):
        if any(cell.strip() for cell in cells[len(names) :]):
            yield Item(number, wrong=f"Item {number} of the queue has more cells than columns.")
            continue
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
        yield _read_item(number, row, settings, _parse_cell)


def _parse_cell(setting: Setting, cell: str) -> Any:
    if isinstance(setting, FlagSetting) and cell.lower() in (*_YES, *_NO):
        return cell.lower() in _YES
    return setting.parse(cell)


def _read_item(
    number: int, row: Any, settings: Mapping[str, Setting], read: _Read = Setting.check
) -> Item:
    if not isinstance(row, dict):
        wrong = f"Item {number} of the queue is not an object with names and values."
        return Item(number, wrong=wrong)
    values = {}
    for name, value in row.items():
        if name not in settings:
            allowed = ", ".join(settings)
            wrong = f"Item {number} of the queue has “{quote(name)}”, which is none of {allowed}."
            return Item(number, wrong=wrong)
        try:
            values[name] = read(settings[name], value)
        except BadInput as e:
            shown = repr(value) if isinstance(value, str) else quote(value)
            wrong = f"Item {number} of the queue has {shown} as {name}. {e}"
            return Item(number, wrong=wrong)
    return Item(number, values)
