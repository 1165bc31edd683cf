"""The weights that come with the offline zip: found, checked, and honest in their name."""

import pytest
import torch

from tests.making import bricks, state_dict
from texcore.contract.errors import Unavailable
from texcore.features import half, weights


@pytest.fixture
def network(tmp_path):
    """A VGG-16 in place of the published one."""
    torch.save(state_dict(13), tmp_path / "own.pth")
    return weights.load(str(tmp_path / "own.pth"))[0]


@pytest.fixture
def came_along(network, tmp_path, monkeypatch):
    """A copy of Texcore that brought that network along, in half precision."""
    folder = tmp_path / "came along"
    folder.mkdir()
    monkeypatch.setattr(half, "FOLDER", folder)
    monkeypatch.setattr(half, "SHA256", half.digest(half.halves(network)))
    half.write(network, folder / f"{half.NAME}.safetensors")
    return folder / f"{half.NAME}.safetensors"


@pytest.mark.parametrize("choice", ["auto", "vgg16", half.NAME])
def test_taken_without_a_network_and_an_empty_cache(came_along, network, choice):
    taken, notes = weights.load(choice, online=False)
    assert (taken.name, notes) == (half.NAME, [])
    assert taken.name.endswith("-f16") and taken.name != network.name
    x = torch.from_numpy(bricks(32, 32))[None]
    got, exact = (n.features(x, ["pool4"])["pool4"] for n in (taken, network))
    assert got.dtype == torch.float32
    assert not torch.equal(got, exact)
    torch.testing.assert_close(got, exact, rtol=0.01, atol=0.01 * float(exact.abs().max()))


def test_half_the_size(came_along, network):
    numbers = sum(w.numel() + b.numel() for w, b in network.filters)
    assert 2 * numbers < came_along.stat().st_size < 2 * numbers + 5000


def test_published_network_in_the_cache_is_better(came_along, network, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "_published", lambda name: network.name)
    assert weights.load("auto", online=False)[0].name == network.name


def test_same_numbers_come_of_the_published_network(came_along, network):
    for (w, b), (v, c) in zip(
        half.read(came_along).filters, half.rounded(network).filters, strict=True
    ):
        assert torch.equal(w, v) and torch.equal(b, c)
    assert half.rounded(network).name == half.NAME


def test_recipe_of_it_can_be_made_again_where_it_did_not_come_along(
    came_along, network, monkeypatch
):
    came_along.unlink()
    monkeypatch.setattr(weights, "_published", lambda name: network.name)
    again, notes = weights.load(half.NAME, online=False)
    assert (again.name, notes) == (half.NAME, [])
    assert half.digest(half.halves(again)) == half.SHA256
    assert half.NAME in weights.obtainable()


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_damaged_is_said(came_along, share):
    content = bytearray(came_along.read_bytes())
    content = content[: int(len(content) * share)] if share < 1 else content
    if share == 1:
        content[-1] ^= 1
    came_along.write_bytes(content)
    with pytest.raises(Unavailable, match="install the extension again"):
        weights.load("auto", online=False)


def test_another_network_is_not_written_under_its_name(tmp_path, network):
    with pytest.raises(Unavailable, match="is not the VGG-16"):
        half.write(network, tmp_path / "weights.safetensors")
    assert not (tmp_path / "weights.safetensors").exists()
