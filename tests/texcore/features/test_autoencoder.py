import json

import pytest
import safetensors.torch
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from tests.making import bricks, vgg
from texcore.contract.errors import BadInput
from texcore.features import Autoencoder, autoencoder, weights
from texcore.features.autoencoder import Architecture
from texcore.surfaces import torus

THIN = Architecture((4, 6, 8), 10, (8, 6, 4))
LAYERS = ("enc1", "enc2", "enc3", "code", "dec3", "dec2", "dec1", "output")


def thin(seed=0):
    network = Autoencoder.seeded(THIN, seed)
    generator = torch.Generator().manual_seed(seed)
    filters = [(w, 0.1 * torch.randn(b.shape, generator=generator)) for w, b in network.filters]
    return Autoencoder(THIN, filters, "thin").to(torch.device("cpu"), torch.float64)


def image(height, width):
    return torch.from_numpy(bricks(height, width))[None].double()


def reference(network, x):
    """Every map with a border of zeros, written down plainly."""
    x = (x - 0.5) / 0.25
    maps, left = {}, iter(network.filters)
    for layer in LAYERS:
        w, b = next(left)
        if layer in ("dec3", "dec2", "dec1"):
            x = x.repeat_interleave(2, -1).repeat_interleave(2, -2)
        x = F.conv2d(x, w, b, padding=1)
        if layer in ("enc2", "enc3", "code"):
            x = x[..., ::2, ::2]
        x = x * 0.25 + 0.5 if layer == "output" else x.clamp_min(0)
        maps[layer] = x
    return maps


