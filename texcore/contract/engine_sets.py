"""How engines want the maps of a material: packed into which files, under which names.

A set for an engine is data: files, and what each of their channels says. `plan_files` tells for the
maps that there are what goes where; whoever has pixels copies channels by it.

- Unreal: T_wall_BC, _N (DirectX), _ORM, _H, _E, after Epic's naming conventions.
- Unity: wall_BaseMap, _Normal (OpenGL), _MaskMap, _Height, _Emission. The mask map is HDRP's; URP
  and the standard shader read the same channels of it.
- Godot: wall_albedo, _normal (OpenGL), _orm, _height, _emission, for an ORMMaterial3D.
- glTF: wall_baseColor, _normal (OpenGL), _occlusionRoughnessMetallic, _emissive (glTF 2.0, 3.9).

Standard library only: the extension imports this file.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from .errors import BadInput
from .map_kinds import KINDS
from .parsing import quote
from .words import Choice, Words

SUFFIX = ".png"
_ALPHA = "opacity"
# Of what a material says nothing about, as of Blender's Principled BSDF.
_ABSENT = {"ao": 1.0, "roughness": 0.5, "smoothness": 0.5, "metallic": 0.0, "detail": 0.0}
_OPPOSITE = {"roughness": "gloss", "smoothness": "roughness", "gloss": "roughness"}
_COLOUR, _EMISSION = ("base_color",) * 3, ("emission",) * 3


@dataclass(frozen=True)
class SetFile:
    """One file of a set.

    Attributes:
        pattern: Its name without suffix; ``{name}`` is the material's.
        channels: What each channel says: a quantity, or a map of that place's channel.
        bits: 8 or 16.
    """

    pattern: str
    channels: tuple[str, ...]
    bits: int = 8


@dataclass(frozen=True)
class EngineSet:
    """A set of files for an engine, and its words for people."""

    words: Choice
    files: tuple[SetFile, ...]


@dataclass(frozen=True)
class Taken:
    """A channel that is copied from a map.

    Attributes:
        kind: The map's.
        channel: Its number in there; -1: the map's alpha.
        inverted: Whether 1 − x is written.
    """

    kind: str
    channel: int
    inverted: bool = False


@dataclass(frozen=True)
class PlannedFile:
    """A file to write.

    Attributes:
        name: With its suffix.
        channels: Each copied from a map, or of one value.
        bits: 8 or 16.
    """

    name: str
    channels: tuple[Taken | float, ...]
    bits: int


def _normals(kind: str) -> tuple[str, ...]:
    return (kind,) * 3


ENGINE_SETS = {
    each.words.id: each
    for each in (
        EngineSet(
            Choice(
                "unreal",
                "Unreal Engine",
                "T_…_BC, N (DirectX), ORM: occlusion, roughness, metallic",
                Words("Unreal Engine", "T_…_BC, N (DirectX), ORM: Verdeckung, Rauheit, Metall"),
            ),
            (
                SetFile("T_{name}_BC", _COLOUR),
                SetFile("T_{name}_N", _normals("normal_dx"), 16),
                SetFile("T_{name}_ORM", ("ao", "roughness", "metallic")),
                SetFile("T_{name}_H", ("height",), 16),
                SetFile("T_{name}_E", _EMISSION),
            ),
        ),
        EngineSet(
            Choice(
                "unity",
                "Unity",
                "BaseMap, Normal (OpenGL), MaskMap: metallic, occlusion, –, smoothness",
                Words("Unity", "BaseMap, Normal (OpenGL), MaskMap: Metall, Verdeckung, –, Glätte"),
            ),
            (
                SetFile("{name}_BaseMap", _COLOUR),
                SetFile("{name}_Normal", _normals("normal"), 16),
                SetFile("{name}_MaskMap", ("metallic", "ao", "detail", "smoothness")),
                SetFile("{name}_Height", ("height",), 16),
                SetFile("{name}_Emission", _EMISSION),
            ),
        ),
        EngineSet(
            Choice(
                "godot",
                "Godot",
                "albedo, normal (OpenGL), orm for ORMMaterial3D",
                Words("Godot", "albedo, normal (OpenGL), orm für ORMMaterial3D"),
            ),
            (
                SetFile("{name}_albedo", _COLOUR),
                SetFile("{name}_normal", _normals("normal")),
                SetFile("{name}_orm", ("ao", "roughness", "metallic")),
                SetFile("{name}_height", ("height",), 16),
                SetFile("{name}_emission", _EMISSION),
            ),
        ),
        EngineSet(
            Choice(
                "gltf",
                "glTF",
                "baseColor, normal (OpenGL), occlusion, roughness and metallic in one",
                Words("glTF", "baseColor, normal (OpenGL), Verdeckung, Rauheit, Metall in einem"),
            ),
            (
                SetFile("{name}_baseColor", _COLOUR),
                SetFile("{name}_normal", _normals("normal")),
                SetFile(
                    "{name}_occlusionRoughnessMetallic",
                    ("ao", "roughness", "metallic"),
                ),
                SetFile("{name}_emissive", _EMISSION),
            ),
        ),
    )
}


def get_engine_set(id: str) -> EngineSet:
    """Return the set of that name.

    Raises:
        BadInput: There is none.
    """
    if id not in ENGINE_SETS:
        raise BadInput(f"“{quote(id)}” is no engine: use {', '.join(ENGINE_SETS)}.")
    return ENGINE_SETS[id]


def plan_files(
    id: str, name: str, kinds: Collection[str], alpha: bool = False
) -> tuple[list[PlannedFile], list[str]]:
    """Tell which files are written for an engine from the maps that there are.

        >>> files, left = plan_files("unreal", "Red Wall", ["base_color", "roughness", "specular"])
        >>> [file.name for file in files], left
        (['T_Red_Wall_BC.png', 'T_Red_Wall_ORM.png'], ['specular'])
        >>> files[1].channels
        (1.0, Taken(kind='roughness', channel=0, inverted=False), 0.0)

    Args:
        id: The engine's name, of `ENGINE_SETS`.
        name: The material's.
        kinds: Of the maps, by the names of `map_kinds.KINDS`.
        alpha: Whether the base color has alpha. It goes into the base color of the set, unless
            there is a map of opacity, which goes first.

    Returns:
        The files, and the kinds that have no place in any of them.

    Raises:
        BadInput: There is no such engine, or no map has a place.
    """
    wanted = get_engine_set(id)
    planned = []
    for file in wanted.files:
        sources = [_find(what, place, kinds) for place, what in enumerate(file.channels)]
        if all(source is None for source in sources):
            continue
        if file.channels == _COLOUR and (alpha or _ALPHA in kinds):
            sources.append(Taken(_ALPHA, 0) if _ALPHA in kinds else Taken("base_color", -1))
        channels = [
            _ABSENT[what] if source is None else source
            for what, source in zip((*file.channels, _ALPHA), sources, strict=False)
        ]
        path = f"{file.pattern.format(name=clean_name(name))}{SUFFIX}"
        planned.append(PlannedFile(path, tuple(channels), file.bits))
    if not planned:
        raise BadInput(f"None of the maps {', '.join(kinds)} has a place in a set for {id}.")
    used = {each.kind for file in planned for each in file.channels if isinstance(each, Taken)}
    return planned, [kind for kind in kinds if kind not in used]


def clean_name(name: str) -> str:
    """Return a name as engines and all systems take it: letters, digits, ``_`` and ``-``.

    Example:
        >>> clean_name("Mur (été).001")
        'Mur_été_001'
    """
    return re.sub(r"[^\w-]+", "_", name).strip("_") or "texture"


def _find(what: str, place: int, kinds: Collection[str]) -> Taken | None:
    """Return where a channel of a set comes from; None if no map says it."""
    if what in ("base_color", "emission"):
        return Taken(what, place) if what in kinds else None
    if what in ("normal", "normal_dx"):
        other = "normal" if what == "normal_dx" else "normal_dx"
        if what in kinds:
            return Taken(what, place)
        # The two conventions differ in the direction of green.
        return Taken(other, place, inverted=place == 1) if other in kinds else None
    if what == "height":
        kind = next((kind for kind in ("height", "bump") if kind in kinds), None)
        return None if kind is None else Taken(kind, 0)
    return _find_quantity(what, kinds)


def _find_quantity(what: str, kinds: Collection[str]) -> Taken | None:
    """Return a quantity's channel, of a map of its own, else of one that packs several."""
    asked = [(what, False)]
    if what in _OPPOSITE:
        asked.append((_OPPOSITE[what], True))
    if what == "smoothness":
        asked.insert(0, ("gloss", False))
    for quantity, inverted in asked:
        for kind in kinds:
            channels = KINDS[kind].channels if kind in KINDS else ()
            if quantity in channels:
                return Taken(kind, channels.index(quantity), inverted)
    return None
