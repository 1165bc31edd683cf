"""Files of weights: the user's own, and the cache."""

import io
import os
import pickle

import numpy as np
import pytest
import safetensors.torch
import torch

from tests.making import bricks, state_dict
from texcore.contract.errors import BadInput, Unavailable
from texcore.features import Vgg, weights

X = torch.ones(1)
LAYERS = ("conv1_1", "pool1", "pool2", "conv5_3")


def maps(network):
    x = torch.from_numpy(bricks(32, 48))[None]
    return network.features(x, LAYERS)


@pytest.mark.parametrize(("convolutions", "name"), [(13, "vgg16"), (16, "vgg19")])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_state_dict_of_torchvisions_is_loaded(tmp_path, convolutions, name, suffix):
    path, state = tmp_path / f"mine{suffix}", state_dict(convolutions)
    save = torch.save if suffix == ".pth" else safetensors.torch.save_file
    save(state, path)
    network, notes = weights.load(str(path))
    assert notes == []
    assert isinstance(network, Vgg)
    assert network.name.startswith(f"{name}-")
    plain = Vgg(
        [(w, state[k[:-6] + "bias"]) for k, w in state.items() if k.endswith("t") and w.dim() == 4],
        "",
    )
    for layer, got in maps(network).items():
        assert torch.equal(got, maps(plain)[layer])


def test_the_same_file_is_kept_once(tmp_path, home):
    path = tmp_path / "mine.pth"
    torch.save(state_dict(), path)
    first, _ = weights.load(str(path))
    (kept,) = (home / "cache" / "weights").iterdir()
    assert kept.suffix == ".safetensors"
    written = kept.stat().st_ino, kept.stat().st_mtime_ns
    second, _ = weights.load(str(path))
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == written
    assert [first.name] * 2 == [second.name, kept.stem]
    for layer, got in maps(second).items():
        assert torch.equal(got, maps(first)[layer])


def test_other_weights_have_another_name(tmp_path):
    names = set()
    for seed in range(2):
        torch.save(state_dict(seed=seed), tmp_path / "mine.pth")
        names.add(weights.load(str(tmp_path / "mine.pth"))[0].name)
    assert len(names) == 2


def test_a_users_file_does_not_become_the_default(tmp_path):
    torch.save(state_dict(), tmp_path / "mine.pth")
    own = weights.load(str(tmp_path / "mine.pth"))[0].name
    assert weights.cached("vgg16") is None
    assert weights.load("auto")[0].name != own
    # By its full name, as in a recipe, it can be had again.
    (tmp_path / "mine.pth").unlink()
    assert weights.load(own)[0].name == own


def without(state, key):
    return {k: v for k, v in state.items() if k != key}


WRONG = {
    "empty": lambda: b"",
    "text": lambda: b"these are no weights\n",
    "zip": lambda: b"PK\x03\x04 cut short",
    "list": lambda: saved([torch.zeros(3)]),
    "other-network": lambda: saved({"fc.weight": torch.zeros(3, 3)}),
    "no-tensors": lambda: saved(dict.fromkeys(state_dict(), 1.0)),
    "too-few": lambda: saved(without(state_dict(), "features.28.weight")),
    "no-bias": lambda: saved(without(state_dict(), "features.5.bias")),
    "odd-shape": lambda: saved({**state_dict(), "features.5.weight": torch.zeros(8, 9, 3, 3)}),
    "odd-bias": lambda: saved({**state_dict(), "features.5.bias": torch.zeros(9)}),
}


def saved(value):
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_without_a_vgg_is_refused_in_one_sentence(tmp_path, wrong):
    path = tmp_path / "wrong.pth"
    path.write_bytes(WRONG[wrong]())
    with pytest.raises(BadInput, match=r"“wrong\.pth” holds no VGG") as refusal:
        weights.load(str(path))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.999])
def test_a_file_cut_short_is_refused(tmp_path, share):
    for suffix, save in ((".pth", torch.save), (".safetensors", safetensors.torch.save_file)):
        path = tmp_path / f"cut{suffix}"
        save(state_dict(), path)
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        with pytest.raises(BadInput):
            weights.load(str(path))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"no weights file .*nowhere\.pth"):
        weights.load(str(tmp_path / "nowhere.pth"))
    with pytest.raises(BadInput, match="vgg17"):
        weights.load("vgg17")