def test_features_are_those_of_the_endless_plane():
    network = thin()
    x = image(32, 48)
    plane = reference(network, x.tile(1, 1, 7, 5))
    maps = network.features(x, network.layers)
    assert tuple(maps) == network.layers == LAYERS
    for layer, got in maps.items():
        s = network.spacing(layer)
        assert got.shape[-2:] == (32 // s, 48 // s)
        expected = plane[layer][..., 96 // s : 128 // s, 96 // s : 144 // s]
        assert_close(got, expected)


@pytest.mark.parametrize("layers", [["enc2"], ["code"], ["dec2", "enc1"], list(LAYERS)])
def test_tiles_are_cut_from_the_whole(layers):
    network = thin()
    x = image(64, 96)
    whole = network.features(x, layers)
    stride, halo = network.stride(layers), network.halo(layers)
    assert halo % stride == 0
    for top, left in ((0, 0), (24, 64)):
        part = torus.window(x, top - halo, left - halo, 32 + 2 * halo, 32 + 2 * halo)
        for layer, got in network.tile_features(part, layers, halo).items():
            s = network.spacing(layer)
            rows, columns = slice(top // s, (top + 32) // s), slice(left // s, (left + 32) // s)
            assert_close(got, whole[layer][..., rows, columns])


def test_a_smaller_halo_would_show():
    network = thin()
    halo = network.halo(["output"]) - network.stride(["output"])
    x = image(96, 96)
    part = torus.window(x, -halo, -halo, 32 + 2 * halo, 32 + 2 * halo)
    got = network.tile_features(part, ["output"], halo)["output"]
    whole = network.features(x, ["output"])["output"][..., :32, :32]
    assert (got - whole).abs().max() > 1e-6


def test_exemplar_features_do_not_know_where_the_picture_ends():
    network = thin()
    large = image(128, 128)
    for layer in ("enc3", "code", "dec2", "output"):
        kept = network.exemplar_features(large[..., 16:112, 16:112], [layer])[layer]
        s = network.spacing(layer)
        inside = network.features(large, [layer])[layer][
            ..., 16 // s : 112 // s, 16 // s : 112 // s
        ]
        rim = (inside.shape[-1] - kept.shape[-1]) // 2
        assert rim > 0
        assert_close(kept, inside[..., rim:-rim, rim:-rim])


def test_strides_and_spacings():
    network = thin()
    assert [network.spacing(layer) for layer in LAYERS] == [1, 2, 4, 8, 4, 2, 1, 1]
    assert [network.stride([layer]) for layer in LAYERS] == [1, 2, 4, 8, 8, 8, 8, 8]


def test_the_values_of_all_maps_are_counted():
    maps = thin().features(image(32, 48), LAYERS)
    values = sum(f.numel() for f in maps.values())
    doubled = sum(maps[name].numel() * 4 for name in ("code", "dec3", "dec2"))
    assert thin().values_per_texel(LAYERS) * 32 * 48 == values + doubled


def test_a_picture_of_any_size_gives_what_it_can():
    assert set(thin().exemplar_features(image(37, 50), LAYERS)) == set(LAYERS)
    maps = thin().exemplar_features(image(5, 9), LAYERS)
    assert all(min(x.shape[-2:]) >= 1 for x in maps.values())
    assert set(maps) == set(LAYERS)


def test_the_file_holds_the_network(tmp_path, home):
    network = thin().to(torch.device("cpu"), torch.float32)
    path = tmp_path / "mine.safetensors"
    path.write_bytes(autoencoder.to_bytes(network, {"steps": 3}))
    loaded, notes = weights.load(str(path))
    assert notes == []
    assert (loaded.layers, loaded.architecture) == (LAYERS, THIN)
    x = image(32, 32).float()
    for layer in LAYERS:
        assert torch.equal(*(net.features(x, [layer])[layer] for net in (loaded, network)))
    # A recipe that names it finds it again, with the same name.
    path.unlink()
    assert weights.load(loaded.name)[0].name == loaded.name
    assert loaded.name.startswith("autoencoder-")


def test_other_filters_have_another_name(tmp_path):
    names = set()
    for seed in range(2):
        path = tmp_path / f"{seed}.safetensors"
        path.write_bytes(autoencoder.to_bytes(Autoencoder.seeded(THIN, seed), {}))
        names.add(autoencoder.read(path).name)
    assert len(names) == 2


def described(**changes):
    """The metadata of a good file, changed."""
    architecture = {"encoder": [4, 6, 8], "code": 10, "decoder": [8, 6, 4], **changes}
    return {"format": "texcore autoencoder 1", "architecture": json.dumps(architecture)}


def tensors(**changes):
    made = {}
    for layer, shape in THIN.shapes().items():
        made[f"{layer}.weight"], made[f"{layer}.bias"] = torch.ones(shape), torch.ones(shape[0])
    return {**made, **changes}


DAMAGED = {
    "no-architecture": (tensors(), {"format": "texcore autoencoder 1"}),
    "no-json": (tensors(), {"format": "texcore autoencoder 1", "architecture": "{"}),
    "other": (tensors(), described(code=11)),
    "endless": (tensors(), described(encoder=[1] * 99, decoder=[1] * 99)),
    "huge": (tensors(), described(code=10**9)),
    "words": (tensors(), described(code="ten")),
    "no-list": (tensors(), described(encoder={"8": 1, "9": 2})),
    "beyond-all-numbers": (tensors(), described(code=10**400)),
    "deep": (tensors(), {"format": "texcore autoencoder 1", "architecture": "[" * 100_000}),
    "infinite-bias": (tensors(**{"code.bias": torch.full((10,), torch.inf)}), described()),
    "uneven": (tensors(), described(decoder=[8])),
    "nan": (tensors(**{"code.weight": torch.full((10, 8, 3, 3), torch.nan)}), described()),
    "bias": (tensors(**{"code.bias": torch.ones(3)}), described()),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_ends_in_a_sentence(tmp_path, damage):
    path = tmp_path / "mine.safetensors"
    made, metadata = DAMAGED[damage]
    safetensors.torch.save_file(made, path, metadata)
    with pytest.raises(BadInput, match=r"The network “mine.safetensors” is damaged"):
        weights.load(str(path))


def test_a_file_cut_short_ends_in_a_sentence(tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(autoencoder.to_bytes(thin(), {})[:-9])
    with pytest.raises(BadInput, match=r"“mine.safetensors” holds no VGG"):
        weights.load(str(path))


def test_what_is_no_autoencoder_is_not_taken_for_one(tmp_path):
    path = tmp_path / "vgg.safetensors"
    safetensors.torch.save_file({"0.weight": vgg().filters[0][0].contiguous()}, path)
    assert not autoencoder.is_autoencoder(path)
    assert not autoencoder.is_autoencoder(tmp_path / "gone.safetensors")


def test_settled_channels_vary_alike():
    x = torch.cat([image(64, 64), 0.5 * image(64, 64).roll(20, -1)])
    network = thin().settled(x)
    for layer, (w, b) in zip(LAYERS, network.filters, strict=True):
        if layer == "output":
            assert torch.equal(w, thin().filters[-1][0])
            continue
        f = network._run(x, [layer], "reflect")[layer]
        # What the rectifier left of mean 0 and variance 1: about half, of about a half's square.
        assert 0.2 < (f > 0).double().mean() < 0.8
        assert 0.3 < f.square().mean() < 0.7, layer
        assert b.abs().max() > 0
