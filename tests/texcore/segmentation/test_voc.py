import functools
import hashlib
import io

import numpy as np
import pytest
import torch
from torch import nn

from tests.making import save_png
from texcore import pictures
from texcore.cli import main
from texcore.contract.errors import Unavailable
from texcore.features import fetching, weights
from texcore.segmentation import segment_things, voc
from texcore.segmentation.voc import CLASSES, DeepLab

# What torchvision says of its DeepLabV3_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1: all parameters,
# those of the auxiliary head among them, two convolutions with a normalisation between.
PUBLISHED = 42_004_074
AUXILIARY = 1024 * 256 * 9 + 2 * 256 + 256 * 21 + 21


def test_it_has_the_published_networks_parameters():
    with torch.device("meta"):
        network = DeepLab()
    assert sum(x.numel() for x in network.parameters()) == PUBLISHED - AUXILIARY
    shapes = {name: tuple(x.shape) for name, x in network.state_dict().items()}
    assert shapes["backbone.conv1.weight"] == (64, 3, 7, 7)
    assert shapes["backbone.layer1.0.downsample.0.weight"] == (256, 64, 1, 1)
    assert shapes["backbone.layer3.5.conv2.weight"] == (256, 256, 3, 3)
    assert shapes["backbone.layer4.2.bn3.running_var"] == (2048,)
    assert shapes["classifier.0.convs.0.0.weight"] == (256, 2048, 1, 1)
    assert shapes["classifier.0.convs.3.0.weight"] == (256, 2048, 3, 3)
    assert shapes["classifier.0.convs.4.1.weight"] == (256, 2048, 1, 1)
    assert shapes["classifier.0.project.0.weight"] == (256, 1280, 1, 1)
    assert shapes["classifier.4.bias"] == (21,) == (len(CLASSES),)


def test_its_last_stages_are_dilated_and_not_halved():
    network = DeepLab(2).eval()
    dilations = [
        [block.conv2.dilation[0] for block in getattr(network.backbone, f"layer{i}")]
        for i in (1, 2, 3, 4)
    ]
    assert dilations == [[1] * 3, [1] * 4, [1, 2, 2, 2, 2, 2], [2, 4, 4]]
    with torch.no_grad():
        assert network.backbone(torch.zeros(1, 3, 64, 96)).shape == (1, 64, 8, 12)
        assert network(torch.zeros(1, 3, 64, 96)).shape == (1, 21, 64, 96)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A thin network under its right hash at an address of this machine's disk."""
    monkeypatch.setattr(voc, "DeepLab", functools.partial(DeepLab, 2))
    network = DeepLab(2)
    file = io.BytesIO()
    torch.save({**network.state_dict(), "aux_classifier.0.weight": torch.ones(1)}, file)
    digest = hashlib.sha256(file.getvalue()).hexdigest()[:8]
    path = tmp_path / f"deeplab-{digest}.pth"
    path.write_bytes(file.getvalue())
    monkeypatch.setattr(voc, "URL", path.as_uri())
    return network.eval(), path


def silent(stage, fraction):
    assert 0 <= fraction <= 1


def test_the_weights_are_fetched_once(published):
    network, path = published
    x = torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = network(x)
        assert torch.equal(voc.load(silent)(x), expected)
        path.unlink()
        assert torch.equal(voc.load(silent, online=False)(x), expected)


def test_another_hash_is_refused(published):
    _, path = published
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Unavailable, match=r"DeepLabV3 cannot be fetched .*its hash is wrong"):
        voc.load(silent)
    assert not weights.folder().exists()


def test_another_network_is_refused(published, tmp_path, monkeypatch):
    file = io.BytesIO()
    torch.save({"backbone.conv1.weight": torch.ones(1)}, file)
    path = tmp_path / f"other-{hashlib.sha256(file.getvalue()).hexdigest()[:8]}.pth"
    path.write_bytes(file.getvalue())
    monkeypatch.setattr(voc, "URL", path.as_uri())
    with pytest.raises(Unavailable, match="holds no DeepLabV3"):
        voc.load(silent)


def test_damaged_weights_in_the_cache_are_named(published):
    voc.load(silent)
    (kept,) = weights.folder().iterdir()
    kept.write_bytes(b"damaged")
    with pytest.raises(Unavailable, match="are damaged: delete the file"):
        voc.load(silent)


class ByColour(nn.Module):
    """Sees a cat in all that is red, and is not quite sure."""

    def forward(self, image):
        scores = torch.zeros(1, len(CLASSES), *image.shape[-2:])
        scores[:, 0] = 1
        scores[:, CLASSES.index("cat")] = 3 * image[:, 0]
        return scores


def test_things_are_named_and_drawn_up_to_their_edges():
    pixels = np.full((3, 60, 80), 0.2, np.float32)
    pixels[0, 15:40, 20:60] = 0.9
    found, names = segment_things(pictures.Picture(pixels, "uint8"), ByColour())
    assert names == ["background", "cat"]
    truth = pixels[0] > 0.5
    assert (found.labels == truth).mean() > 0.99


def test_a_picture_without_things_has_none():
    picture = pictures.Picture(np.full((3, 40, 40), 0.2, np.float32), "uint8")
    with pytest.raises(Unavailable, match="1 kinds of things"):
        segment_things(picture, ByColour())


def test_where_its_weights_are_not_to_be_had_textures_are_told_apart(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fetching, "TIMEOUT", 1)
    save_png(tmp_path / "picture.png", np.random.default_rng(0).random((3, 48, 48)))
    words = ["segment", "picture.png", "-o", "mask.png", "--weights", "random"]
    assert main([*words, "--method", "voc"]) == 1
    assert "The weights of DeepLabV3 cannot be fetched" in capsys.readouterr().err
    assert not (tmp_path / "mask.png").exists()
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "So textures are told apart, not things." in err
    assert "mask.png: 2 regions" in out
