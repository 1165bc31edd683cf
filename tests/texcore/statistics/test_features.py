import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from texcore.statistics import FeatureStatistics, Target, measure_features
from texcore.statistics import feature_distance as target_distance
from texcore.surfaces import torus


def maps(seed, channels=5, h=6, w=7, dtype=torch.float64):
    x = torch.randn(1, channels, h, w, generator=torch.Generator().manual_seed(seed))
    return x.to(dtype).clamp_min(-0.5) + 0.5


def feature_distance(features, statistics, weight):
    return target_distance(features, Target(statistics, (("gram", 1.0), ("gap", weight))))


def naive(features, target, weight):
    f = features[0].flatten(1)
    gram, mean = f @ f.T / f.shape[1], f.mean(1)
    g = (gram - target.gram).pow(2).sum() / target.gram.pow(2).sum()
    return g + weight * (mean - target.mean).pow(2).sum() / target.mean.pow(2).sum()


@given(st.integers(0, 99), st.integers(1, 8), st.integers(1, 9), st.integers(1, 9))
def test_gram_and_mean_against_numpy(seed, channels, h, w):
    x = maps(seed, channels, h, w)
    got = measure_features(x)
    f = x.numpy()[0].reshape(channels, h * w)
    np.testing.assert_allclose(got.gram.numpy(), f @ f.T / (h * w), rtol=1e-12)
    np.testing.assert_allclose(got.mean.numpy(), f.mean(1), rtol=1e-12)


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.bfloat16, 0.02), (torch.float16, 2e-3)]
)
def test_lower_precisions_are_summed_in_float32(dtype, tolerance):
    # 300² overflows float16 as soon as it is summed over two positions.
    x = 300 * maps(0)
    exact, got = measure_features(x), measure_features(x.to(dtype))
    assert got.gram.dtype == got.mean.dtype == torch.float32
    assert_close(got.gram.double(), exact.gram, rtol=tolerance, atol=tolerance * 300**2)
    assert_close(got.mean.double(), exact.mean, rtol=tolerance, atol=tolerance * 300)


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("numbers", [1, 40, 2**18])
def test_half_precision_is_measured_in_blocks_as_well_as_at_once(monkeypatch, guided, numbers):
    monkeypatch.setattr("texcore.statistics.features._BLOCK_NUMBERS", numbers)
    x = torch.cat([maps(0), maps(1)]) if not guided else maps(0)
    guide = torch.rand(x.shape[-2:], generator=torch.Generator().manual_seed(2)) if guided else None
    in_blocks, at_once = (measure_features(x.bfloat16(), guide, direct) for direct in (False, True))
    # A guide is rounded to bfloat16 nowhere.
    assert_close(tuple(in_blocks), tuple(at_once), rtol=1e-5, atol=1e-5)


@given(st.integers(0, 99), st.sampled_from([0.0, 0.3, 1.0, 7.0]))
def test_distance_and_gradient_against_autograd(seed, weight):
    target = measure_features(maps(seed + 1000, h=9))
    x = maps(seed).requires_grad_()
    mine, plain = feature_distance(x, target, weight), naive(x, target, weight)
    assert_close(mine, plain)
    (got,) = torch.autograd.grad(3 * mine, x)
    (wanted,) = torch.autograd.grad(3 * plain, x)
    assert_close(got, wanted)


def test_gradient_against_differences():
    target = measure_features(maps(1))
    x = maps(2, h=3, w=4).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: feature_distance(x, target, 0.5), (x,))


def test_half_precision_gradients_are_close():
    target = measure_features(maps(1))
    gradients = []
    for dtype in (torch.float64, torch.bfloat16):
        x = maps(2).to(dtype).requires_grad_()
        rough = FeatureStatistics(*(t.to(torch.float64) for t in target))
        feature_distance(x, rough, 1.0).backward()
        assert x.grad.dtype == dtype
        gradients.append(x.grad.double())
    assert (gradients[1] - gradients[0]).norm() < 0.03 * gradients[0].norm()


def test_distance_is_zero_at_the_target_and_nowhere_else():
    x = maps(0)
    target = measure_features(x)
    assert float(feature_distance(x, target, 1.0)) == 0
    assert float(feature_distance(x + 0.1, target, 1.0)) > 1e-3


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_where_a_feature_stands_does_not_matter(dy, dx):
    x = maps(3)
    moved = measure_features(torus.roll(x, dy, dx))
    assert_close(tuple(moved), tuple(measure_features(x)))


@given(st.floats(0.01, 100))
def test_distance_does_not_depend_on_a_layers_scale(scale):
    x, y = maps(4), maps(5)
    plain = feature_distance(x, measure_features(y), 1.0)
    assert_close(feature_distance(scale * x, measure_features(scale * y), 1.0), plain)


def test_the_means_weight_counts_the_means_only():
    x, target = maps(6), measure_features(maps(7))
    free, held = (float(feature_distance(x, target, w)) for w in (0.0, 2.0))
    off = (x.mean((0, 2, 3)) - target.mean).square().sum() / target.mean.square().sum()
    assert held - free == pytest.approx(2 * float(off))
