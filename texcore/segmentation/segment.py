"""A picture's regions: clusters or things, refined up to the picture's edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract.errors import BadInput, Unavailable
from ..features import FeatureNetwork
from ..pictures import Picture, Pixels, to_display
from .clusters import cluster
from .crf import refine
from .voc import probabilities

MOST_REGIONS = 12
# The longer side of what is looked at; finer than that, regions are not told apart.
_LONGEST = 512
# One for each region, from the largest: as different as they can be, black and white first.
_COLOURS = (
    *("000000", "ffffff", "e6194b", "3cb44b", "4363d8", "ffe119"),
    *("42d4f4", "f032e6", "9a6324", "bfef45", "fabed4", "469990"),
)


@dataclass(frozen=True)
class Segmentation:
    """Which texel belongs to which region, the largest first.

    Attributes:
        shares: Shape (regions, height, width), how likely each texel is of each region; 1 in sum.
    """

    shares: Pixels

    @property
    def labels(self) -> npt.NDArray[np.uint8]:
        """The likeliest region of each texel, shape (height, width)."""
        return self.shares.argmax(0).astype(np.uint8)

    @property
    def colours(self) -> npt.NDArray[np.uint8]:
        """Those that the regions have in a mask, shape (regions, 3)."""
        listed = [list(bytes.fromhex(colour)) for colour in _COLOURS[: len(self.shares)]]
        return np.array(listed, np.uint8)

    def mixed(self) -> Pixels:
        """A mask with soft edges: each texel's colours mixed by its shares, (3, height, width)."""
        mixed = np.einsum("khw,kc->chw", self.shares, self.colours / np.float32(255))
        return mixed.astype(np.float32)


def segment(
    picture: Picture,
    network: FeatureNetwork,
    regions: int = 2,
    device: torch.device | None = None,
    seed: int = 0,
) -> Segmentation:
    """Take a picture apart into regions of different texture and colour.

    Args:
        picture: Any; alpha counts for nothing.
        network: Tells textures apart; in float32.
        regions: 2 to `MOST_REGIONS`.
        device: Where to compute; None for the CPU.
        seed: Of the clusters' starts.

    Raises:
        BadInput: The number of regions is out of bounds.
    """
    if not 2 <= regions <= MOST_REGIONS:
        raise BadInput(f"{regions} regions: use 2 to {MOST_REGIONS}.")
    device = device or torch.device("cpu")
    image = as_shown(picture).to(device)
    small = shrunk(image)
    unary = cluster(small, network.to(device, torch.float32), regions, seed)
    return enlarged(refine(unary, small), image)


def segment_things(
    picture: Picture, network: nn.Module, device: torch.device | None = None
) -> tuple[Segmentation, list[str]]:
    """Take a picture apart into the things in it, and what is behind them.

    Args:
        picture: Any; alpha counts for nothing.
        network: Knows the things; see `voc.load`.
        device: Where to compute; None for the CPU.

    Returns:
        The regions, from large to small, and their names.

    Raises:
        Unavailable: There is no such thing in the picture, or nothing else.
    """
    image = as_shown(picture).to(device or torch.device("cpu"))
    small = shrunk(image)
    likely, names = probabilities(network.to(image.device), small)
    if not 2 <= len(names) <= MOST_REGIONS:
        raise Unavailable(f"{len(names)} kinds of things were found in the picture.")
    q = refine(-likely.clamp_min(1e-6).log(), small)
    order = q.sum((1, 2)).argsort(descending=True, stable=True).tolist()
    return enlarged(q, image), [names[i] for i in order]


def as_shown(picture: Picture) -> Tensor:
    """RGB as displayed, shape (3, height, width) in 0...1."""
    pixels = picture.pixels[:-1] if picture.has_alpha else picture.pixels
    if picture.linear:
        pixels = to_display(pixels, 1.0)
    rgb = np.broadcast_to(pixels, (3, *pixels.shape[1:]))
    return torch.from_numpy(rgb.clip(0, 1).astype(np.float32))


def shrunk(image: Tensor) -> Tensor:
    """An image no longer than is looked at."""
    h, w = image.shape[-2:]
    scale = _LONGEST / max(h, w)
    if scale >= 1:
        return image
    size = max(1, round(h * scale)), max(1, round(w * scale))
    return F.interpolate(image[None], size, mode="bilinear", antialias=True)[0]


def enlarged(q: Tensor, image: Tensor) -> Segmentation:
    """Marginals of a small image as regions of the whole one, from large to small."""
    order = q.sum((1, 2)).argsort(descending=True, stable=True)
    full = F.interpolate(q[None, order], image.shape[-2:], mode="bilinear")[0]
    return Segmentation(full.cpu().numpy())
