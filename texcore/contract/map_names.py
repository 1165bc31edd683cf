"""Which map a file holds, by its name, and which files of a folder make a material.

Knows how Poly Haven (``rock_wall_diff_2k``, ``_nor_gl``, ``_arm``), ambientCG (``Bricks076_2K-JPG_
NormalGL``), Substance (``Wall_BaseColor``, ``_Normal_DirectX``, ``_OcclusionRoughnessMetallic``),
Unreal (``T_Wall_N``, ``T_Wall_ORM``), Poliigon, Megascans, and SuperTuxKart call them.

Standard library only: the extension imports this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import BadInput
from .files import explain, safely
from .map_kinds import KINDS

_WORDS = {
    "base_color": "basecolor basecolour color colour col diffuse diff albedo alb",
    "emission": "emission emissive emit glow",
    "normal": "normal nor nrm norm normals normalgl norgl normalopengl normalogl ogl",
    "normal_dx": "normaldx nordx normaldirectx directx",
    "roughness": "roughness rough rgh",
    "gloss": "gloss glossiness smoothness smooth",
    "metallic": "metallic metalness metal met mtl",
    "specular": "specular spec specularlevel refl reflection",
    "ao": "ao ambientocclusion occlusion occ mixedao",
    "height": "height displacement disp depth",
    "bump": "bump",
    "curvature": "curvature curve curv",
    "opacity": "opacity alpha transparency cutout",
    "orm": "orm arm aorm occlusionroughnessmetallic ambientocclusionroughnessmetallic",
    "rma": "rma rmao",
    "mra": "mra mrao",
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
# Only as the last word of a name, as Unreal's guide has it.
_LETTERS = {
    "bc": "base_color",
    "d": "base_color",
    "n": "normal",
    "r": "roughness",
    "m": "metallic",
    "h": "height",
    "e": "emission",
    "s": "specular",
    "o": "opacity",
}
# Words that say nothing about the map: sizes, formats, levels of detail, variants, bits.
_EMPTY = re.compile(r"\d+k?|\d+bit|jpe?g|png|exr|tiff?|lod\d*|var\d+|\d+x\d+")
# Words that may follow that of the map.
_AFTER = ("map", "tex", "texture", "raw", "srgb", "linear", "ior", "gl", "opengl", "dx", "directx")
# Most words that a name of a map has.
_LONGEST = 3
# Best first, where a folder has a map in several formats.
_SUFFIXES = (".exr", ".tif", ".tiff", ".png", ".tga", ".bmp", ".webp", ".jpg", ".jpeg")


@dataclass(frozen=True)
class Found:
    """The maps of a folder.

    Attributes:
        maps: File by kind, in the order of `kinds.KINDS`.
        passed_over: Pictures that are no map, or another form of one that was taken.
    """

    maps: dict[str, Path]
    passed_over: tuple[Path, ...]


def kind_of(name: str) -> str | None:
    """The kind of map that a file's name says, with or without suffix; None if it says none."""
    return _split(Path(name).name)[1]


def find(folder: Path) -> Found:
    """The maps in a folder.

    Of one map in several formats or sizes the finest is taken; of normals in both conventions
    those of OpenGL, which are Blender's.

    Raises:
        BadInput: The folder is not there, has no map, or has maps of several materials.
    """
    if not safely(folder.is_dir):
        raise BadInput(f"The folder “{folder}” is not there: check the path.")
    try:
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())
    except OSError as e:
        raise BadInput(f"The folder “{folder}” cannot be read ({explain(e)}).") from None
    by_kind: dict[str, list[Path]] = {}
    for file in files:
        if (kind := kind_of(file.name)) is not None:
            by_kind.setdefault(kind, []).append(file)
    if not by_kind:
        raise BadInput(
            f"“{folder}” holds no map whose name says what it is, such as wall_basecolor.png."
        )
    if "normal" in by_kind:
        by_kind.pop("normal_dx", None)
    stems = {_split(file.name)[0] for files in by_kind.values() for file in files} - {""}
    if len(stems) > 1:
        names = ", ".join(f"“{stem}”" for stem in sorted(stems)[:4])
        raise BadInput(
            f"“{folder}” holds the maps of several materials ({names}): give a folder with one."
        )
    maps = {kind: _finest(by_kind[kind]) for kind in KINDS if kind in by_kind}
    taken = set(maps.values())
    return Found(maps, tuple(file for file in files if file not in taken))


def _split(name: str) -> tuple[str, str | None]:
    """What a file's name says of its material, and the kind of map."""
    stem = name.rpartition(".")[0] if Path(name).suffix.lower() in _SUFFIXES else name
    words = [w for w in _words(stem) if not _EMPTY.fullmatch(w)]
    unreal = bool(words) and words[0] == "t" and stem.startswith("T_")
    for end in range(len(words), 0, -1):
        for begin in range(max(0, end - _LONGEST), end):
            # Poliigon writes NRM16.
            kind = _KIND_OF.get("".join(words[begin:end]).rstrip("0123456789"))
            if kind is not None:
                return " ".join(words[:begin]), _by_convention(kind, words[begin:], unreal)
        if words[end - 1] not in _AFTER:
            break
    last = words[-1] if words else ""
    if len(words) > 1 and last in _LETTERS:
        return " ".join(words[:-1]), _by_convention(_LETTERS[last], [last], unreal)
    return " ".join(words), None


def _words(stem: str) -> list[str]:
    """``T_RedBrick_BaseColor`` → t, red, brick, base, color; ``NormalGL`` → normal, gl."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", stem)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def _by_convention(kind: str, rest: list[str], unreal: bool) -> str:
    """Normals are OpenGL's, unless the name says DirectX, or is Unreal's and does not say."""
    if kind == "normal":
        said = "".join(rest)
        if "dx" in said or "directx" in said or (unreal and "gl" not in said):
            return "normal_dx"
    return kind


def _finest(files: Iterable[Path]) -> Path:
    """Choose among files of one map: of the largest size, that in the best format."""

    def rank(file: Path) -> tuple[int, int]:
        sizes = [int(k) for k in re.findall(r"(?<![A-Za-z0-9])(\d+)[kK](?![A-Za-z])", file.stem)]
        return -max(sizes, default=0), _SUFFIXES.index(file.suffix.lower())

    return min(files, key=rank)
