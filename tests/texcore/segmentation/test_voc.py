import dataclasses
import hashlib
import io
import re

import numpy as np
import pytest
import torch
from torch import nn

from tests.making import bricks, save_png
from texcore import pictures
from texcore.cli import main
from texcore.contract.errors import Unavailable
from texcore.contract.published import DEEPLAB_NAME, PUBLISHED
from texcore.features import fetching, weights
from texcore.features.torchvision_import import import_torchvision
from texcore.segmentation import automatic, segment_things, voc

# The auxiliary head, which only training needs: two convolutions with a normalisation between.
AUXILIARY = 1024 * 256 * 9 + 2 * 256 + 256 * 21 + 21

TORCHVISIONS_ENTRY = voc.published


def torchvisions_own(**options):
    """The network with random weights, as its makers build it."""
    build = import_torchvision().models.segmentation.deeplabv3_resnet50
    return build(weights=None, weights_backbone=None, **options)


def test_it_has_the_published_networks_parameters_and_classes():
    with torch.device("meta"):
        network = voc.untrained()
    meta = voc.published().meta
    assert sum(x.numel() for x in network.parameters()) == meta["num_params"] - AUXILIARY
    names = voc.class_names()
    assert (len(names), names[0], names[15]) == (21, "background", "person")
    assert names[1:] == meta["categories"][1:]
    assert network.classifier[4].out_channels == len(names)


@torch.no_grad()
def test_a_state_dict_of_torchvisions_own_gives_torchvisions_scores():
    torch.manual_seed(0)
    own = torchvisions_own(aux_loss=True).eval()
    for name, x in own.named_buffers():
        # Every number counts: not only filters, but also what normalisations have measured.
        if name.endswith(("running_mean", "running_var")):
            x.uniform_(0.5, 1.5)
    network = voc.from_state(own.state_dict())
    x = torch.from_numpy(bricks(48, 64))[None]
    expected, got = own(x), network(x)
    assert set(expected) == {"out", "aux"}
    assert set(got) == {"out"}
    assert expected["out"].std() > 0
    assert torch.equal(got["out"], expected["out"])


def test_a_state_dict_with_something_missing_or_more_is_refused():
    with torch.device("meta"):
        state = torchvisions_own(num_classes=21).state_dict()
    for changed in (
        {k: x for k, x in state.items() if k != "classifier.4.bias"},
        {**state, "classifier.5.bias": state["classifier.4.bias"]},
        {**state, "classifier.4.bias": torch.zeros(7)},
        {},
    ):
        with pytest.raises(ValueError, match="holds no DeepLabV3 of torchvision's"):
            voc.from_state(changed)


class Thin(nn.Module):
    """In the place of the network: one convolution, under the name of the last one."""

    def __init__(self):
        super().__init__()
        self.classifier = nn.Conv2d(3, 21, 1)

    def forward(self, x):
        return {"out": self.classifier(x)}


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A thin network under its right hash at an address of this machine's disk."""
    monkeypatch.setattr(voc, "untrained", Thin)
    network = Thin()
    file = io.BytesIO()
    torch.save({**network.state_dict(), "aux_classifier.0.weight": torch.ones(1)}, file)
    return network.eval(), publish(monkeypatch, tmp_path, file.getvalue())


def publish(monkeypatch, folder, content):
    """Have torchvision say that the weights are there."""
    digest = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(voc, "SHA256", digest)
    path = folder / f"deeplab-{digest[:8]}.pth"
    path.write_bytes(content)
    entry = dataclasses.replace(TORCHVISIONS_ENTRY().value, url=path.as_uri())
    monkeypatch.setattr(voc, "published", lambda: entry)
    return path


def silent(stage, fraction):
    assert 0 <= fraction <= 1


def test_its_file_in_the_cache_has_torchvisions_name():
    published = import_torchvision().models.segmentation.DeepLabV3_ResNet50_Weights
    assert published.DEFAULT is voc.published()
    assert fetching.published_name(voc.published().url) == DEEPLAB_NAME
    assert DEEPLAB_NAME in PUBLISHED
    assert re.fullmatch("cd0a2569[0-9a-f]{56}", voc.SHA256)


def test_the_weights_are_fetched_once(published):
    network, path = published
    x = torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = network(x)["out"]
        assert torch.equal(voc.load(silent)(x)["out"], expected)
        path.unlink()
        assert torch.equal(voc.load(silent, online=False)(x)["out"], expected)


def test_its_file_is_checked_by_its_whole_hash(published, monkeypatch):
    monkeypatch.setattr(voc, "SHA256", voc.SHA256[:8] + "0" * 56)
    with pytest.raises(Unavailable, match=r"DeepLabV3 cannot be fetched .*its hash is wrong"):
        voc.load(silent)


def test_another_hash_is_refused(published):
    _, path = published
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Unavailable, match=r"DeepLabV3 cannot be fetched .*its hash is wrong"):
        voc.load(silent)
    assert not weights.folder().exists()


def test_another_network_is_refused(published, tmp_path, monkeypatch):
    file = io.BytesIO()
    torch.save({"backbone.conv1.weight": torch.ones(1)}, file)
    publish(monkeypatch, tmp_path, file.getvalue())
    with pytest.raises(Unavailable, match="holds no DeepLabV3"):
        voc.load(silent)


def test_damaged_weights_in_the_cache_are_named(published):
    voc.load(silent)
    (kept,) = weights.folder().iterdir()
    kept.write_bytes(b"damaged")
    with pytest.raises(Unavailable, match="are damaged: delete the file"):
        voc.load(silent)


def test_where_it_may_not_be_fetched_nobody_is_asked(published):
    with pytest.raises(Unavailable, match="may not be fetched"):
        voc.load(silent, online=False)
    assert not weights.folder().exists()


class ByColour(nn.Module):
    """Sees a cat in all that is red, and is not quite sure."""

    def forward(self, image):
        names = voc.class_names()
        scores = torch.zeros(1, len(names), *image.shape[-2:])
        scores[:, 0] = 1
        # As it is shown to torchvision's networks: 0.2 of red is -1.2, 0.9 is 1.8.
        scores[:, names.index("cat")] = image[:, 0]
        return {"out": scores}


class Watching(ByColour):
    """Keeps what it is shown."""

    def forward(self, image):
        self.shown = image
        return super().forward(image)


@pytest.mark.parametrize("size", [(40, 60), (61, 40), (530, 700)])
def test_a_picture_is_shown_as_torchvision_shows_it(size):
    image, network = torch.from_numpy(bricks(*size)), Watching()
    likely, names = voc.probabilities(network, image)
    transforms = import_torchvision().transforms
    shown = transforms.functional.resize(image[None], 520, antialias=True)
    assert min(shown.shape[-2:]) == 520
    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    torch.testing.assert_close(
        network.shown, transforms.functional.normalize(shown, mean, deviation)
    )
    assert likely.shape == (len(names), *size)
    torch.testing.assert_close(likely.sum(0), torch.ones(size))


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


def test_without_torchvision_textures_are_told_apart(monkeypatch):
    def fail():
        raise Unavailable("torchvision cannot be used.")

    monkeypatch.setattr(voc, "import_torchvision", fail)
    picture = pictures.Picture(bricks(48, 48), "uint8")
    found, notes = automatic.find_regions(picture, silent, network="random")
    assert len(found.shares) == 2
    assert notes[0] == "torchvision cannot be used. So textures are told apart, not things."
    with pytest.raises(Unavailable, match="torchvision cannot be used"):
        automatic.find_regions(picture, silent, "voc")


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