class Malice:
    """Makes a folder when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_runs_code_is_refused_and_not_run(tmp_path):
    trap = tmp_path / "trap"
    for protocol in (False, True):
        path = tmp_path / "evil.pth"
        torch.save(
            {**state_dict(), "x": Malice(trap)}, path, _use_new_zipfile_serialization=protocol
        )
        with pytest.raises(BadInput):
            weights.load(str(path))
        assert not trap.exists()
    # The trap is a trap.
    with path.open("rb") as file:
        torch.load(file, weights_only=False)
    assert trap.exists()


class TestArraysOnly:
    def test_reads_dictionaries_of_arrays(self):
        tree = {"a": {"kernel": np.arange(6.0).reshape(2, 3), "n": np.float32(2)}, "b": [1, "x"]}
        got = weights._ArraysOnly.loads(pickle.dumps(tree))
        np.testing.assert_array_equal(got["a"]["kernel"], tree["a"]["kernel"])
        assert got["a"]["n"] == 2
        assert got["b"] == [1, "x"]

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_refuses_code_and_does_not_run_it(self, tmp_path, protocol):
        trap = tmp_path / "trap"
        content = pickle.dumps({"kernel": Malice(trap)}, protocol)
        with pytest.raises(pickle.UnpicklingError, match="mkdir is not an array"):
            weights._ArraysOnly.loads(content)
        assert not trap.exists()
        pickle.loads(content)
        assert trap.exists()


class TestCache:
    @pytest.fixture
    def kept(self, tmp_path, home):
        torch.save(state_dict(), tmp_path / "mine.pth")
        weights.load(str(tmp_path / "mine.pth"))
        (path,) = (home / "cache" / "weights").iterdir()
        return path

    @pytest.mark.parametrize(
        "damage",
        [
            lambda content: b"",
            lambda content: content[: len(content) // 2],
            lambda content: b"\xff" * len(content),
            lambda content: safetensors.torch.save({"other": torch.zeros(2)}),
            lambda content: safetensors.torch.save(
                {f"{i}.weight": torch.ones(1) for i in range(4)}
            ),
        ],
        ids=["empty", "half", "noise", "other-names", "too-few"],
    )
    def test_damaged_says_which_file_to_delete(self, kept, tmp_path, damage):
        kept.write_bytes(damage(kept.read_bytes()))
        with pytest.raises(Unavailable, match="delete the file") as refusal:
            weights.load(str(tmp_path / "mine.pth"))
        assert str(kept) in str(refusal.value)
        kept.unlink()
        weights.load(str(tmp_path / "mine.pth"))

    def test_copied_from_another_computer_is_a_file_like_any_other(self, kept, tmp_path):
        first, _ = weights.load(str(tmp_path / "mine.pth"))
        copy = kept.rename(tmp_path / "copied.safetensors")
        again, notes = weights.load(str(copy))
        assert notes == []
        for layer, got in maps(again).items():
            assert torch.equal(got, maps(first)[layer])

    def test_that_cannot_be_written_is_said(self, tmp_path, monkeypatch):
        torch.save(state_dict(), tmp_path / "mine.pth")
        (tmp_path / "file").write_text("in the way")
        monkeypatch.setenv("TEXCORE_HOME", str(tmp_path / "file"))
        network, (note,) = weights.load(str(tmp_path / "mine.pth"))
        assert "cannot be written" in note
        assert network.name.startswith("vgg16-")
        monkeypatch.setenv("TEXCORE_HOME", str(tmp_path / "home"))
        kept, notes = weights.load(str(tmp_path / "mine.pth"))
        assert (kept.name, notes) == (network.name, [])
        for layer, got in maps(network).items():
            assert torch.equal(got, maps(kept)[layer])

    def test_interrupted_leaves_nothing_half(self, tmp_path, home, monkeypatch):
        def fail(tensors, path, metadata):
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")

        torch.save(state_dict(), tmp_path / "mine.pth")
        monkeypatch.setattr(safetensors.torch, "save_file", fail)
        _, (note,) = weights.load(str(tmp_path / "mine.pth"))
        assert "No space left" in note
        assert list((home / "cache" / "weights").iterdir()) == []
