import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from tests.making import bricks, filters, vgg
from texcore.features import RandomBank, Vgg, weights
from texcore.features.torchvision_import import import_torchvision
from texcore.surfaces import torus

BLOCKS = {13: (2, 2, 3, 3, 3), 16: (2, 2, 4, 4, 4)}
LAYERS = ("conv1_1", "conv1_2", "pool1", "conv2_2", "pool2", "conv3_1", "pool3", "pool4", "conv5_3")


def image(height, width, seed=0):
    return torch.from_numpy(bricks(height, width, seed))[None].double()


def reference(made, x):
    """Every map of a VGG with a border of zeros, written down plainly."""
    x = (x - x.new_tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)) / x.new_tensor(
        [0.229, 0.224, 0.225]
    ).view(1, 3, 1, 1)
    maps, left = {}, iter(made)
    for block, count in enumerate(BLOCKS[len(made)], 1):
        for i in range(1, count + 1):
            w, b = next(left)
            x = F.conv2d(x, w, b, padding=1).clamp_min(0)
            maps[f"conv{block}_{i}"] = x
        x = (x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]) / 4
        maps[f"pool{block}"] = x
    return maps


@pytest.mark.parametrize("convolutions", [13, 16])
def test_features_are_those_of_the_endless_plane(convolutions):
    made = filters(convolutions, dtype=torch.float64)
    network = Vgg(made, "", torch.float64)
    x = image(32, 64)
    # Its zero border is further away than the deepest layer reaches.
    plane = reference(made, x.tile(1, 1, 9, 5))
    maps = network.features(x, network.layers)
    assert tuple(maps) == network.layers == tuple(plane)
    for name, got in maps.items():
        stride = network.stride([name])
        top, left = 128 // stride, 128 // stride
        h, w = 32 // stride, 64 // stride
        assert got.shape[-2:] == (h, w)
        assert_close(got, plane[name][..., top : top + h, left : left + w])


def with_averages(layers):
    """The modules of torchvision's VGG, with average pooling, as the paper on textures has it."""
    return [nn.AvgPool2d(2) if isinstance(layer, nn.MaxPool2d) else layer for layer in layers]


@pytest.mark.parametrize(("convolutions", "letter"), [(13, "D"), (16, "E")])
def test_it_is_torchvisions_network(convolutions, letter):
    vgg_ = import_torchvision().models.vgg
    # As many channels as the thin network has, in the plan that torchvision has.
    widths = {64: 8, 128: 8, 256: 12, 512: 12, "M": "M"}
    layers = vgg_.make_layers([widths[width] for width in vgg_.cfgs[letter]])
    convolved = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    made = filters(convolutions)
    for layer, (w, b) in zip(convolved, made, strict=True):
        layer.weight.data, layer.bias.data = w, b
    network, picture = Vgg(made, ""), image(64, 64).float()
    x = vgg_.VGG19_Weights.IMAGENET1K_V1.transforms(crop_size=64, resize_size=64)(picture)
    expected = []
    with torch.no_grad():
        for layer in with_averages(layers):
            x = layer(x)
            if not isinstance(layer, nn.Conv2d):
                expected.append(x.clone())
    maps = network._run(picture, network.layers, "zero")
    assert tuple(maps) == network.layers
    for got, wanted in zip(maps.values(), expected, strict=True):
        assert_close(got, wanted)


def test_both_networks_are_shown_an_image_alike():
    models = import_torchvision().models
    shown = [
        (weights.transforms().mean, weights.transforms().std)
        for weights in (models.VGG16_Weights.IMAGENET1K_V1, models.VGG19_Weights.IMAGENET1K_V1)
    ]
    assert shown[0] == shown[1]


def test_a_state_dict_of_torchvisions_own_fits():
    # Of the size that is published, but for the classifier.
    network = import_torchvision().models.vgg16(weights=None, init_weights=False)
    convolved = [layer for layer in network.features if isinstance(layer, nn.Conv2d)]
    state = {k: x for k, x in network.state_dict().items() if not k.startswith("classifier.6")}
    for layer, (w, b) in zip(convolved, weights._from_state_dict(state), strict=True):
        assert torch.equal(w, layer.weight)
        assert torch.equal(b, layer.bias)


def test_only_the_maps_asked_for_are_given():
    assert set(vgg().features(image(32, 32).float(), ["pool1", "conv3_1"])) == {"pool1", "conv3_1"}


@pytest.mark.parametrize(("name", "stride"), [("conv1_2", 1), ("pool1", 2), ("conv5_1", 16)])
def test_stride_is_of_the_deepest_layer(name, stride):
    assert vgg().stride([name]) == stride
    assert vgg().stride(["conv1_1", name]) == stride


@given(st.integers(-3, 3), st.integers(-3, 3))
@settings(max_examples=8)
def test_features_move_with_the_image(dy, dx):
    network = vgg(dtype=torch.float64)
    x = image(64, 32)
    for name in LAYERS:
        s = network.stride([name])
        moved = network.features(torus.roll(x, s * dy, s * dx), [name])[name]
        assert_close(moved, torus.roll(network.features(x, [name])[name], dy, dx))


