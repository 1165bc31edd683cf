"""Several files written as one: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .. import pictures
from ..contract.errors import BadInput
from ..contract.files import explain, path_beside
from ..contract.leftovers import OLD, clear_leftovers, put_back
from ..contract.recipe import Recipe
from . import Picture


def write_all(files: Sequence[tuple[Path, Picture, Recipe | None]]) -> None:
    """Write pictures, each with its recipe if it has one; where one fails, every path is as it was.

    Raises:
        BadInput: One cannot be written.
    """
    if len(files) == 1:
        pictures.write(*files[0])
        return
    staged: list[tuple[Path, Path]] = []
    try:
        for path, picture, recipe in files:
            staged.append((path_beside(path, "whole"), path.resolve()))
            pictures.write(staged[-1][0], picture, recipe, meant=path)
        _swap(staged)
    finally:
        for new, _ in staged:
            new.unlink(missing_ok=True)


def clear_before(files: Sequence[Path], others: Sequence[Path] = ()) -> None:
    """Clear away what runs that were killed have left where files are going to be written.

    Files that such a run had moved aside, to put all of its own in their place, are put back.

    Args:
        files: That `write_all` will write.
        others: Further ones that lie in folders to look at.
    """
    for path in files:
        put_back(path.resolve(), path_beside(path, OLD).name)
    for folder in {path.resolve().parent for path in (*files, *others)}:
        clear_leftovers(folder)


def _swap(staged: Sequence[tuple[Path, Path]]) -> None:
    """Put the new files into the places of the old ones; put those back if one will not go."""
    placed: list[tuple[Path, Path | None]] = []
    try:
        for new, path in staged:
            old = path_beside(path, OLD) if path.exists() else None
            if old:
                path.replace(old)
            placed.append((path, old))
            new.replace(path)
    except BaseException as e:
        for path, old in placed:
            path.unlink(missing_ok=True)
            if old:
                old.replace(path)
        if isinstance(e, OSError):
            raise BadInput(f"The maps cannot be written ({explain(e)}): nothing was.") from None
        raise
    for _, old in placed:
        if old:
            old.unlink(missing_ok=True)
