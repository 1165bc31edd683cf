"""All maps of a material on one canvas, and the canvas cut up into maps again.

A picture by itself is a stack of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..contract.errors import BadInput
from ..contract.map_kinds import PICTURE, get_kind
from ..exemplars.directions import Directions
from ..pictures import Picture
from ..surfaces import resizing, torus
from .codecs import MapCodec, make_codec
from .views import joint_exemplar


@dataclass(frozen=True)
class _Part:
    """One map: how it goes in and out, its channels of the canvas, its size over the canvas'."""

    codec: MapCodec
    channels: slice
    scale_y: float
    scale_x: float


class Stack:
    """The maps of a material, one above the other.

    All lie on the grid of the largest; smaller ones are resampled to it, and their results back.

    Args:
        maps: Picture by kind, see `kinds.kind`.
        encodings: By kind, what the numbers of a colour map mean, where the file does not tell.

    Attributes:
        exemplar: What to synthesise.

    Raises:
        BadInput: There is no map, or nothing in them varies.
    """

    def __init__(
        self, maps: Mapping[str, Picture], encodings: Mapping[str, str] | None = None
    ) -> None:
        if not maps:
            raise BadInput("There is no map: give at least one.")
        self.height, self.width = max(
            (picture.pixels.shape[1:] for picture in maps.values()), key=lambda s: s[0] * s[1]
        )
        self._parts: dict[str, _Part] = {}
        images: list[Tensor] = []
        roles: list[tuple[str, str]] = []
        directions: list[Directions] = []
        for id, picture in maps.items():
            part = make_codec(get_kind(id), picture, (encodings or {}).get(id, "auto"))
            h, w = picture.pixels.shape[1:]
            channels = slice(len(roles), len(roles) + len(part.roles))
            scale_y, scale_x = self.height / h, self.width / w
            self._parts[id] = _Part(part, channels, 1 / scale_y, 1 / scale_x)
            if part.roles:
                if part.directions:
                    directions.append(replace(part.directions, first=len(roles)))
                images.append(resizing.scaled(part.image, scale_y, scale_x))
                roles += [(id, role) for role in part.roles]
        if not images:
            raise BadInput("Every map is of one value throughout: there is nothing to synthesise.")
        exemplar = joint_exemplar(torch.cat(images), roles)
        self.exemplar = replace(exemplar, directions=tuple(directions))

    def encode(self, maps: Mapping[str, Picture], name: str) -> Tensor:
        """Return other pictures in the exemplar's channels (channels, h, w), on one grid.

        Args:
            maps: Picture by kind, one for each kind of the exemplar; others are passed over.
            name: What they are for, in a sentence.

        Raises:
            BadInput: One is missing.
        """
        missing = [id for id in self._parts if id not in maps]
        if missing:
            raise BadInput(
                f"The pictures for “{name}” lack the map {missing[0]}: give all that the exemplar "
                f"has, {', '.join(self._parts)}."
            )
        used = {id: maps[id].pixels.shape[1:] for id in self._parts}
        h, w = max(used.values(), key=lambda s: s[0] * s[1])
        images = [part.codec.encode(maps[id]) for id, part in self._parts.items()]
        return torch.cat(
            [resizing.scaled_to(x, h, w) if len(x) else x.new_empty(0, h, w) for x in images]
        )

    def decode(self, image: Tensor, wraps: bool, alike: bool = True) -> dict[str, Picture]:
        """Return the maps of a canvas, each in the proportion of its exemplar.

        Args:
            image: What was made, shape (channels, height, width).
            wraps: Whether it lies on a torus, on both axes.
            alike: See `codecs.MapCodec.decode`.
        """
        h, w = image.shape[-2:]
        made = {}
        for id, part in self._parts.items():
            size = (max(1, round(h * part.scale_y)), max(1, round(w * part.scale_x)))
            x = image[part.channels]
            if not len(x):
                x = x.new_empty(0, *size)
            elif size != (h, w):
                x = (
                    torus.resample(x, *size)
                    if wraps
                    else resizing.scaled(x, *_factors(size, (h, w)))
                )
            made[id] = part.codec.decode(x, alike)
        return made

    def previews(self, image: Tensor) -> Iterator[tuple[str, Picture]]:
        """The maps of a canvas in 8 bits, all as large as it, each with its kind.

        Those that are flat, or hold values beyond 0...1, are left out.
        """
        for id, part in self._parts.items():
            picture = part.codec.preview(image[part.channels])
            if picture is not None:
                yield id, picture


def _factors(size: tuple[int, int], old: tuple[int, int]) -> tuple[float, float]:
    return size[0] / old[0], size[1] / old[1]


def digest_maps(maps: Mapping[str, Picture]) -> str:
    """Return SHA-256 of all maps with their kinds, in order; of a picture by itself, its own."""
    if set(maps) == {PICTURE}:
        return maps[PICTURE].digest()
    text = "".join(f"{id}:{picture.digest()}\n" for id, picture in maps.items())
    return hashlib.sha256(text.encode()).hexdigest()