@pytest.mark.parametrize("layer", ["conv1_1", "conv1_2", "pool1", "conv2_2", "pool2", "conv3_2"])
def test_exemplar_features_do_not_know_where_the_picture_ends(layer):
    network = vgg(dtype=torch.float64)
    large = image(112, 128)
    kept = network.exemplar_features(large[..., 16:96, 16:112], [layer])[layer]
    s = network.stride([layer])
    h, w = 80 // s, 96 // s
    rim = (h - kept.shape[-2]) // 2
    assert rim > 0
    assert kept.shape[-2:] == (h - 2 * rim, w - 2 * rim)
    inside = network.features(large, [layer])[layer][..., 16 // s :, 16 // s :]
    assert_close(kept, inside[..., rim : h - rim, rim : w - rim])
    # One feature further out the end of the picture shows, so the cut is not wider than needed.
    mirrored = network._run(large[..., 16:96, 16:112], [layer], "reflect")[layer]
    outer = slice(rim - 1, h - rim + 1)
    difference = mirrored - inside[..., :h, :w]
    assert difference[..., outer, w // 2].abs().max() > 1e-3


def test_a_small_exemplar_keeps_the_middle_and_loses_the_deepest_layers():
    maps = vgg().exemplar_features(image(17, 23).float(), LAYERS)
    assert all(min(x.shape[-2:]) >= 1 for x in maps.values())
    assert "pool4" in maps
    assert set(vgg().exemplar_features(image(7, 7).float(), LAYERS)) == set(LAYERS[:-2]) - {"pool3"}


@pytest.mark.parametrize("layers", [["conv1_1"], ["pool4", "pool1"], ["conv3_2"]])
def test_the_values_of_all_maps_are_counted(layers):
    network = vgg(dtype=torch.float64)
    deepest = max(map(network.layers.index, layers))
    maps = network.features(image(32, 48), network.layers[: deepest + 1])
    values = sum(f.numel() for f in maps.values())
    assert network.values_per_texel(layers) == values / (32 * 48)


@pytest.mark.parametrize("network", [vgg(), RandomBank.seeded(0, 6)], ids=["vgg", "bank"])
def test_bfloat16_is_close_to_float32(network):
    x = image(64, 64).float()
    half = network.to(torch.device("cpu"), torch.bfloat16)
    layers = [name for name in network.layers if not name.startswith(("conv5", "pool5"))]
    exact, rough = network.features(x, layers), half.features(x, layers)
    for name in layers:
        assert rough[name].dtype == torch.bfloat16
        error = (rough[name].float() - exact[name]).norm() / exact[name].norm()
        assert 0 < error < 0.03


def test_the_gradient_comes_in_the_images_own_precision():
    x = image(32, 32).float().requires_grad_()
    maps = vgg().to(torch.device("cpu"), torch.bfloat16).features(x, ["pool2"])
    (gradient,) = torch.autograd.grad(maps["pool2"].float().sum(), x)
    assert gradient.dtype == torch.float32
    assert gradient.abs().max() > 0


def test_what_is_no_vgg_is_refused():
    with pytest.raises(ValueError, match="12 convolutions"):
        Vgg(filters()[:12], "")


class TestRandomBank:
    @pytest.fixture
    def bank(self):
        return RandomBank.seeded(3, 5).to(torch.device("cpu"), torch.float64)

    def test_is_the_bank_of_its_seed(self):
        x = image(32, 32).float()
        same = [RandomBank.seeded(3, 5).features(x, ["bank"])["bank"] for _ in range(2)]
        assert torch.equal(*same)
        other = RandomBank.seeded(4, 5).features(x, ["bank"])["bank"]
        assert not torch.allclose(same[0], other)
        assert RandomBank.seeded(3, 5).name != RandomBank.seeded(4, 5).name

    def test_features_are_those_of_the_endless_plane(self, bank):
        x = image(24, 32)
        plane = (x.tile(1, 1, 3, 3)[..., 24 - 5 : 48 + 5, 32 - 5 : 64 + 5] - 0.5) / 0.25
        maps = []
        for w, b in bank.filters:
            crop = 5 - w.shape[-1] // 2
            inner = plane[..., crop : plane.shape[-2] - crop, crop : plane.shape[-1] - crop]
            maps.append(F.conv2d(inner, w, b).clamp_min(0))
        assert_close(bank.features(x, ["bank"])["bank"], torch.cat(maps, 1))

    def test_features_move_with_the_image(self, bank):
        x = image(24, 32)
        moved = bank.features(torus.roll(x, 5, -7), ["bank"])["bank"]
        assert_close(moved, torus.roll(bank.features(x, ["bank"])["bank"], 5, -7))

    def test_exemplar_features_do_not_know_where_the_picture_ends(self, bank):
        large = image(64, 64)
        kept = bank.exemplar_features(large[..., 8:56, 8:56], ["bank"])["bank"]
        assert kept.shape[-2:] == (38, 38)
        assert_close(kept, bank.features(large, ["bank"])["bank"][..., 13:51, 13:51])
