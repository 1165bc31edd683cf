import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from texcore.statistics import colour_moments, moment_distance


def image(seed, channels=3):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(channels, 8, 9, generator=generator, dtype=torch.float64)


@given(st.integers(0, 99), st.integers(1, 4))
def test_moments_against_numpy(seed, channels):
    x = image(seed, channels)
    flat = x.numpy().reshape(channels, -1)
    powers = np.concatenate([flat, flat**2, flat**3])
    wanted = np.array([[(a * b).mean() for b in powers] for a in powers])
    np.testing.assert_allclose(colour_moments(x).numpy(), wanted, rtol=1e-12)


@given(st.permutations(range(72)))
def test_where_a_colour_is_does_not_matter(order):
    x = image(0)
    mixed = x.flatten(1)[:, order].view_as(x)
    assert_close(colour_moments(mixed), colour_moments(x))


def test_the_same_mean_and_variance_in_another_shape_is_told_apart():
    two = torch.tensor([0.0, 1.0], dtype=torch.float64).repeat(50).view(1, 10, 10)
    three = torch.tensor([0.0, 0.5, 0.5, 1.0], dtype=torch.float64).repeat(25).view(1, 10, 10)
    three = 0.5 + (three - 0.5) * 2**0.5
    assert_close(three.mean(), two.mean())
    assert_close(three.var(), two.var())
    assert moment_distance(colour_moments(three), colour_moments(two)) > 1e-3


def test_distance_is_relative_and_has_a_gradient():
    x, target = image(1).requires_grad_(), colour_moments(image(2))
    assert moment_distance(target, target) == 0
    assert_close(moment_distance(2 * target, target), torch.ones((), dtype=torch.float64))
    assert torch.autograd.gradcheck(lambda x: moment_distance(colour_moments(x), target), (x,))


def test_a_large_image_in_parts_is_the_same(monkeypatch):
    x = image(1).requires_grad_()
    whole = colour_moments(x)
    (gradient,) = torch.autograd.grad(whole.square().sum(), x)
    monkeypatch.setattr("texcore.statistics.colour._CHUNK", 7)
    parts = colour_moments(x)
    (of_parts,) = torch.autograd.grad(parts.square().sum(), x)
    assert_close(parts, whole)
    assert_close(of_parts, gradient)
