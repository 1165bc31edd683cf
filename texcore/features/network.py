"""Feature networks: VGG-16 and VGG-19 (Simonyan & Zisserman 2014) and a bank of random filters.

All of them take RGB images in 0...1 of shape (1, 3, height, width) and give feature maps by name.
Three borders are known. On a torus (the canvas) every convolution wraps. On a plain picture (the
exemplar) it mirrors, and `FeatureNetwork.exemplar_features` cuts off what the mirror has touched,
since an exemplar's border is not a structure to imitate. On a part of a torus it is zero, and
`FeatureNetwork.tile_features` cuts off what the zeros have touched, which its halo is there for.

The two VGGs are torchvision's in their layers, their weights and how an image is shown to them, but
their convolutions are run here: torchvision's modules pad with zeros and pool by the maximum, while
a texture wants a torus, which ends nowhere, and averages; and a map is wanted from any layer on the
way, in bfloat16 too. What both agree on is repeated below, for each run would begin two seconds
later with torchvision's import (see `torchvision_import`); the tests compare it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from ..runtime import devices
from ..surfaces import torus
from .facts import LayerFacts, NetworkFacts
from .lean import LeanConvolution
from .winograd import Winograd

Filters = list[tuple[Tensor, Tensor]]

# Convolutions between two poolings: `torchvision.models.vgg.cfgs`, configurations D and E.
_BLOCKS = {13: (2, 2, 3, 3, 3), 16: (2, 2, 4, 4, 4)}
# How `torchvision.models.VGG19_Weights.IMAGENET1K_V1.transforms()` shows an image: as
# (x − mean) / deviation, channel by channel.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
# Where the mirrored rim is wider than this share of a map, it is not cut off any further: a small
# exemplar seen deep in the network has hardly a feature that no border reaches.
_LARGEST_CUT = 0.25


class FeatureNetwork(ABC):
    """Feature maps by name.

    Attributes:
        name: What it is and, by eight digits of a hash, which weights it has.
        layers: Names of all maps it can give, from shallow to deep.
        dtype: Of the convolutions.
        direct: Whether nothing is computed a quicker way; see `to`.
    """

    name: str
    layers: tuple[str, ...]
    dtype: torch.dtype
    direct: bool = False

    def features(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Maps of an image on a torus, sides multiples of `stride`.

        Args:
            image: Shape (1, 3, height, width), 0...1.
            layers: Names from `layers`.

        Returns:
            Name → (1, channels, h, w), in the network's precision.
        """
        return self._run(image, layers, "circular")

    def exemplar_features(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Maps of a plain picture, without what its border has touched, as far as it is large.

        A layer of which nothing is left, because the picture is too small, is not in the answer.
        """
        maps = self._run(image, layers, "reflect")
        return {name: _cut(x, self._rim(name)) for name, x in maps.items()}

    def picture_features(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Maps of a plain picture up to its border, beyond which it is mirrored."""
        return self._run(image, layers, "reflect")

    def tile_features(self, image: Tensor, layers: Sequence[str], halo: int) -> dict[str, Tensor]:
        """Maps of a tile of a torus, the same as cut from the maps of the whole torus.

        Args:
            image: The tile with so many texels of what lies around it on every side: shape
                (1, 3, height + 2 halo, width + 2 halo). Height, width, halo and where on the torus
                the tile begins are multiples of `stride`.
            layers: Names from `layers`.
            halo: At least `halo` of the layers.
        """
        maps = self._run(image, layers, "zero")
        return {name: _inside(x, halo // self.spacing(name)) for name, x in maps.items()}

    def halo(self, layers: Sequence[str]) -> int:
        """Texels around a tile that its features depend on, as a multiple of `stride`."""
        stride = self.stride(layers)
        return max(-(-self._rim(name) * self.spacing(name) // stride) for name in layers) * stride

    def without_rim(self, grid: Tensor, layer: str) -> Tensor:
        """Cut from a grid (..., h, w) the rim that `exemplar_features` cuts from a layer's map."""
        return _cut(grid, self._rim(layer))

    def describe(self) -> NetworkFacts:
        """Strides, reaches and sizes of all layers, which a run can be planned from."""
        layers = tuple(
            LayerFacts(
                name,
                self.stride([name]),
                self._rim(name) * self.spacing(name),
                self.values_per_texel([name]),
                self.products_per_texel([name]),
            )
            for name in self.layers
        )
        return NetworkFacts(self.name, layers, self.dtype.itemsize)

    @abstractmethod
    def to(self, device: torch.device, dtype: torch.dtype, direct: bool = False) -> FeatureNetwork:
        """The same network on a device, its convolutions in a precision.

        Args:
            device: Where it computes.
            dtype: Of the convolutions.
            direct: Whether they shall be computed to the very digits that recipes of version 1
                had, even where there is a quicker way (`Winograd`, `LeanConvolution`,
                `measure_features`).
        """

    @abstractmethod
    def stride(self, layers: Sequence[str]) -> int:
        """Texels that the sides of an image, and of tiles of it, are multiples of.

        Those of one feature of the coarsest map on the way to ``layers``.
        """

    def spacing(self, layer: str) -> int:
        """Texels of the image from one feature of a layer to the next."""
        return self.stride([layer])

    @abstractmethod
    def values_per_texel(self, layers: Sequence[str]) -> float:
        """Numbers in all maps up to the deepest of ``layers``, per texel of the image."""

    @abstractmethod
    def products_per_texel(self, layers: Sequence[str]) -> float:
        """Multiplications of all maps up to the deepest of ``layers``, per texel of the image.

        Those of direct convolutions, also where they are computed with fewer.
        """

    @abstractmethod
    def _run(self, image: Tensor, layers: Sequence[str], border: str) -> dict[str, Tensor]:
        """Maps with one of the borders ``circular``, ``reflect`` and ``zero``."""

    @abstractmethod
    def _rim(self, layer: str) -> int:
        """Features at each side that the image's border has touched."""


class Vgg(FeatureNetwork):
    """The convolutional part of VGG-16 or VGG-19, with average pooling (Gatys et al. 2015).

    Layers are named ``conv1_1`` … ``conv5_3`` (after the rectifier) and ``pool1`` … ``pool5``.

    Args:
        filters: Per convolution a filter (out, in, 3, 3) and a bias (out); 13 or 16 of them.
        name: See `FeatureNetwork`.
        dtype: Of the convolutions. Images come in and gradients go out in the image's own dtype.
        direct: See `FeatureNetwork.to`.
    """

    def __init__(
        self,
        filters: Filters,
        name: str,
        dtype: torch.dtype = torch.float32,
        direct: bool = False,
    ) -> None:
        if len(filters) not in _BLOCKS:
            raise ValueError(f"{len(filters)} convolutions are neither VGG-16 nor VGG-19")
        self.name = name
        self.dtype, self.direct = dtype, direct
        self.filters = [
            (w.to(dtype).contiguous(memory_format=torch.channels_last), b.to(dtype))
            for w, b in filters
        ]
        self._quick = [None if direct else _find_quick(w, b) for w, b in self.filters]
        # Made once: to move them to a device for each evaluation would have the host wait for it.
        like = filters[0][0]
        self._mean, self._std = (
            torch.tensor(x, dtype=devices.widest(like.device), device=like.device).view(1, 3, 1, 1)
            for x in (_MEAN, _STD)
        )
        self._plan = tuple(_plan(_BLOCKS[len(filters)]))
        self._before_pool = {
            before for (_, before), (_, index) in pairwise(self._plan) if index is None
        }
        self.layers = tuple(step for step, _ in self._plan)

    @classmethod
    def seeded(cls, seed: int = 0) -> Vgg:
        """VGG-19 with normal random filters, as it is before its training (He et al. 2015).

        Textures cannot be made with it (Gatys et al. 2015, figure 3C): the filters must be learned.
        """
        generator = torch.Generator().manual_seed(seed)
        filters, before = [], 3
        for width, count in zip((64, 128, 256, 512, 512), _BLOCKS[16], strict=True):
            for _ in range(count):
                w = torch.randn(width, before, 3, 3, generator=generator)
                filters.append((w * (2 / (9 * before)) ** 0.5, torch.zeros(width)))
                before = width
        return cls(filters, f"random-vgg-{seed}")

    def to(  # noqa: D102
        self, device: torch.device, dtype: torch.dtype, direct: bool = False
    ) -> Vgg:
        filters = [(w.to(device), b.to(device)) for w, b in self.filters]
        return Vgg(filters, self.name, dtype, direct)

    def stride(self, layers: Sequence[str]) -> int:  # noqa: D102
        return max(2 ** (int(name[4]) - name.startswith("conv")) for name in layers)

    def values_per_texel(self, layers: Sequence[str]) -> float:  # noqa: D102
        deepest = max(self.layers.index(name) for name in layers)
        values, channels = 0.0, 3
        for name, index in self._plan[: deepest + 1]:
            if index is not None:
                channels = len(self.filters[index][1])
            values += channels / self.stride([name]) ** 2
        return values

    def products_per_texel(self, layers: Sequence[str]) -> float:  # noqa: D102
        deepest = max(self.layers.index(name) for name in layers)
        return sum(
            self.filters[index][0].numel() / self.stride([name]) ** 2
            for name, index in self._plan[: deepest + 1]
            if index is not None
        )

    def convolve(self, index: int, x: Tensor, border: str) -> Tensor:
        """Convolve maps by one of the filters, and rectify them.

        Args:
            index: Of the filters, from 0.
            x: Shape (b, channels, height, width), in the network's precision.
            border: ``circular``, ``reflect`` or ``zero``.
        """
        quick = self._quick[index]
        if isinstance(quick, LeanConvolution) and quick.knows(border):
            return quick.convolve(x, border)
        if isinstance(quick, Winograd) and quick.pays(x):
            return quick.convolve(_padded(x, 1, border))
        return convolved(x, *self.filters[index], border).relu_()

    def _convolve_pooled(self, index: int, x: Tensor, border: str) -> Tensor | None:
        """Convolve and pool at once; None where that has to be done one after the other."""
        quick = self._quick[index]
        if (
            index in self._before_pool
            and isinstance(quick, LeanConvolution)
            and quick.knows(border)
            and not any(n % 2 for n in x.shape[-2:])
        ):
            return quick.convolve(x, border, pool=True)
        return None

    def _run(self, image: Tensor, layers: Sequence[str], border: str) -> dict[str, Tensor]:
        mean, std = self._mean.to(image.dtype), self._std.to(image.dtype)
        x = ((image - mean) / std).to(self.dtype).contiguous(memory_format=torch.channels_last)
        wanted = set(layers)
        maps: dict[str, Tensor] = {}
        steps = iter(self._plan)
        for name, index in steps:
            if index is None:
                if min(x.shape[-2:]) < 2:
                    break
                x = F.avg_pool2d(x, 2)
            elif (
                name not in wanted
                and (pooled := self._convolve_pooled(index, x, border)) is not None
            ):
                x, (name, _) = pooled, next(steps)
            else:
                x = self.convolve(index, x, border)
            if name in wanted:
                maps[name] = x
                if len(maps) == len(wanted):
                    break
        return maps

    def _rim(self, layer: str) -> int:
        rim = 0
        for name, index in self._plan:
            rim = -(-rim // 2) if index is None else rim + 1
            if name == layer:
                return rim
        raise KeyError(layer)


class RandomBank(FeatureNetwork):
    """One layer of rectified random filters of several sizes (Ustyuzhaninov et al. 2017).

    Their widest filters, 55 texels, are had more cheaply here by using the bank on several
    octaves. The single layer is named ``bank``.

    Args:
        filters: Per size a filter (out, 3, size, size) and a bias (out).
        name: See `FeatureNetwork`.
        dtype: Of the convolutions.
    """

    layers = ("bank",)
    SIZES = (3, 5, 7, 11)

    def __init__(self, filters: Filters, name: str, dtype: torch.dtype = torch.float32) -> None:
        self.name = name
        self.dtype = dtype
        self.filters = [(w.to(dtype), b.to(dtype)) for w, b in filters]

    @classmethod
    def seeded(cls, seed: int = 0, channels: int = 48) -> RandomBank:
        """Filters of independent uniform numbers with zero mean; ``channels`` of each size."""
        generator = torch.Generator().manual_seed(seed)
        filters = []
        for size in cls.SIZES:
            w = torch.rand(channels, 3, size, size, generator=generator) - 0.5
            w = w - w.mean((1, 2, 3), keepdim=True)
            filters.append((w / w.flatten(1).norm(dim=1).view(-1, 1, 1, 1), torch.zeros(channels)))
        return cls(filters, f"random-{seed}")

    def to(  # noqa: D102
        self, device: torch.device, dtype: torch.dtype, direct: bool = False
    ) -> RandomBank:
        filters = [(w.to(device), b.to(device)) for w, b in self.filters]
        moved = RandomBank(filters, self.name, dtype)
        moved.direct = direct
        return moved

    def stride(self, layers: Sequence[str]) -> int:  # noqa: D102
        return 1

    def values_per_texel(self, layers: Sequence[str]) -> float:  # noqa: D102
        # The map and the parts that it is put together from.
        return 2.0 * sum(len(b) for _, b in self.filters)

    def products_per_texel(self, layers: Sequence[str]) -> float:  # noqa: D102
        return float(sum(w.numel() for w, _ in self.filters))

    def _run(self, image: Tensor, layers: Sequence[str], border: str) -> dict[str, Tensor]:
        x = ((image - 0.5) / 0.25).to(self.dtype)
        return {"bank": torch.cat([convolved(x, w, b, border).relu_() for w, b in self.filters], 1)}

    def _rim(self, layer: str) -> int:
        return max(self.SIZES) // 2


def _find_quick(w: Tensor, b: Tensor) -> LeanConvolution | Winograd | None:
    """Find a quicker way to convolve with filters than as PyTorch does it, if there is one."""
    if LeanConvolution.suits(w):
        return LeanConvolution(w, b)
    return Winograd(w, b) if Winograd.suits(w) else None


def _plan(blocks: Sequence[int]) -> Iterator[tuple[str, int | None]]:
    """Layer names with the index of the convolution, None for a pooling."""
    index = 0
    for block, convolutions in enumerate(blocks, 1):
        for i in range(1, convolutions + 1):
            yield f"conv{block}_{i}", index
            index += 1
        yield f"pool{block}", None


def convolved(x: Tensor, w: Tensor, b: Tensor, border: str, stride: int = 1) -> Tensor:
    """Convolution with one of the three borders, a feature at every ``stride``-th position."""
    n = w.shape[-1] // 2
    if border == "zero":
        return F.conv2d(x, w, b, stride, n)
    return F.conv2d(_padded(x, n, border), w, b, stride)


def _padded(x: Tensor, n: int, border: str) -> Tensor:
    if border == "circular":
        return torus.pad(x, n)
    if border == "zero":
        return F.pad(x, (n, n, n, n))
    # A mirror wants more texels than it gives back; where there are fewer, the last is repeated.
    mode = "reflect" if min(x.shape[-2:]) > n else "replicate"
    return F.pad(x, (n, n, n, n), mode=mode)


def _cut(x: Tensor, rim: int) -> Tensor:
    h, w = x.shape[-2:]
    y, x_ = (min(rim, int(n * _LARGEST_CUT)) for n in (h, w))
    return x[..., y : h - y, x_ : w - x_]


def _inside(x: Tensor, n: int) -> Tensor:
    h, w = x.shape[-2:]
    return x[..., n : h - n, n : w - n]
