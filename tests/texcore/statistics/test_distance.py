import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from texcore.contract.choices import STATISTICS
from texcore.statistics import (
    SCALINGS,
    TERMS,
    FeatureStatistics,
    Target,
    feature_distance,
    features_gradient,
    measure_features,
    statistics_distance,
    transformed,
)

CHANNELS = 5


def maps(seed, h=6, w=7):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, CHANNELS, h, w, generator=generator, dtype=torch.float64) ** 2


def guide(seed, h=6, w=7):
    weights = torch.rand(h, w, generator=torch.Generator().manual_seed(seed)).double()
    return weights / weights.sum()


TRANSFORMS = {
    "none": None,
    "units": torch.linspace(0.5, 2, CHANNELS, dtype=torch.float64),
    "one": torch.full((1,), 3.0, dtype=torch.float64),
    "projection": torch.randn(2, CHANNELS, generator=torch.Generator().manual_seed(0)).double(),
}


def test_a_recipe_can_name_every_term_and_no_other():
    assert tuple(statistic.id for statistic in STATISTICS) == TERMS


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("guided", [False, True])
def test_every_gradient_against_differences(term, scaling, transform, guided):
    t = TRANSFORMS[transform]
    wanted = transformed(measure_features(maps(1, 4, 9)), t)
    terms = ((term, 0.7), ("gap", 0.1))
    target = Target(wanted, terms, scaling, t, guide(5, 3, 4) if guided else None)
    x = maps(2, 3, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: feature_distance(x, target), (x,))


@pytest.mark.parametrize("term", TERMS)
def test_nothing_is_missing_where_everything_is_right(term):
    x = maps(3)
    target = Target(measure_features(x), ((term, 1.0),))
    assert float(feature_distance(x, target)) == 0
    assert float(feature_distance(1.1 * x, target)) > 1e-4


def test_a_transform_is_one_of_the_features():
    x = maps(4)
    for t in TRANSFORMS.values():
        if t is None:
            continue
        matrix = torch.diag(t.expand(CHANNELS)) if t.dim() == 1 else t
        moved = torch.einsum("kc,bchw->bkhw", matrix, x)
        got = transformed(measure_features(x), t)
        assert_close(tuple(got), tuple(measure_features(moved)))


@given(st.integers(0, 99))
def test_a_guide_of_whole_numbers_is_as_many_features(seed):
    x = maps(seed)
    counts = torch.randint(0, 4, (6, 7), generator=torch.Generator().manual_seed(seed)).double()
    counts[0, 0] = 1
    repeated = x[0].flatten(1).repeat_interleave(counts.flatten().long(), 1)[None, :, None]
    got = measure_features(x, counts / counts.sum())
    assert_close(tuple(got), tuple(measure_features(repeated)))


def test_parts_of_a_guide_add_up():
    x, g = maps(6), guide(7)
    parts = [measure_features(x[..., s, :], g[s]) for s in (slice(0, 2), slice(2, 6))]
    summed = FeatureStatistics(*(a + b for a, b in zip(*parts, strict=True)))
    assert_close(tuple(summed), tuple(measure_features(x, g)))
    slope = statistics_distance(summed, Target(measure_features(maps(8))))[1]
    whole = features_gradient(x, slope, g)
    for s in (slice(0, 2), slice(2, 6)):
        assert_close(features_gradient(x[..., s, :], slope, g[s]), whole[..., s, :])
