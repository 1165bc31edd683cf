from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from tests.making import bricks, filters, vgg
from tests.texcore.features.slopes import value_and_slope
from texcore.contract.recipe import Recipe
from texcore.exemplars.exemplar import Exemplar
from texcore.features import Vgg
from texcore.features.lean import LeanConvolution
from texcore.features.network import convolved
from texcore.runtime.context import Context
from texcore.synthesis.run import Synthesis

CPU = torch.device("cpu")


def made(batch, into, out, height, width, seed):
    """Maps, filters and slopes in float64, so that only a mistake makes a difference."""
    generator = torch.Generator().manual_seed(seed)
    x, w, b = (
        torch.randn(shape, generator=generator, dtype=torch.float64)
        for shape in ((batch, into, height, width), (out, into, 3, 3), (out,))
    )
    upstream = torch.randn(batch, out, height, width, generator=generator, dtype=torch.float64)
    return x, w, b, upstream


@given(
    st.integers(1, 3),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from(("circular", "zero")),
    st.booleans(),
    st.sampled_from((torch.contiguous_format, torch.channels_last)),
    st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_it_is_the_direct_convolution_with_its_gradient(
    batch, height, width, border, pool, order, seed
):
    factor = 2 if pool else 1
    x, w, b, upstream = made(batch, 3, 5, factor * height, factor * width, seed)
    x, upstream = x.contiguous(memory_format=order), upstream[..., :height, :width].contiguous()
    before = upstream.clone()

    def directly(x):
        maps = convolved(x, w, b, border).relu()
        return F.avg_pool2d(maps, 2) if pool else maps

    lean = LeanConvolution(w, b)
    quick = value_and_slope(lambda x: lean.convolve(x, border, pool), x, upstream)
    assert_close(quick, value_and_slope(directly, x, upstream))
    assert torch.equal(upstream, before)


@pytest.mark.parametrize("convolutions", [13, 16])
@pytest.mark.parametrize("border", ["circular", "zero", "reflect"])
@pytest.mark.parametrize(
    "layers", [("conv1_1", "pool1", "pool2"), ("conv1_2", "pool1"), ("conv3_3",), ("pool4",)]
)
def test_a_network_gives_the_same_maps_either_way(convolutions, border, layers):
    # 24 × 40 texels are pooled to 3 × 5 features, whose sides are odd.
    network = Vgg(filters(convolutions), "vgg-thin")
    lean, direct = (network.to(CPU, torch.bfloat16, direct) for direct in (False, True))
    image = torch.rand(1, 3, 24, 40, generator=torch.Generator().manual_seed(0))
    found = []
    for one in (lean, direct):
        x = image.clone().requires_grad_()
        maps = one._run(x, layers, border)
        sum((f.float() ** 2).mean() for f in maps.values()).backward()
        found.append((maps, x.grad))
    assert list(found[0][0]) == list(found[1][0])
    for name, f in found[0][0].items():
        assert_close(f, found[1][0][name])
    assert (found[0][1] - found[1][1]).norm() < 0.02 * found[1][1].norm()


def test_what_suits():
    w = torch.zeros(8, 3, 3, 3, dtype=torch.bfloat16)
    assert LeanConvolution.suits(w)
    assert not LeanConvolution.suits(w.float())
    assert not LeanConvolution.suits(w.half())
    assert not LeanConvolution.suits(w[..., :1, :1])
    assert LeanConvolution.knows("circular") and LeanConvolution.knows("zero")
    assert not LeanConvolution.knows("reflect")


def test_recipes_of_version_1_are_computed_directly(monkeypatch):
    def refuse(*words):
        raise AssertionError("computed a quicker way")

    exemplar = Exemplar.of(torch.from_numpy(bricks(40, 40)))
    context = Context(CPU, torch.bfloat16)
    recipe = Recipe(size=(48, 48), iterations=1)
    network = vgg()
    of_now = Synthesis(exemplar, recipe, network, context)
    of_then = Synthesis(exemplar, replace(recipe, version=1), network, context)
    list(of_now.steps())
    monkeypatch.setattr(LeanConvolution, "convolve", refuse)
    monkeypatch.setattr("texcore.statistics.features._measure_blocks", refuse)
    list(of_then.steps())
    with pytest.raises(AssertionError, match="quicker"):
        list(Synthesis(exemplar, recipe, network, context).steps())
