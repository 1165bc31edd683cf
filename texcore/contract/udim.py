"""UDIM: one texture cut into square tiles of UV space, each a file of its own.

The tile over u = 0...1, v = 0...1 has the number 1001; to the right numbers go up by one, ten in a
row, and upwards by ten. A path with `TOKEN` stands for the files of all tiles.

Standard library only: the extension imports this file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import BadInput
from .parsing import quote
from .recipe import MAX_SIZE

TOKEN = "<UDIM>"  #: in a path, in the place of the number
FIRST, LAST = 1001, 2000  #: numbers of tiles, as Blender has them
ROW = 10  #: tiles from left to right
MOST_TILES = 100
# Where Blender, too, finds the number in a name: the last one that stands by itself.
_NUMBERED = re.compile(r"(.*[._-])([12]\d{3})([._-].*)")


@dataclass(frozen=True)
class Box:
    """The least rectangle of tiles that holds some of them: one canvas goes over all of it.

    Attributes:
        left, bottom: Of its first tile, counted from that of number 1001.
        columns, rows: Of tiles.
    """

    left: int
    bottom: int
    columns: int
    rows: int

    def place(self, number: int) -> tuple[int, int]:
        """Return how many tiles of the box lie to the left of a tile, and how many below it."""
        u, v = _place(number)
        return u - self.left, v - self.bottom


@dataclass(frozen=True)
class Tiles:
    """The files of a texture that is cut into tiles.

    Attributes:
        path: With `TOKEN` where the number goes.
        numbers: Of the tiles that are there, in their order.
    """

    path: Path
    numbers: tuple[int, ...]


def list_numbers(columns: int, rows: int) -> tuple[int, ...]:
    """Return the numbers of a rectangle of tiles that begins at 1001, row by row upwards.

    Example:
        >>> list_numbers(2, 2)
        (1001, 1002, 1011, 1012)

    Raises:
        BadInput: A row has no room for so many, or they are too many.
    """
    if not 1 <= columns <= ROW or rows < 1 or columns * rows > MOST_TILES:
        raise BadInput(
            f"{columns} × {rows} is no number of UDIM tiles: use at most {ROW} from left to right, "
            f"and {MOST_TILES} in all."
        )
    return tuple(FIRST + u + ROW * v for v in range(rows) for u in range(columns))


def find_box(numbers: Collection[int]) -> Box:
    """Return the box of some tiles.

    Example:
        >>> find_box([1002, 1013])
        Box(left=1, bottom=0, columns=2, rows=2)

    Raises:
        BadInput: There is none, there are too many, or one is no number of a tile.
    """
    if not 1 <= len(numbers) <= MOST_TILES:
        raise BadInput(f"There are {len(numbers)} UDIM tiles: use 1 to {MOST_TILES}.")
    for number in numbers:
        if not FIRST <= number <= LAST:
            raise BadInput(f"{quote(number)} is no number of a UDIM tile: use {FIRST} to {LAST}.")
    across, up = zip(*map(_place, numbers), strict=True)
    left, bottom = min(across), min(up)
    return Box(left, bottom, max(across) - left + 1, max(up) - bottom + 1)


def measure_canvas(width: int, height: int, numbers: Sequence[int]) -> tuple[int, int]:
    """Return width and height in pixels of the canvas over some tiles of a size.

    Example:
        >>> measure_canvas(1024, 512, [1001, 1002, 1003])
        (3072, 512)

    Raises:
        BadInput: A side is longer than that of the largest texture.
    """
    box = find_box(numbers)
    size = width * box.columns, height * box.rows
    if max(size) > MAX_SIZE:
        most = MAX_SIZE // max(box.columns, box.rows)
        raise BadInput(
            f"{box.columns} × {box.rows} UDIM tiles of {width} × {height} pixels are one texture "
            f"of {size[0]} × {size[1]}, and the largest is {MAX_SIZE}: use tiles of at most {most}."
        )
    return size


def name_tile(path: Path, number: int) -> Path:
    """Return the file of a tile.

    Example:
        >>> name_tile(Path("wall.<UDIM>.png"), 1012).name
        'wall.1012.png'
    """
    return path.with_name(path.name.replace(TOKEN, str(number)))


def name_files(path: Path, numbers: Sequence[int]) -> list[Path]:
    """Return the files of a texture: those of its tiles, or the path itself if it has none.

    Raises:
        BadInput: There are tiles, and the name does not say where their numbers go; or it does,
            and there are none.
    """
    if bool(numbers) != (TOKEN in path.name):
        raise BadInput(
            f"“{path.name}” has no place for the numbers of the tiles: name it "
            f"{path.stem}.{TOKEN}{path.suffix}."
            if numbers
            else f"“{path.name}” is for UDIM tiles: say how many there are, such as 2x2.",
            "" if numbers else "tiles",
        )
    return [name_tile(path, number) for number in numbers] if numbers else [path]


def find_tiles(files: Iterable[Path]) -> dict[Path, Tiles]:
    """Return which of some files are tiles, each with all of its texture.

    A number that no other file shares a name with may be a size, such as 1024. It is that of a tile
    if a texture of several tiles has this tile too.

    Example:
        >>> found = find_tiles([Path("wall_ao.1001.png"), Path("wall_ao.1002.png"), Path("a.png")])
        >>> [(file.name, tiles.path.name) for file, tiles in found.items()]
        [('wall_ao.1001.png', 'wall_ao.<UDIM>.png'), ('wall_ao.1002.png', 'wall_ao.<UDIM>.png')]
    """
    by_path: dict[Path, dict[int, Path]] = {}
    for file in files:
        parts = _NUMBERED.fullmatch(file.name)
        if parts is not None and FIRST <= int(parts[2]) <= LAST:
            path = file.with_name(f"{parts[1]}{TOKEN}{parts[3]}")
            by_path.setdefault(path, {})[int(parts[2])] = file
    sure = {number for tiles in by_path.values() if len(tiles) > 1 for number in tiles}
    return {
        file: Tiles(path, tuple(sorted(tiles)))
        for path, tiles in by_path.items()
        if sure.issuperset(tiles)
        for file in tiles.values()
    }


def _place(number: int) -> tuple[int, int]:
    v, u = divmod(number - FIRST, ROW)
    return u, v
