"""What maps a material has, and what the channels of each mean.

Standard library only: the extension imports this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .errors import BadInput
from .parsing import quote

Meaning = Literal["colour", "normal", "scalars", "data"]


@dataclass(frozen=True)
class Kind:
    """One kind of map.

    Attributes:
        id: Its name on the command line, in recipes and in the names of files written.
        label: For people.
        meaning: How its numbers are treated. ``colour`` is light as an eye sees it, encoded as sRGB
            (or linear in a file of linear light). ``normal`` is a field of unit vectors, 0.5 + n/2.
            ``scalars`` are independent quantities, one a channel, named by ``channels``. ``data``
            is anything else, channel by channel as it is.
        channels: What each channel of a map of scalars says.
    """

    id: str
    label: str
    meaning: Meaning
    channels: tuple[str, ...] = ()


def _scalar(id: str, label: str) -> Kind:
    return Kind(id, label, "scalars", (id,))


KINDS: dict[str, Kind] = {
    kind.id: kind
    for kind in (
        Kind("base_color", "Base Color", "colour"),
        Kind("emission", "Emission", "colour"),
        Kind("color", "Color", "colour"),
        Kind("normal", "Normal (OpenGL)", "normal"),
        Kind("normal_dx", "Normal (DirectX)", "normal"),
        _scalar("roughness", "Roughness"),
        _scalar("gloss", "Gloss"),
        _scalar("metallic", "Metallic"),
        _scalar("specular", "Specular"),
        _scalar("ao", "Ambient Occlusion"),
        _scalar("height", "Height"),
        _scalar("bump", "Bump"),
        _scalar("curvature", "Curvature"),
        _scalar("opacity", "Opacity"),
        Kind("orm", "AO, Roughness, Metallic", "scalars", ("ao", "roughness", "metallic")),
        Kind("rma", "Roughness, Metallic, AO", "scalars", ("roughness", "metallic", "ao")),
        Kind("mra", "Metallic, Roughness, AO", "scalars", ("metallic", "roughness", "ao")),
        Kind("packed", "Packed", "scalars"),
        Kind("data", "Data", "data"),
    )
}
#: Of a picture by itself, whatever it shows: it is no map of a material.
PICTURE = "picture"
_PICTURE = Kind(PICTURE, "Picture", "colour")
NORMALS = ("normal", "normal_dx")
#: Kinds that can be guessed from a base color; see `derive`.
DERIVABLE = ("height", "normal", "roughness", "ao", "curvature")
#: Kinds in which the steps of 8 bits would show: as bands of light on a smooth surface.
FINE = (*NORMALS, "height", "bump")


def get_kind(id: str) -> Kind:
    """Return the kind of that name; a number behind it (``normal2``) tells several apart.

    Raises:
        BadInput: There is none.
    """
    if id == PICTURE:
        return _PICTURE
    known = KINDS.get(id.rstrip("0123456789"))
    if known is None:
        raise BadInput(f"“{quote(id)}” is no kind of map: use {', '.join(KINDS)}.")
    return known


def check_derivable(wanted: Iterable[str]) -> None:
    """Check names of maps that shall be derived.

    Raises:
        BadInput: One is not of `DERIVABLE`.
    """
    for id in wanted:
        if id not in DERIVABLE:
            raise BadInput(f"“{quote(id)}” cannot be derived: use {', '.join(DERIVABLE)}.")
