"""Write the maps of a material as a set for an engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .. import pictures
from ..contract.engine_sets import plan_files
from ..maps.packing import pack
from ..pictures.together import clear_before, write_all


def write_engine_set(
    maps: Mapping[str, Path], engine: str, folder: Path, name: str
) -> tuple[list[Path], list[str]]:
    """Write maps packed and named for an engine, all files or none.

    Args:
        maps: File by kind, of `texcore.contract.map_kinds.KINDS`.
        engine: Of `texcore.contract.engine_sets.ENGINE_SETS`.
        folder: Where they go.
        name: The material's, which is in the names of the files.

    Returns:
        The files, and the kinds that have no place in the set.

    Raises:
        BadInput: A map cannot be read, none has a place, or a file cannot be written.
    """
    read = {kind: pictures.read(path) for kind, path in maps.items()}
    alpha = "base_color" in read and read["base_color"].has_alpha
    files, left = plan_files(engine, name, list(read), alpha)
    paths = [folder / file.name for file in files]
    for path in paths:
        pictures.check_output(path)
        for source in maps.values():
            pictures.check_output(path, source)
    clear_before(paths)
    # No recipe: several maps have become one.
    write_all([(path, pack(file, read), None) for path, file in zip(paths, files, strict=True)])
    return paths, left
