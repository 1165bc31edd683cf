"""Things by their names: DeepLabV3 with a ResNet-50, as torchvision publishes it.

The network of Chen et al. 2017, "Rethinking Atrous Convolution for Semantic Image Segmentation", on
He et al. 2015, whose last two stages are dilated instead of halved. It was trained on the pictures
of COCO that show the 20 classes of PASCAL VOC. Its layers have torchvision's names, so that the
published state dict fits as it is; the auxiliary head, which only training needs, is left away.
"""

from __future__ import annotations

import http.client
import tempfile
from pathlib import Path

import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract.errors import Unavailable
from ..contract.files import safely, write_whole
from ..features.fetching import Report, fetch, published_name
from ..features.weights import folder

URL = "https://download.pytorch.org/models/deeplabv3_resnet50_coco-cd0a2569.pth"
CLASSES = (
    *("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat"),
    *("chair", "cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant"),
    *("sheep", "sofa", "train", "tvmonitor"),
)
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
# Shorter side in texels that its authors show it.
_SHORTER = 520
# Share of the picture that a class must have.
_LEAST = 0.002
_RATES = (12, 24, 36)


class DeepLab(nn.Module):
    """Scores of the classes for each texel.

    Args:
        width: Channels of the first stage; 64 as published.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.backbone = _resnet50(width)
        self.classifier = nn.Sequential(
            _Pyramid(32 * width, 4 * width),
            nn.Conv2d(4 * width, 4 * width, 3, padding=1, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.ReLU(),
            nn.Conv2d(4 * width, len(CLASSES), 1),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Scores of an image.

        Args:
            image: Shape (1, 3, h, w) in 0...1.

        Returns:
            Shape (1, classes, h, w), before the softmax.
        """
        mean, std = (image.new_tensor(x).view(1, 3, 1, 1) for x in (_MEAN, _STD))
        scores = self.classifier(self.backbone((image - mean) / std))
        return F.interpolate(scores, image.shape[-2:], mode="bilinear")


def _resnet50(width: int) -> nn.Sequential:
    """ResNet-50 without its head; 32 · ``width`` channels at an eighth of the image's size."""
    stages = {
        "conv1": nn.Conv2d(3, width, 7, 2, padding=3, bias=False),
        "bn1": nn.BatchNorm2d(width),
        "relu": nn.ReLU(),
        "maxpool": nn.MaxPool2d(3, 2, padding=1),
        "layer1": _stage(width, width, 3, stride=1, first_dilation=1, dilation=1),
        "layer2": _stage(4 * width, 2 * width, 4, stride=2, first_dilation=1, dilation=1),
        "layer3": _stage(8 * width, 4 * width, 6, stride=1, first_dilation=1, dilation=2),
        "layer4": _stage(16 * width, 8 * width, 3, stride=1, first_dilation=2, dilation=4),
    }
    network = nn.Sequential()
    for name, stage in stages.items():
        network.add_module(name, stage)
    return network


def _stage(
    channels: int, width: int, blocks: int, stride: int, first_dilation: int, dilation: int
) -> nn.Sequential:
    """Blocks of one size; the first of them halves, or would have done."""
    made = [_Bottleneck(channels, width, stride, first_dilation)]
    made += [_Bottleneck(4 * width, width, 1, dilation) for _ in range(blocks - 1)]
    return nn.Sequential(*made)


class _Bottleneck(nn.Module):
    """He et al., figure 5, with the stride at the 3 × 3 convolution."""

    def __init__(self, channels: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample: nn.Sequential | None = None
        if channels != 4 * width:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class _Pyramid(nn.Module):
    """Atrous spatial pyramid pooling: one place seen at several dilations, and the whole image."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            [
                _block(nn.Conv2d(channels, width, 1, bias=False), width),
                *(
                    _block(nn.Conv2d(channels, width, 3, 1, rate, rate, bias=False), width)
                    for rate in _RATES
                ),
                nn.Sequential(
                    nn.AdaptiveAvgPool2d(1),
                    nn.Conv2d(channels, width, 1, bias=False),
                    nn.BatchNorm2d(width),
                    nn.ReLU(),
                ),
            ]
        )
        self.project = _block(nn.Conv2d(5 * width, width, 1, bias=False), width)

    def forward(self, x: Tensor) -> Tensor:
        parts = [part(x) for part in self.convs]
        parts[-1] = parts[-1].expand(-1, -1, *x.shape[-2:])
        y: Tensor = self.project(torch.cat(parts, 1))
        return y


def _block(convolution: nn.Conv2d, width: int) -> nn.Sequential:
    return nn.Sequential(convolution, nn.BatchNorm2d(width), nn.ReLU())


def load(report: Report, online: bool = True) -> DeepLab:
    """The published network: from the user's cache, else fetched and kept there.

    Args:
        report: Told of the download.
        online: Whether anything may be fetched.

    Raises:
        Unavailable: It is not here, and cannot be fetched.
    """
    kept = folder() / f"{published_name(URL)}.safetensors"
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
            fetch(URL, path, "DeepLabV3", report)
            state = torch.load(path, map_location="cpu", weights_only=True)
        network = from_state(state)
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, safetensors.torch.save(network.state_dict()))
    except (OSError, http.client.HTTPException, ValueError, Unavailable) as e:
        raise Unavailable(f"The weights of DeepLabV3 cannot be fetched ({e}).") from None
    return network


def from_state(state: dict[str, Tensor]) -> DeepLab:
    """The network of torchvision's state dict, ready to be used.

    Raises:
        ValueError: The state dict is another's.
    """
    kept = {name: x for name, x in state.items() if not name.startswith("aux_classifier.")}
    network = DeepLab()
    try:
        network.load_state_dict(kept)
    except RuntimeError:
        raise ValueError("the file holds no DeepLabV3 of torchvision's") from None
    return network.eval()


@torch.no_grad()
def probabilities(network: DeepLab, image: Tensor) -> tuple[Tensor, list[str]]:
    """How likely each texel is of each class that is the likeliest of enough of them.

    Args:
        network: In evaluation mode, on the image's device.
        image: Shape (3, h, w) in 0...1.

    Returns:
        Shape (classes found, h, w), 1 in sum, and the names of these classes.
    """
    h, w = image.shape[-2:]
    scale = _SHORTER / min(h, w)
    size = round(h * scale), round(w * scale)
    scores = network(F.interpolate(image[None], size, mode="bilinear", antialias=True))
    scores = F.interpolate(scores, (h, w), mode="bilinear")[0]
    counts = scores.argmax(0).flatten().bincount(minlength=len(CLASSES))
    found = (counts > _LEAST * h * w).nonzero().flatten().tolist()
    return scores[found].softmax(0), [CLASSES[i] for i in found]
