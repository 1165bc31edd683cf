"""VGG-16 in half precision, 29 MB, as the offline zip of the extension brings it along.

Its numbers are those of the published network rounded to 16 bits, and its name says so: a recipe
made with it is made again with just these numbers, here or where the published network is.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import safetensors
import safetensors.torch

from ..contract.errors import Unavailable
from ..contract.files import replacing
from .network import Filters, Vgg

SUFFIX = "-f16"
NAME = f"vgg16-2ecbe4ce{SUFFIX}"
SHA256 = "38cdbc2a154fade3a4c4e2d289071293a180928d4845b957bedb17766784cddc"
FOLDER = Path(__file__).parents[1] / "weights"


def bundled() -> Path | None:
    """The file that came with this copy of Texcore, if one did."""
    path = FOLDER / f"{NAME}.safetensors"
    return path if path.is_file() else None


def read(path: Path) -> Vgg:
    """The network in a file that `write` has written, in float32.

    Raises:
        Unavailable: The file is damaged: its numbers are not the known ones.
    """
    try:
        tensors = safetensors.torch.load_file(path)
        pairs = [(tensors[f"{i}.weight"], tensors[f"{i}.bias"]) for i in range(len(tensors) // 2)]
    except (OSError, safetensors.SafetensorError, KeyError):
        pairs = []
    if digest(pairs) != SHA256:
        raise Unavailable(f"The weights “{path}” are damaged: install the extension again.")
    return Vgg([(w.float(), b.float()) for w, b in pairs], NAME)


def rounded(network: Vgg) -> Vgg:
    """The published VGG-16 with its numbers rounded to half precision: the same as `read` gives."""
    return Vgg([(w.float(), b.float()) for w, b in halves(network)], NAME)


def write(network: Vgg, path: Path) -> None:
    """Write the published VGG-16 in half precision.

    Args:
        network: As `weights.load` gives it.
        path: Of the file, ``.safetensors``.

    Raises:
        Unavailable: It is another network.
    """
    pairs = halves(network)
    if digest(pairs) != SHA256:
        raise Unavailable(f"{network.name} is not the VGG-16 that the offline zip brings along.")
    tensors = {}
    for i, (w, b) in enumerate(pairs):
        tensors[f"{i}.weight"], tensors[f"{i}.bias"] = w, b
    with replacing(path) as unfinished:
        safetensors.torch.save_file(tensors, unfinished, metadata={"name": NAME})


def halves(network: Vgg) -> Filters:
    """The filters of a network in half precision."""
    return [(w.half().contiguous(), b.half().contiguous()) for w, b in network.filters]


def digest(filters: Filters) -> str:
    """SHA-256 of all numbers in order, whatever file they are in."""
    sha = hashlib.sha256()
    for pair in filters:
        for tensor in pair:
            sha.update(tensor.contiguous().numpy().tobytes())
    return sha.hexdigest()
