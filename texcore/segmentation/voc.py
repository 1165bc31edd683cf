"""Find things by their names: DeepLabV3 with a ResNet-50, as torchvision has it.

The network of Chen et al. 2017, "Rethinking Atrous Convolution for Semantic Image Segmentation", on
He et al. 2015. It was trained on the pictures of COCO that show the 20 classes of PASCAL VOC. Its
layers, its classes, how a picture is shown to it, and where its weights are published, all come
from torchvision; `features.fetching` says why the download does not.
"""

from __future__ import annotations

import http.client
import tempfile
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract.errors import Unavailable
from ..contract.files import safely, write_whole
from ..features.fetching import Report, fetch, published_name
from ..features.torchvision_import import import_torchvision
from ..features.weights import folder

# Of the file that is published; its name has the first eight digits.
SHA256 = "cd0a25694c4a0f7106b38f4938bf90a874f2f241cc410b8f63c7024399538f06"
# Share of the picture that a class must have.
_LEAST_SHARE = 0.002
# Of the head that only training needs; the state dict that is published has it.
_AUXILIARY = "aux_classifier."


def published() -> Any:
    """Give torchvision's entry of the weights, with their ``url``, ``transforms`` and ``meta``.

    Raises:
        Unavailable: torchvision cannot be used.
    """
    segmentation = import_torchvision().models.segmentation
    return segmentation.DeepLabV3_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1


def class_names() -> list[str]:
    """Name the classes in the order of their scores.

    Example:
        >>> class_names()[:3]
        ['background', 'aeroplane', 'bicycle']
    """
    return [name.strip("_") for name in published().meta["categories"]]


def untrained() -> nn.Module:
    """Build the network with random weights and without the head that only training needs."""
    segmentation = import_torchvision().models.segmentation
    network: nn.Module = segmentation.deeplabv3_resnet50(
        weights=None, weights_backbone=None, num_classes=len(class_names()), aux_loss=False
    )
    return network


def load(report: Report, online: bool = True) -> nn.Module:
    """Load the published network from the user's cache, else fetch it and keep it there.

    Args:
        report: Told of the download.
        online: Whether anything may be fetched.

    Returns:
        A network as `probabilities` takes it.

    Raises:
        Unavailable: It is not here and cannot be fetched, or torchvision cannot be used.
    """
    url = published().url
    kept = folder() / f"{published_name(url)}.safetensors"
    if safely(kept.is_file):
        try:
            return from_state(safetensors.torch.load_file(kept))
        except (OSError, ValueError, safetensors.SafetensorError):
            raise Unavailable(
                f"The cached weights “{kept}” are damaged: delete the file and run again."
            ) from None
    if not online:
        raise Unavailable("The weights of DeepLabV3 are not here, and may not be fetched.")
    try:
        with tempfile.TemporaryDirectory() as temporary:
            path = Path(temporary) / "deeplab.pth"
            fetch(url, path, SHA256, "DeepLabV3", report)
            state = torch.load(path, map_location="cpu", weights_only=True)
        network = from_state(state)
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, safetensors.torch.save(network.state_dict()))
    except (OSError, http.client.HTTPException, ValueError, Unavailable) as e:
        raise Unavailable(f"The weights of DeepLabV3 cannot be fetched ({e}).") from None
    return network


def from_state(state: dict[str, Tensor]) -> nn.Module:
    """Make the network of torchvision's state dict, ready to be used.

    Raises:
        ValueError: The state dict is another's.
    """
    network = untrained()
    try:
        network.load_state_dict({k: x for k, x in state.items() if not k.startswith(_AUXILIARY)})
    except RuntimeError:
        raise ValueError("the file holds no DeepLabV3 of torchvision's") from None
    return network.eval()


@torch.no_grad()
def probabilities(network: nn.Module, image: Tensor) -> tuple[Tensor, list[str]]:
    """Tell how likely each texel is of each class that is the likeliest of enough of them.

    Args:
        network: In evaluation mode, on the image's device; gives scores of shape
            (1, classes, h, w) under the name ``out``, as torchvision's do.
        image: Shape (3, h, w) in 0...1.

    Returns:
        Shape (classes found, h, w), 1 in sum, and the names of these classes.
    """
    h, w = image.shape[-2:]
    scores = network(published().transforms()(image[None]))["out"]
    scores = F.interpolate(scores, (h, w), mode="bilinear")[0]
    names = class_names()
    counts = scores.argmax(0).flatten().bincount(minlength=len(names))
    found = (counts > _LEAST_SHARE * h * w).nonzero().flatten().tolist()
    return scores[found].softmax(0), [names[i] for i in found]
