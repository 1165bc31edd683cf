"""Import torchvision, also beside a build of PyTorch that it was not compiled for.

torchvision's networks and tables of weights are plain Python and run with any PyTorch, but it comes
with a compiled library of operators for detection, which this program never calls. The library of
the package index's build for Linux needs CUDA: beside a PyTorch for the CPU it cannot be loaded.
torchvision goes on without it, but for two operators, whose shape rules it registers all the same;
PyTorch then refuses them, and the whole import fails with

    RuntimeError: operator torchvision::nms does not exist

Once these two are declared, by their signatures and without code, the import goes through.

The import takes about two seconds, as long as PyTorch's own. So nobody imports torchvision but
through the function here, and at the moment when its networks or addresses are needed: for a
download and for DeepLab, but not for a texture made with weights that are kept.
"""

from __future__ import annotations

import functools
import importlib
from types import ModuleType

import torch

from ..contract.errors import Unavailable

_SIGNATURES = {
    name: f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    for name in ("nms", "qnms")
}


@functools.cache
def import_torchvision() -> ModuleType:
    """Import torchvision; where its operators cannot be loaded, declare those that it insists on.

    Where they can be loaded, as with the builds that were made for each other, this is an import
    and nothing more.

    Raises:
        Unavailable: torchvision is not installed, or does not fit this PyTorch in another way.

    Example:
        >>> import_torchvision().models.VGG19_Weights.IMAGENET1K_V1.url
        'https://download.pytorch.org/models/vgg19-dcbb9e9d.pth'
    """
    try:
        try:
            return importlib.import_module("torchvision")
        except RuntimeError:
            # Whether the library can be loaded, torchvision alone knows; so it is asked first.
            if not declare_operators():
                raise
            return importlib.import_module("torchvision")
    except (ImportError, RuntimeError) as e:
        reason = (str(e).strip().splitlines() or [type(e).__name__])[0].rstrip(".")
        raise Unavailable(
            f"The Python package torchvision cannot be used ({reason}): set the engine up again."
        ) from None


@functools.cache
def _library() -> torch.library.Library:
    """Open torchvision's namespace of operators; what is declared in it lives as long as this."""
    return torch.library.Library("torchvision", "FRAGMENT")


def declare_operators() -> tuple[str, ...]:
    """Declare those of the two operators that are not there, and return their names."""
    missing = tuple(name for name in _SIGNATURES if not hasattr(torch.ops.torchvision, name))
    for name in missing:
        _library().define(_SIGNATURES[name])
    return missing
