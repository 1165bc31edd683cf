"""A fully convolutional autoencoder as a feature network, trained on the user's own photos.

The encoder halves the image once and again, the code is the narrow place in the middle, and the
decoder doubles it back to an image. Every convolution is 3 × 3 and, but for the last, followed by a
rectifier. There is no way round the code, so that it must describe what the photos are made of.
Over all these layers the global averages of the channels are taken that describe a texture in the
`gap` model, after an article on texture extraction by image learning whose network was trained on
512 × 512 patches of lichens. `texcore.training` trains one on any folder of photos.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..contract.plain import from_plain, parse_json
from .network import FeatureNetwork, Filters, convolved

# What the file says it is; another number, another meaning of what is in it.
_FORMAT = "texcore autoencoder 1"
# Images are shown to the network, and come out of it, as (x − centre) / spread.
_CENTRE, _SPREAD = 0.5, 0.25
# Least standard deviation that a channel is divided by.
_LEAST_SPREAD = 1e-3
_MOST_LEVELS = 6
_MOST_CHANNELS = 4096


class Step(NamedTuple):
    """A convolution: its layer's name, its channels, and what happens to the size.

    ``halve`` is a feature at every second position, ``double`` each one four times beforehand.
    """

    layer: str
    width: int
    size: str


@dataclass(frozen=True)
class Architecture:
    """Channels of each convolution.

    Attributes:
        encoder: From the image's own size down, each half as fine as the one before.
        code: Half as fine again.
        decoder: From there up to the image's own size; as many as ``encoder``.
    """

    encoder: tuple[int, ...] = (32, 64, 96, 128)
    code: int = 128
    decoder: tuple[int, ...] = (96, 64, 32, 16)

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: It is no autoencoder, or one of a size that no computer holds.
        """
        widths = (*self.encoder, self.code, *self.decoder)
        if len(self.encoder) != len(self.decoder) or not 1 <= len(self.encoder) <= _MOST_LEVELS:
            raise ValueError("encoder and decoder do not mirror each other")
        if not all(isinstance(n, int) and 1 <= n <= _MOST_CHANNELS for n in widths):
            raise ValueError("widths that are no numbers of channels")

    @property
    def stride(self) -> int:
        """Texels of the image per feature of the code."""
        return int(2 ** len(self.encoder))

    def plan(self) -> Iterator[Step]:
        """The convolutions from image to image."""
        for level, width in enumerate(self.encoder, 1):
            yield Step(f"enc{level}", width, "same" if level == 1 else "halve")
        yield Step("code", self.code, "halve")
        for level, width in zip(range(len(self.decoder), 0, -1), self.decoder, strict=True):
            yield Step(f"dec{level}", width, "double")
        yield Step("output", 3, "same")

    def shapes(self) -> dict[str, tuple[int, int, int, int]]:
        """Return the shape of each layer's filter, (out, in, 3, 3), by the layer's name."""
        widths = [3, *(step.width for step in self.plan())]
        return {
            step.layer: (width, before, 3, 3)
            for step, before, width in zip(self.plan(), widths, widths[1:], strict=False)
        }


