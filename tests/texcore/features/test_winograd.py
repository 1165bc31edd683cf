import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from tests.making import bricks
from tests.texcore.features.slopes import value_and_slope
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.features import Vgg, winograd
from texcore.features.network import _padded, convolved
from texcore.features.winograd import Winograd
from texcore.runtime.context import Context
from texcore.synthesis import measuring
from texcore.synthesis.run import Synthesis

BORDERS = ("circular", "reflect", "zero")
CLOSE = {"rtol": 1e-4, "atol": 1e-4}


def made(batch, into, out, height, width, seed=0):
    """Maps, and filters whose features are about as large as the maps'."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(batch, into, height, width, generator=generator)
    w = torch.randn(out, into, 3, 3, generator=generator) / (3 * into**0.5)
    return x, w, torch.randn(out, generator=generator)


@given(
    st.integers(1, 3),
    st.integers(1, 14),
    st.integers(1, 14),
    st.sampled_from(BORDERS),
    st.integers(0, 9),
)
@settings(max_examples=40, deadline=None)
def test_it_is_the_direct_convolution_with_its_gradient(batch, height, width, border, seed):
    x, w, b = made(batch, 3, 5, height, width, seed)
    upstream = torch.randn(batch, 5, height, width, generator=torch.Generator().manual_seed(seed))
    quick = value_and_slope(lambda x: Winograd(w, b).convolve(_padded(x, 1, border)), x, upstream)
    direct = value_and_slope(lambda x: convolved(x, w, b, border).relu(), x, upstream)
    # Where a feature is zero but for rounding, either may be rectified.
    assert_close(quick[0], direct[0], **CLOSE)
    if (convolved(x, w, b, border).abs() > 1e-4).all():
        assert_close(quick[1], direct[1], **CLOSE)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("numbers", "tiles"), [(1, 1), (36 * 8 * 7, 1), (1, 60)])
def test_chunks_change_nothing_but_memory(monkeypatch, border, numbers, tiles):
    """By a row of tiles, by some rows, and by two pictures, then one; by default all at once."""
    x, w, b = made(3, 8, 8, 22, 18)
    upstream = torch.randn(3, 8, 22, 18, generator=torch.Generator().manual_seed(1))
    whole = value_and_slope(lambda x: Winograd(w, b).convolve(_padded(x, 1, border)), x, upstream)
    monkeypatch.setattr(winograd, "_CHUNK_NUMBERS", numbers)
    monkeypatch.setattr(winograd, "_CHUNK_TILES", tiles)
    monkeypatch.setattr(winograd, "_SHARED_FACTOR", 1)
    parts = value_and_slope(lambda x: Winograd(w, b).convolve(_padded(x, 1, border)), x, upstream)
    assert_close(parts, whole, rtol=1e-5, atol=1e-5)


def test_the_gradient_is_the_transpose_to_the_last_digits():
    """⟨C x, y⟩ = ⟨x, Cᵀ y⟩, with a bias so large that nothing is rectified."""
    x, w, _ = made(2, 16, 24, 13, 10)
    lift = torch.full((24,), 1000.0)
    y = torch.randn(2, 24, 13, 10, generator=torch.Generator().manual_seed(2))
    value, slope = value_and_slope(
        lambda x: Winograd(w, lift).convolve(_padded(x, 1, "circular")), x, y
    )
    there = ((value - 1000).double() * y.double()).sum()
    here = (x.double() * slope.double()).sum()
    # A feature of a thousand has digits down to 1e-4.
    assert abs(there - here) < 1e-3 * abs(here) + 0.05


def test_what_suits_it():
    _, w, _ = made(1, 32, 32, 4, 4)
    assert Winograd.suits(w)
    assert not Winograd.suits(w.double())
    assert not Winograd.suits(w.bfloat16())
    assert not Winograd.suits(w[:, :3])
    assert not Winograd.suits(w[:, :, :1, :1])
    assert Winograd.pays(torch.zeros(1, 1, 8, 16))
    assert not Winograd.pays(torch.zeros(1, 1, 4, 4))
    assert Winograd.pays(torch.zeros(8, 1, 1, 4))


LAYERS = ("conv1_1", "pool1", "pool2", "pool3", "pool4")


@pytest.fixture(scope="module")
def full():
    """A VGG of the real widths."""
    return Vgg.seeded()


def counted(monkeypatch):
    calls = []
    convolve = Winograd.convolve

    def count(self, x):
        calls.append(x.requires_grad)
        return convolve(self, x)

    monkeypatch.setattr(Winograd, "convolve", count)
    return calls


@pytest.mark.parametrize("border", BORDERS)
def test_features_are_those_of_direct_convolutions(monkeypatch, full, border):
    # Sides that no tile of the deeper layers fits into.
    image = torch.from_numpy(bricks(80, 112, 0))[None]
    cpu = torch.device("cpu")
    calls = counted(monkeypatch)
    direct = full.to(cpu, torch.float32, direct=True)._run(image, LAYERS, border)
    assert not calls
    quick = full.to(cpu, torch.float32)._run(image, LAYERS, border)
    # All up to conv4_4 but the first, whose pixels have three channels.
    assert len(calls) == 11
    for name in LAYERS:
        scale = direct[name].square().mean().sqrt()
        assert (quick[name] - direct[name]).abs().max() < 1e-4 * scale


def test_statistics_that_are_kept_are_of_the_same_convolutions(monkeypatch, full):
    monkeypatch.setattr(measuring, "_LARGE_TEXELS", 1)
    monkeypatch.setattr(measuring, "_cache", measuring.StatisticsCache(2))
    picture = torch.from_numpy(bricks(48, 48, 0))[None]
    quick, direct = (
        measuring.measure_picture(
            full.to(torch.device("cpu"), torch.float32, direct=direct), ["pool1"], picture
        )
        for direct in (False, True)
    )
    assert not torch.equal(quick["pool1"].gram, direct["pool1"].gram)
    assert_close(quick["pool1"].gram, direct["pool1"].gram, rtol=1e-3, atol=1e-3)


def test_an_old_recipe_keeps_direct_convolutions(monkeypatch, full):
    exemplar = Exemplar.of(torch.from_numpy(bricks(48, 48, 0)))
    context = Context(torch.device("cpu"))
    calls = counted(monkeypatch)
    for version, expected in ((1, 0), (2, 1)):
        recipe = Recipe(
            model="gatys", size=(32, 32), iterations=1, version=version, layers=(("pool1", 1.0),)
        )
        calls.clear()
        for _ in Synthesis(exemplar, recipe, full, context).steps():
            pass
        # With a gradient: what the exemplar is measured by has none.
        assert calls.count(True) == expected
