"""Texcore's catalog in the Asset Browser.

An asset names its catalog by a number; what the number is called stands in a file at the root of
an asset library. Where a file of Blender lies in no library, no such file is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ..bundled.texcore.contract.errors import BadInput
from ..bundled.texcore.contract.files import explain, write_whole

FILE = "blender_assets.cats.txt"
NAME = "Texcore"
ID = "db70b618-d6a4-4414-a4ce-98242363e2f2"  #: unless the artist has one of that name
_HEAD = """\
# This is an Asset Catalog Definition file for Blender.
#
# Empty lines and lines starting with `#` will be ignored.
# The first non-ignored line should be the version indicator.
# Other lines are of the format "UUID:catalog/path/for/assets:simple catalog name"

VERSION 1
"""
_VERSION = re.compile(r"^VERSION 1\s*$", re.MULTILINE)
_OWN = re.compile(rf"^([0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}):{NAME}:", re.M)


def find_library(file: str, libraries: Iterable[str]) -> Path | None:
    """Return the root of the innermost library that a file lies in; None if it lies in none.

    Args:
        file: Path of a file of Blender; empty for one that was never saved.
        libraries: Paths of the libraries in Blender's preferences.
    """
    if not file:
        return None
    folders = Path(file).resolve().parents
    roots = {Path(path).resolve() for path in libraries if path}
    return next((folder for folder in folders if folder in roots), None)


def ensure(root: Path) -> str:
    """Have the library's file tell of the catalog, and return the catalog's number.

    One of that name that the artist has made is taken as it is; all other lines stay.

    Raises:
        BadInput: The file cannot be read or written, or is of a version that is not known.
    """
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        if own := _OWN.search(text):
            return own.group(1)
        if not _VERSION.search(text):
            raise BadInput(f"The catalogs in “{path}” are of a version that is not known.")
        write_whole(path, f"{text.rstrip()}\n\n{ID}:{NAME}:{NAME}\n".encode())
    except (OSError, UnicodeDecodeError) as e:
        why = explain(e) if isinstance(e, OSError) else "it is no text"
        raise BadInput(f"The catalogs in “{path}” cannot be written ({why}).") from None
    return ID