class Autoencoder(FeatureNetwork):
    """Its layers, in order: ``enc1`` …, ``code``, … ``dec1``, ``output``.

    All are rectified but ``output``, the reconstructed image.

    Args:
        architecture: Channels of each layer.
        filters: Per layer a filter (out, in, 3, 3) and a bias (out).
        name: See `FeatureNetwork`.
        dtype: Of the convolutions. Images come in and gradients go out in the image's own dtype.
    """

    def __init__(
        self,
        architecture: Architecture,
        filters: Filters,
        name: str,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        shapes = architecture.shapes()
        if [tuple(w.shape) for w, _ in filters] != list(shapes.values()):
            raise ValueError("filters that are not of this architecture")
        self.architecture = architecture
        self.name = name
        self.dtype = dtype
        self.layers = tuple(shapes)
        self.filters = [
            (w.to(dtype).contiguous(memory_format=torch.channels_last), b.to(dtype))
            for w, b in filters
        ]

    @classmethod
    def seeded(cls, architecture: Architecture, seed: int) -> Autoencoder:
        """Untrained: normal filters of variance 2 / inputs (He et al. 2015), biases of zero.

        Those of the output are a tenth as large, so that it begins as an even grey.
        """
        generator = torch.Generator().manual_seed(seed)
        filters = []
        for name, shape in architecture.shapes().items():
            w = torch.randn(shape, generator=generator) * (2 / (9 * shape[1])) ** 0.5
            filters.append((w * 0.1 if name == "output" else w, torch.zeros(shape[0])))
        return cls(architecture, filters, f"autoencoder-untrained-{seed}")

    def to(  # noqa: D102
        self, device: torch.device, dtype: torch.dtype, direct: bool = False
    ) -> Autoencoder:
        filters = [(w.to(device), b.to(device)) for w, b in self.filters]
        moved = Autoencoder(self.architecture, filters, self.name, dtype)
        moved.direct = direct
        return moved

    def reconstructed(self, images: Tensor) -> Tensor:
        """The network's own images of plain pictures, (n, 3, height, width), hardly beyond 0...1.

        Sides are multiples of the architecture's stride.
        """
        return self._run(images, ("output",), "reflect")["output"]

    @torch.no_grad()
    def settled(self, images: Tensor) -> Autoencoder:
        """The same network with every channel of mean 0 and variance 1, before its rectifier.

        On these images (n, 3, height, width); the output's filters stay (Krähenbühl et al., 2016,
        "Data-dependent initializations of convolutional neural networks"). As they are drawn, a
        deep layer's channels hardly vary around a large mean, and hundreds of steps go by before
        anything of the image comes through the code.
        """
        x, filters = self._normalised(images), []
        for step, (w, b) in zip(self.architecture.plan(), self.filters, strict=True):
            if step.layer != "output":
                y = _stepped(x, step, w, torch.zeros_like(b), "reflect")
                spread, mean = torch.std_mean(y, (0, 2, 3))
                spread = spread.clamp_min(_LEAST_SPREAD)
                w, b = w / spread.view(-1, 1, 1, 1), -mean / spread
                x = _stepped(x, step, w, b, "reflect").relu_()
            filters.append((w, b))
        return Autoencoder(self.architecture, filters, self.name, self.dtype)

    def stride(self, layers: Sequence[str]) -> int:  # noqa: D102
        # A decoder's layer is as fine as the image, but only where the halvings before it fit.
        halvings = [sum(step.size == "halve" for step in self._steps_to(name)) for name in layers]
        return int(2 ** max(halvings))

    def spacing(self, layer: str) -> int:  # noqa: D102
        sizes = [step.size for step in self._steps_to(layer)]
        return int(2 ** (sizes.count("halve") - sizes.count("double")))

    def values_per_texel(self, layers: Sequence[str]) -> float:  # noqa: D102
        deepest = max(layers, key=self.layers.index)
        values, channels = 0.0, 3
        for step in self._steps_to(deepest):
            texels = self.spacing(step.layer) ** 2
            # What was doubled is a map too.
            doubled = channels if step.size == "double" else 0
            values += (step.width + doubled) / texels
            channels = step.width
        return values

    def products_per_texel(self, layers: Sequence[str]) -> float:  # noqa: D102
        deepest = max(layers, key=self.layers.index)
        return sum(
            w.numel() / self.spacing(step.layer) ** 2
            for step, (w, _) in zip(self._steps_to(deepest), self.filters, strict=False)
        )

    def _steps_to(self, layer: str) -> list[Step]:
        steps = list(self.architecture.plan())
        return steps[: self.layers.index(layer) + 1]

    def _normalised(self, image: Tensor) -> Tensor:
        x = ((image - _CENTRE) / _SPREAD).to(self.dtype)
        return x.contiguous(memory_format=torch.channels_last)

    def _run(self, image: Tensor, layers: Sequence[str], border: str) -> dict[str, Tensor]:
        x = self._normalised(image)
        maps: dict[str, Tensor] = {}
        for step, (w, b) in zip(self.architecture.plan(), self.filters, strict=True):
            x = _stepped(x, step, w, b, border)
            x = x * _SPREAD + _CENTRE if step.layer == "output" else x.relu_()
            if step.layer in layers:
                maps[step.layer] = x
                if len(maps) == len(layers):
                    break
        return maps

    def _rim(self, layer: str) -> int:
        rim = 0
        for step in self._steps_to(layer):
            rim = rim * 2 if step.size == "double" else rim
            rim = rim // 2 + 1 if step.size == "halve" else rim + 1
        return rim


def _stepped(x: Tensor, step: Step, w: Tensor, b: Tensor, border: str) -> Tensor:
    """One convolution, not yet rectified."""
    if step.size == "double":
        x = F.interpolate(x, scale_factor=2)
    return convolved(x, w, b, border, stride=2 if step.size == "halve" else 1)


def to_bytes(network: Autoencoder, about: Mapping[str, Any]) -> bytes:
    """A safetensors file: the filters, with the architecture and ``about`` as its metadata."""
    # Here and below, not above: what needs no file does without this package.
    import safetensors.torch

    tensors = {}
    for layer, (w, b) in zip(network.layers, network.filters, strict=True):
        tensors[f"{layer}.weight"] = w.detach().float().cpu().contiguous()
        tensors[f"{layer}.bias"] = b.detach().float().cpu().contiguous()
    metadata = {
        "format": _FORMAT,
        "architecture": json.dumps(asdict(network.architecture)),
        "about": json.dumps(about),
    }
    return safetensors.torch.save(tensors, metadata)


def is_autoencoder(path: Path) -> bool:
    """Whether a file says of itself that it holds an autoencoder."""
    import safetensors

    try:
        with safetensors.safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("format") == _FORMAT
    except (OSError, safetensors.SafetensorError):
        return False


def read(path: Path) -> Autoencoder:
    """The network in a file that `to_bytes` made, in float32 on the CPU.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no such network, or a damaged one.
    """
    import safetensors

    try:
        with safetensors.safe_open(path, "pt") as file:
            described = parse_json((file.metadata() or {})["architecture"])
            architecture = from_plain(Architecture, described)
            filters = [
                (file.get_tensor(f"{layer}.weight"), file.get_tensor(f"{layer}.bias"))
                for layer in architecture.shapes()
            ]
    except (KeyError, safetensors.SafetensorError) as e:
        raise ValueError(f"no autoencoder: {e}") from None
    if not all(
        w.dtype == b.dtype == torch.float32
        and b.shape == w.shape[:1]
        and bool(w.isfinite().all() & b.isfinite().all())
        for w, b in filters
    ):
        raise ValueError("filters that cannot be used")
    # Of the filters alone: the file has its metadata in any order.
    digest = hashlib.sha256()
    for x in (x for pair in filters for x in pair):
        digest.update(x.contiguous().numpy().tobytes())
    return Autoencoder(architecture, filters, f"autoencoder-{digest.hexdigest()[:8]}")
